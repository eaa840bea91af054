import type { TenantTx } from '#platform/db/db.ts'
import { instant } from '#platform/db/instants.ts'
import type { Appointment, Visit } from '../appointment.ts'
import { deleteCells } from '../capacity/sql.ts'

type Row = {
  id: string
  site_id: string
  desk_id: number
  service_ids: string[]
  status: Appointment['status']
  starts_at: Date
  ends_at: Date
  cells: number
  sequence: number
  extended: number
  record_id: string | null
  moved_at: Date | null
  moved_from: Date | null
  displaced_at: Date | null
}

const toAppointment = (row: Row): Appointment => ({
  id: row.id,
  siteId: row.site_id,
  deskId: row.desk_id,
  serviceIds: row.service_ids,
  status: row.status,
  startsAt: instant(row.starts_at),
  endsAt: instant(row.ends_at),
  cells: row.cells,
  sequence: row.sequence,
  extended: row.extended,
  recordId: row.record_id,
  moved: row.moved_at && row.moved_from && { at: instant(row.moved_at), from: instant(row.moved_from) },
  displacedAt: row.displaced_at && instant(row.displaced_at),
})

const selectAppointments = (tx: TenantTx) =>
  tx.selectFrom('appointment').selectAll().where('tenant_id', '=', tx.tenantId)

export const findAppointment = async (tx: TenantTx, id: string): Promise<Appointment | null> => {
  const row = await selectAppointments(tx).where('id', '=', id).executeTakeFirst()
  return row ? toAppointment(row) : null
}

export const lockAppointment = async (tx: TenantTx, id: string): Promise<Appointment | null> => {
  const row = await selectAppointments(tx).where('id', '=', id).forUpdate().executeTakeFirst()
  return row ? toAppointment(row) : null
}

export const lockAppointmentOfRecord = async (tx: TenantTx, recordId: string): Promise<Appointment | null> => {
  const row = await selectAppointments(tx).where('record_id', '=', recordId).forUpdate().executeTakeFirst()
  return row ? toAppointment(row) : null
}

export const countExtension = async (tx: TenantTx, id: string): Promise<void> => {
  await tx
    .updateTable('appointment')
    .set((eb) => ({ extended: eb('extended', '+', 1) }))
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}

export const insertHold = async (
  tx: TenantTx,
  hold: { id: string; siteId: string; deskId: number; serviceIds: readonly string[] } & Visit,
): Promise<void> => {
  await tx
    .insertInto('appointment')
    .values({
      tenant_id: tx.tenantId,
      id: hold.id,
      site_id: hold.siteId,
      desk_id: hold.deskId,
      service_ids: [...hold.serviceIds],
      status: 'held',
      starts_at: hold.startsAt.toString(),
      ends_at: hold.endsAt.toString(),
      cells: hold.cells,
      record_id: null,
    })
    .execute()
}

/** Makes a hold a booking, or changes one. */
export const updateAppointment = async (
  tx: TenantTx,
  id: string,
  change: {
    recordId?: string
    sequence?: number
    to?: Visit & { deskId: number }
    /** Null: none, or none any more. Left out, it stays as it is. */
    reminder?: { at: Temporal.Instant; id: string } | null
    moved?: Appointment['moved']
  },
): Promise<void> => {
  await tx
    .updateTable('appointment')
    .set({
      status: 'booked',
      displaced_at: null, // whoever moved has acted
      ...(change.reminder === undefined
        ? {}
        : { remind_at: change.reminder?.at.toString() ?? null, reminder_id: change.reminder?.id ?? null }),
      ...(change.recordId === undefined ? {} : { record_id: change.recordId }),
      ...(change.sequence === undefined ? {} : { sequence: change.sequence }),
      ...(change.to === undefined
        ? {}
        : {
            desk_id: change.to.deskId,
            starts_at: change.to.startsAt.toString(),
            ends_at: change.to.endsAt.toString(),
            cells: change.to.cells,
          }),
      ...(change.moved ? { moved_at: change.moved.at.toString(), moved_from: change.moved.from.toString() } : {}),
    })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}

/** Takes an appointment out of the database, with its cells, its wish and what was offered to it. */
export const deleteAppointment = async (tx: TenantTx, id: string): Promise<void> => {
  await deleteCells(tx, [id])
  await tx.deleteFrom('appointment').where('tenant_id', '=', tx.tenantId).where('id', '=', id).execute()
}
