import { sql } from 'kysely'
import type { TenantTx } from '#platform/db/db.ts'
import { instant } from '#platform/db/instants.ts'
import type { LookReason } from '#register/register.ts'

/*
 * The access trail: a line says who looked, for what and when, and names every record that was looked at. The rows of one
 * id are one line, a row for each record.
 */

/** How often records had been opened, and when last; one that never was is not there. */
export type LooksBefore = ReadonlyMap<string, { count: number; last: Temporal.Instant | null }>

/** Writes one line and returns what stood in the trail of these records before. */
export const insertLook = async (
  tx: TenantTx,
  look: { id: string; records: readonly string[]; at: Temporal.Instant } & LookReason,
): Promise<LooksBefore> => {
  if (look.records.length === 0) return new Map()
  const { rows } = await sql<{ record_id: string; count: number; last: Date }>`
    with looked as (
      insert into vault.access (tenant_id, id, record_id, purpose, actor, opened_at)
      select ${tx.tenantId}, ${look.id}, record, ${look.purpose}, ${look.actor}, ${look.at.toString()}
      from unnest(${look.records}::uuid[]) record
    )
    select record_id, count(*)::int as count, max(opened_at) as last from vault.access
    where tenant_id = ${tx.tenantId} and record_id = any(${look.records}::uuid[]) group by record_id`.execute(tx)
  return new Map(rows.map(({ record_id, count, last }) => [record_id, { count, last: instant(last) }]))
}

/** Deletes trail of records that are gone: what somebody left who looked while another erased. */
export const deleteOrphanedTrail = async (tx: TenantTx): Promise<void> => {
  await sql`delete from vault.access a
    where tenant_id = ${tx.tenantId}
      and not exists (select from vault.record r where r.tenant_id = a.tenant_id and r.id = a.record_id)`.execute(tx)
}
