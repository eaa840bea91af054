import { recordConsent, recordWithdrawal } from '#features/consent/index.ts'
import type { TenantTx } from '#platform/db/db.ts'
import type { Language } from '#platform/i18n/translate.ts'
import { newReference } from '#platform/reference.ts'
import { erasureRequested, getActivity, type RunningTenant } from '#register/register.ts'
import { decideChange, decideMove, isOffered, visitAt } from '../appointment.ts'
import * as capacity from '../capacity/sql.ts'
import { takeAnyDesk } from '../capacity/starts.ts'
import { concernOf } from '../concern.ts'
import { countCancelled } from '../counts/counts.ts'
import { mailBooked, mailCancelled, mailLink, mailMoved } from '../mails/mails.ts'
import { newOnlyLink } from '../own/later-link.ts'
import type { Own } from '../own/own.ts'
import * as sql from '../own/sql.ts'
import { type Issued, issueReceipt, lastDone, receiptForMail } from '../receipts/receipt.ts'
import { planReminder } from '../reminder/plan.ts'
import { activityId, type Scene } from '../scene.ts'
import { bookableOf } from '../tenant.ts'
import { forgetWish, passOn } from '../waiting/offer.ts'
import { type Full, idOfTwice, isSameDay, leaveDay, type Places } from './places.ts'

/*
 * What can happen to an appointment, from its booking on; held.ts: before. Each function runs within the caller's transaction and leaves behind, on commit,
 * a whole appointment with its record, its consent and its mail, or nothing.
 */

export type BookingRequest = {
  holdId: string
  /** The capability of the manage link to be. The form brings it, so that sending twice books once and leads to the same
   *  page. */
  token: string
  fields: Readonly<Record<string, string>>
  language: Language
}

/** `caller-full`: whoever books has no place left. */
export type Booked = { kind: 'booked' } | { kind: 'taken' } | { kind: 'cancelled' } | { kind: 'caller-full'; of: Full }

/** Makes a booking of a hold. An expired hold that nobody took is as good as a fresh one. `places`: of whoever books. */
export const bookHeld = async (
  tx: TenantTx,
  scene: Scene,
  request: BookingRequest,
  places: Places,
): Promise<Booked> => {
  const { deps, running, now } = scene
  const held = await sql.lockAppointment(tx, request.holdId)
  if (held === null || held.status === 'cancelled') return { kind: 'cancelled' }
  if (held.status === 'booked' && held.recordId) {
    return (await deps.vault.matches(tx, held.recordId, 'manageLink', request.token))
      ? { kind: 'booked' }
      : { kind: 'taken' }
  }
  if (held.status !== 'held' || !concernOf(bookableOf(running), held)) return { kind: 'taken' }
  if (Temporal.Instant.compare(held.startsAt, now) <= 0) return { kind: 'taken' }
  const full = await places.book(tx, held, request.fields.email)
  if (full) return { kind: 'caller-full', of: full }
  if ((await capacity.bookHeldCells(tx, held.id)) !== held.cells) {
    await capacity.freeCells(tx, held.id)
    await places.giveBack(tx, held.id)
    return { kind: 'taken' }
  }
  const activity = getActivity(running, activityId)
  const fields = {
    ...request.fields,
    service: held.serviceIds.join(','),
    place: held.siteId,
    appointmentAt: held.startsAt.toString(),
    bookedAt: now.toString(),
    ...(activity.consent ? { consentGivenAt: now.toString() } : {}),
    reference: newReference(deps.random),
    manageLink: request.token,
    language: request.language,
  }
  const recordId = await deps.vault.put(tx, activityId, fields, { 'appointment.ended': held.endsAt })
  const reminder = planReminder(scene, fields, held.startsAt)
  await sql.updateAppointment(tx, held.id, { recordId, reminder })
  if (activity.consent)
    await recordConsent(tx, { activity, language: request.language, recordId, at: now, random: deps.random })
  const appointment = { ...held, recordId }
  const receipt = await receiptForMail(tx, scene, lastDone(appointment, fields), fields)
  await mailBooked(tx, scene, { appointment, fields, token: request.token, receipt })
  return { kind: 'booked' }
}

