import { sql } from 'kysely'
import type { TenantTx } from '#platform/db/db.ts'
import { at } from '#platform/db/instants.ts'

/** Appointments still to come that lie, wholly or in part, in a time that is open no longer and are not marked; or are
 *  marked though their time is open again. */
export const listToSettle = async (tx: TenantTx, now: Temporal.Instant): Promise<string[]> => {
  const { rows } = await sql<{ id: string }>`
    select a.id from appointment a
    where a.tenant_id = ${tx.tenantId} and a.status = 'booked' and a.starts_at > ${at(now)} and a.displaced_at is null
      and a.id in (select appointment_id from cell where tenant_id = ${tx.tenantId} and audience = 'closed')
    union all
    select a.id from appointment a
    where a.tenant_id = ${tx.tenantId} and a.status = 'booked' and a.starts_at > ${at(now)} and a.displaced_at is not null
      and not exists (select from cell c where c.tenant_id = a.tenant_id and c.appointment_id = a.id and c.audience = 'closed')`.execute(
    tx,
  )
  return rows.map(({ id }) => id)
}

/** Whether some cell of the appointment is open no longer. */
export const isClosed = async (tx: TenantTx, id: string): Promise<boolean> => {
  const row = await tx
    .selectFrom('cell')
    .select('desk_id')
    .where('tenant_id', '=', tx.tenantId)
    .where('appointment_id', '=', id)
    .where('audience', '=', 'closed')
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

export const setDisplaced = async (tx: TenantTx, id: string, since: Temporal.Instant | null): Promise<void> => {
  await tx
    .updateTable('appointment')
    .set({ displaced_at: since === null ? null : since.toString() })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}

/** Marked appointments whose time has not come yet. */
export const countDisplaced = async (tx: TenantTx, now: Temporal.Instant): Promise<number> => {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from appointment
    where tenant_id = ${tx.tenantId} and displaced_at is not null and status = 'booked' and starts_at > ${at(now)}`.execute(
    tx,
  )
  return rows[0]?.count ?? 0
}
