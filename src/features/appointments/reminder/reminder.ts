import type { Deps } from '#features/feature.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { ticked } from '#register/form.ts'
import { decideChange } from '../appointment.ts'
import { mailReminder } from '../mails/mails.ts'
import { newLaterLink } from '../own/later-link.ts'
import type { Own } from '../own/own.ts'
import { findAppointment } from '../own/sql.ts'
import { looking } from '../purposes.ts'
import type { Scene } from '../scene.ts'
import * as sql from './sql.ts'

/** Reminders sent in one round; more wait for the next, half a minute later. */
const portion = 500

/** Sends what is due: each reminder in a transaction of its own, which marks it and queues its mail, or does neither. So
 *  two workers, or one that was killed, send it once. */
export const sendReminders = async (scene: Scene): Promise<void> => {
  const { deps, running, now } = scene
  const due = await deps.db.inTenant(running.tenant.id, (tx) => sql.listDue(tx, now, portion))
  for (const id of due) {
    try {
      await deps.db.inTenant(running.tenant.id, (tx) => remind(tx, scene, id))
    } catch (error) {
      deps.log.fault('reminder', error) // the next one goes all the same
    }
  }
}

/** A reminder that is late, as after a time without a worker, still goes; once the appointment has begun, it never does. */
const remind = async (tx: TenantTx, scene: Scene, id: string): Promise<void> => {
  const recordId = await sql.takeDue(tx, id, scene.now)
  if (recordId === null) return
  const appointment = await findAppointment(tx, id)
  if (!appointment?.recordId || decideChange(appointment, scene.now).kind !== 'possible') return
  // Null when it is erased or restricted meanwhile: then nobody is written to.
  const record = await scene.deps.vault.open(tx, appointment.recordId, looking.remind)
  if (record?.fields.reminder !== ticked) return
  const token = await newLaterLink(tx, scene, record.id)
  await mailReminder(tx, scene, { appointment, fields: record.fields, token }, recordId)
}

/** The person does without it: none comes, also not after a move, and the wish is stored no longer. */
export const stopReminder = async (tx: TenantTx, { deps }: Scene, { appointment, record }: Own): Promise<void> => {
  if (record.fields.reminder === undefined) return
  await sql.forget(tx, [appointment.id])
  await deps.vault.correct(tx, record.id, { reminder: '' })
}

/** After a restore: a reminder that went out since the backup stands in the ledger, by its envelope, and does not go again;
 *  any other that is due goes. */
export const forgetSent = async (deps: Deps, tx: TenantTx): Promise<void> => {
  const due = await sql.listDueEnvelopes(tx, deps.clock())
  const sent = await deps.vault.whichErased(tx, [...due.keys()])
  await sql.forget(
    tx,
    sent.flatMap((id) => due.get(id) ?? []),
  )
}
