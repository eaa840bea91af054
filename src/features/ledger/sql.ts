import { sql } from 'kysely'
import type { TenantTx } from '#platform/db/db.ts'

/*
 * Which erasures the file outside the database has. It is written moments after them; until then a restore would bring
 * back what they erased, and somebody has to know when these moments become hours.
 */

/** Notes that the file has the line of this erasure. */
export const updateWritten = async (tx: TenantTx, id: string, at: Temporal.Instant): Promise<void> => {
  await sql`update vault.erasure set written_at = ${at.toString()}
    where tenant_id = ${tx.tenantId} and id = ${id} and written_at is null`.execute(tx)
}

/** Notes that the file has every erasure up to then: it has just been completed. */
export const updateAllWritten = async (tx: TenantTx, until: Temporal.Instant): Promise<void> => {
  await sql`update vault.erasure set written_at = ${until.toString()}
    where tenant_id = ${tx.tenantId} and written_at is null and erased_at <= ${until.toString()}`.execute(tx)
}

/** When the oldest erasure happened of which the file has no line. */
export const firstUnwritten = async (tx: TenantTx): Promise<Temporal.Instant | null> => {
  const { rows } = await sql<{ first: Date | null }>`
    select min(erased_at) as first from vault.erasure
    where tenant_id = ${tx.tenantId} and written_at is null`.execute(tx)
  return rows[0]?.first ? Temporal.Instant.fromEpochMilliseconds(rows[0].first.getTime()) : null
}
