import { sql } from 'kysely'
import type { TenantTx } from '#platform/db/db.ts'
import { instant } from '#platform/db/instants.ts'

/*
 * Which erasures, and which changes by legal holds, the file outside the database has. It is written moments after them;
 * until then a restore would undo them, and somebody has to know when these moments become hours.
 */

/** Notes that the file has the line of this id. */
export const updateWritten = async (tx: TenantTx, id: string, at: Temporal.Instant): Promise<void> => {
  for (const table of ['vault.erasure', 'vault.hold_change']) {
    await sql`update ${sql.table(table)} set written_at = ${at.toString()}
      where tenant_id = ${tx.tenantId} and id = ${id} and written_at is null`.execute(tx)
  }
}

/** Notes that the file has every line up to then: it has just been completed. */
export const updateAllWritten = async (tx: TenantTx, until: Temporal.Instant): Promise<void> => {
  await sql`update vault.erasure set written_at = ${until.toString()}
    where tenant_id = ${tx.tenantId} and written_at is null and erased_at <= ${until.toString()}`.execute(tx)
  await sql`update vault.hold_change set written_at = ${until.toString()}
    where tenant_id = ${tx.tenantId} and written_at is null and changed_at <= ${until.toString()}`.execute(tx)
}

/** When the oldest of these happened of which the file has no line. */
export const firstUnwritten = async (tx: TenantTx): Promise<Temporal.Instant | null> => {
  const { rows } = await sql<{ first: Date | null }>`
    select least(
      (select min(erased_at) from vault.erasure where tenant_id = ${tx.tenantId} and written_at is null),
      (select min(changed_at) from vault.hold_change where tenant_id = ${tx.tenantId} and written_at is null)
    ) as first`.execute(tx)
  return rows[0]?.first ? instant(rows[0].first) : null
}
