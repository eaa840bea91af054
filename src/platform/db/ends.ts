import { sql } from 'kysely'
import type { TenantTx } from './db.ts'
import { instant } from './instants.ts'
import type { Tables } from './tables.ts'

/** Tables whose rows say in `erase_at` when they go; null: their time has not begun. What lies in the vault goes by its
 *  own functions. */
type Ending = { [T in keyof Tables]: 'erase_at' extends keyof Tables[T] ? T : never }[Exclude<
  keyof Tables,
  `vault.${string}`
>]

/** Erases the rows whose end has come. */
export const deleteEnded = async (tx: TenantTx, table: Ending, now: Temporal.Instant): Promise<void> => {
  await sql`delete from ${sql.table(table)}
    where tenant_id = ${tx.tenantId} and erase_at <= ${now.toString()}::timestamptz`.execute(tx)
}

/** The end that comes first, or came first and was not kept. */
export const firstEnd = async (tx: TenantTx, table: Ending): Promise<Temporal.Instant | null> => {
  const { rows } = await sql<{ first: Date | null }>`
    select min(erase_at) as first from ${sql.table(table)} where tenant_id = ${tx.tenantId}`.execute(tx)
  return rows[0]?.first ? instant(rows[0].first) : null
}