export type Moved =
  | { kind: 'moved' }
  | { kind: 'taken' }
  | { kind: 'not-offered' }
  | { kind: 'gone' }
  | { kind: 'too-late' }
  | { kind: 'too-often' }
  | { kind: 'caller-full' }

/** Moves an appointment: takes the new time, overlapping the old one or not, and only then frees the old. `places`: of
 *  whoever chose the new time; without them nobody counts. */
export const moveBooked = async (
  tx: TenantTx,
  scene: Scene,
  own: Own,
  startsAt: Temporal.Instant,
  token: string,
  places: Places | null = null,
): Promise<Moved> => {
  const { running, now, deps } = scene
  const { appointment } = own
  const change = decideChange(appointment, now)
  if (change.kind !== 'possible') return change
  if (Temporal.Instant.compare(appointment.startsAt, startsAt) === 0) return { kind: 'moved' } // sent twice
  if (places && decideMove(appointment, now).kind !== 'possible') return { kind: 'too-often' }
  const concern = concernOf(bookableOf(running), appointment)
  if (!concern || !isOffered(startsAt, concern, bookableOf(running), now)) return { kind: 'not-offered' }
  const visit = visitAt(startsAt, concern, bookableOf(running))
  // Who has to move because the authority closed the time takes nothing more than they had.
  const counts = appointment.displacedAt === null ? places : null
  if (await counts?.move(tx, appointment, visit)) return { kind: 'caller-full' }
  const deskId = await takeAnyDesk(tx, scene, visit, {
    siteId: appointment.siteId,
    appointmentId: appointment.id,
    until: 'infinity',
    own: appointment.id,
  })
  if (deskId === null) {
    await counts?.giveBackMove(tx, appointment, visit)
    return { kind: 'taken' }
  }
  await capacity.freeCells(tx, appointment.id, { ...visit, deskId })
  if (!isSameDay(scene, appointment.startsAt, startsAt)) await leaveDay(tx, scene, appointment)
  const moved = {
    ...appointment,
    ...visit,
    deskId,
    sequence: appointment.sequence + 1,
    moved: { at: now, from: appointment.startsAt },
    displacedAt: null,
  }
  await sql.updateAppointment(tx, appointment.id, {
    sequence: moved.sequence,
    to: { ...visit, deskId },
    reminder: planReminder(scene, own.record.fields, startsAt),
    moved: moved.moved,
  })
  await deps.vault.correct(tx, own.record.id, { appointmentAt: startsAt.toString() })
  await deps.vault.happened(tx, own.record.id, 'appointment.ended', visit.endsAt)
  const { fields } = own.record
  const receipt = await receiptForMail(tx, scene, lastDone(moved, fields), fields)
  await mailMoved(tx, scene, { appointment: moved, fields, token, receipt })
  await passOn(tx, scene, appointment)
  return { kind: 'moved' }
}

/** Gives an appointment a new link, by mail as well, and ends those it had: for who fears that somebody else has one. */
export const renewLink = async (tx: TenantTx, scene: Scene, { appointment, record }: Own): Promise<string> => {
  const token = await newOnlyLink(tx, scene, record.id)
  await mailLink(tx, scene, { appointment, fields: record.fields, token })
  return token
}

export type Cancelled =
  | { kind: 'cancelled'; restricted: boolean; receipt: Issued }
  | { kind: 'gone' }
  | { kind: 'too-late' }

/** Cancels: the time is free again, the appointment becomes a number, the record is erased in this transaction, or
 *  restricted if it is under a legal hold, and a mail says so. */
