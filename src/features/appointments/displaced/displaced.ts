import type { Deps } from '#features/feature.ts'
import type { Measure } from '#features/work.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { hoursOf } from '#register/opening-hours.ts'
import type { RunningTenant } from '#register/register.ts'
import type { Appointment } from '../appointment.ts'
import { freeCells } from '../capacity/sql.ts'
import { findFirstStart, listFreeStarts, takeAnyDesk } from '../capacity/starts.ts'
import { concernOf } from '../concern.ts'
import { laterLinkIfDeclared } from '../own/later-link.ts'
import * as booking from '../own/sql.ts'
import { looking } from '../purposes.ts'
import type { Scene } from '../scene.ts'
import { bookableOf } from '../tenant.ts'
import { mailDisplaced } from './mails.ts'
import * as sql from './sql.ts'

/*
 * An appointment whose time has been closed stands until its person acts. It is marked once, and its person is told once;
 * both are undone when the closure is.
 */

/** How many other times are offered, and from how many days they are taken. */
const choices = 3
const choiceDays = 14

/** The next free times for the same concern, at most three. */
export const freeInstead = async (
  tx: TenantTx,
  scene: Scene,
  appointment: Appointment,
): Promise<Temporal.Instant[]> => {
  const concern = concernOf(bookableOf(scene.running), appointment)
  const first = concern && (await findFirstStart(tx, scene, concern))
  if (!first) return []
  const day = first.toZonedDateTimeISO(scene.running.tenant.timeZone).toPlainDate()
  return (await listFreeStarts(tx, scene, concern, day, choiceDays)).slice(0, choices)
}

/** Why there are other hours than usual on the appointment's day, if somebody wrote it down. */
export const reasonOf = ({ tenant }: RunningTenant, appointment: Appointment) => {
  const site = tenant.sites.find(({ id }) => id === appointment.siteId)
  const day = appointment.startsAt.toZonedDateTimeISO(tenant.timeZone).toPlainDate()
  return site ? hoursOf(day, site, tenant).reason : null
}

/** Whether the visit could go to another desk at the same time: then nothing changes for its person. */
const changesDesk = async (tx: TenantTx, scene: Scene, appointment: Appointment): Promise<boolean> => {
  const { id, siteId, startsAt, endsAt, cells } = appointment
  const visit = { startsAt, endsAt, cells }
  const deskId = await takeAnyDesk(tx, scene, visit, { siteId, appointmentId: id, until: 'infinity', own: null })
  if (deskId === null) return false
  await freeCells(tx, id, { ...visit, deskId })
  await booking.updateAppointment(tx, id, { to: { ...visit, deskId } })
  return true
}

/** Marks or unmarks one appointment and queues the mail, within one transaction. Who comes second, another worker or a
 *  restart, waits for the lock and finds it done. */
const settle = async (tx: TenantTx, scene: Scene, id: string): Promise<void> => {
  const appointment = await booking.lockAppointment(tx, id)
  if (appointment?.status !== 'booked') return
  const isClosed = await sql.isClosed(tx, id)
  if (isClosed === (appointment.displacedAt !== null)) return
  if (isClosed && (await changesDesk(tx, scene, appointment))) return
  await sql.setDisplaced(tx, id, isClosed ? scene.now : null)
  if (appointment.recordId === null) return
  const record = await scene.deps.vault.open(tx, appointment.recordId, looking.closure)
  if (!record?.fields.email) return
  await mailDisplaced(tx, scene, {
    appointment,
    fields: record.fields,
    token: await laterLinkIfDeclared(tx, scene, record.id),
    closed: isClosed
      ? { reason: reasonOf(scene.running, appointment), free: await freeInstead(tx, scene, appointment) }
      : null,
  })
}

/** Notices which appointments a change of the opening hours has left without an open office, or given it back to: each in
 *  a transaction of its own. */
export const settleDisplaced = async (scene: Scene): Promise<void> => {
  const { deps, running, now } = scene
  const ids = await deps.db.inTenant(running.tenant.id, (tx) => sql.listToSettle(tx, now))
  for (const id of ids) {
    try {
      await deps.db.inTenant(running.tenant.id, (tx) => settle(tx, scene, id))
    } catch (error) {
      deps.log.fault('displaced appointment', error) // the others are told all the same
    }
  }
}

export const measureDisplaced = async (deps: Deps, running: RunningTenant): Promise<Measure[]> => [
  {
    name: 'appointments_displaced',
    about: 'Appointments to come that lie in a time closed since, and that nobody has moved or cancelled yet.',
    labels: {},
    value: await deps.db.inTenant(running.tenant.id, (tx) => sql.countDisplaced(tx, deps.clock())),
  },
]