export const cancelBooked = async (tx: TenantTx, scene: Scene, own: Own): Promise<Cancelled> => {
  const change = decideChange(own.appointment, scene.now)
  if (change.kind !== 'possible') return change
  const end = await scene.deps.vault.happened(tx, own.record.id, 'appointment.cancelled', scene.now)
  const receipt = await release(tx, scene, own, 'cancelled', end === 'restricted')
  await countCancelled(tx, scene, own.appointment.id)
  return { kind: 'cancelled', restricted: end === 'restricted', receipt }
}

/** `receipt`: that the appointment is cancelled; null when none was to come. */
export type Ended = { receipt: Issued | null; restricted: boolean }

/** Withdraws the consent to one booking: whatever state it is in, its record is erased in this transaction, or restricted
 *  if it is under a legal hold, and nothing counts it; one still to come is cancelled with it, and a mail says so. */
export const withdrawBooked = async (tx: TenantTx, scene: Scene, own: Own): Promise<Ended> => {
  await recordWithdrawal(tx, own.record.id, scene.now)
  return endBooked(tx, scene, own, { trigger: 'consent.withdrawn', why: 'withdrawn' })
}

/** Erases one booking because the person asks for it, where there is no consent to withdraw; otherwise the same. */
export const eraseBooked = (tx: TenantTx, scene: Scene, own: Own): Promise<Ended> =>
  endBooked(tx, scene, own, { trigger: erasureRequested, why: 'erased' })

const endBooked = async (
  tx: TenantTx,
  scene: Scene,
  own: Own,
  { trigger, why }: { trigger: string; why: 'withdrawn' | 'erased' },
): Promise<Ended> => {
  const wasToCome = decideChange(own.appointment, scene.now).kind === 'possible'
  const end = await scene.deps.vault.happened(tx, own.record.id, trigger, scene.now)
  const receipt = wasToCome ? await release(tx, scene, own, why, end === 'restricted') : null
  await sql.deleteAppointment(tx, own.appointment.id)
  return { receipt, restricted: end === 'restricted' }
}

/** Frees the time, tells the person and passes the time on; what becomes of the appointment's row is the caller's. */
const release = async (
  tx: TenantTx,
  scene: Scene,
  own: Own,
  why: 'cancelled' | 'withdrawn' | 'erased',
  restricted: boolean,
): Promise<Issued> => {
  const sequence = own.appointment.sequence + 1
  await capacity.freeCells(tx, own.appointment.id)
  await leaveDay(tx, scene, own.appointment)
  await scene.deps.limits.giveBack(tx, idOfTwice(own.appointment.id))
  const { fields } = own.record
  const act = why === 'erased' ? ('cancelled' as const) : why
  const done = { act, appointment: own.appointment, reference: fields.reference ?? '', doneAt: scene.now }
  const receipt = await receiptForMail(tx, scene, done, fields)
  const about = { appointment: { ...own.appointment, sequence }, fields, restricted, receipt }
  await mailCancelled(tx, scene, about, why)
  await passOn(tx, scene, own.appointment)
  return issueReceipt(tx, scene, done)
}

/** After a restore: whose record was erased since the backup, or restricted under a hold, has cancelled or withdrawn, so the
 *  time is free again, and a withdrawal stands in the proof of the consent. What was cancelled is counted, as it was then;
 *  what was withdrawn or erased is not. No mail: it went out at the time. */
export const releaseAgain = async (
  tx: TenantTx,
  running: RunningTenant | undefined,
  gone: { records: readonly string[]; trigger: string | null; at: Temporal.Instant },
): Promise<void> => {
  for (const recordId of gone.records) {
    if (gone.trigger === 'consent.withdrawn') await recordWithdrawal(tx, recordId, gone.at)
    const appointment = await sql.lockAppointmentOfRecord(tx, recordId)
    // Its period was over: the visit took place and is counted with its day.
    if (!appointment || gone.trigger === 'appointment.ended') continue
    await forgetWish(tx, appointment.id)
    await capacity.freeCells(tx, appointment.id)
    if (gone.trigger === 'appointment.cancelled' && running) await countCancelled(tx, { running }, appointment.id)
    else await sql.deleteAppointment(tx, appointment.id)
  }
}
