import { findMissing } from '#features/mail/index.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { isUuid } from '#platform/random.ts'
import { decideChange } from '../appointment.ts'
import type { Own } from '../own/own.ts'
import { looking } from '../purposes.ts'
import type { Scene } from '../scene.ts'
import { endOffer, endWish, hasHadAll, keepsWaitingList, offerFreed } from './offer.ts'
import * as sql from './sql.ts'

/*
 * What a person with an appointment can do about something earlier: wait, stop waiting, decline an offer. Accepting one moves
 * the appointment: booking/accept.ts.
 */

/** How an appointment stands to the waiting list: it cannot wait, does not, does, has an offer, or had as many as there are. */
export type State =
  | { kind: 'none' }
  | { kind: 'possible' }
  | { kind: 'waiting'; since: Temporal.Instant }
  | { kind: 'offered'; offer: sql.Offer }
  | { kind: 'enough' }

/** Only who can be written to can begin to wait, and only for something before an appointment that is still to come. */
export const stateOf = async (tx: TenantTx, scene: Scene, { appointment, record }: Own): Promise<State> => {
  const possible =
    keepsWaitingList(scene.running) &&
    Boolean(record.fields.email) &&
    decideChange(appointment, scene.now).kind === 'possible'
  if (!possible) return { kind: 'none' }
  const since = await sql.findWish(tx, appointment.id)
  const open = since && (await sql.findOpen(tx, appointment.id))
  if (open && isOpen(open, scene)) return { kind: 'offered', offer: open }
  if (await hasHadAll(tx, appointment.id)) return { kind: 'enough' }
  if (since) return { kind: 'waiting', since }
  // Whose mails do not arrive cannot be told that something is free.
  return (await findMissing(tx, appointment.id)) ? { kind: 'none' } : { kind: 'possible' }
}

/** Whether an offer can still be answered. */
export const isOpen = (offer: sql.Offer, { now }: Scene): boolean =>
  offer.status === 'open' && Temporal.Instant.compare(now, offer.until) < 0

/** Begins to wait, or goes on waiting. False where that is not possible. */
export const joinList = async (tx: TenantTx, scene: Scene, own: Own): Promise<boolean> => {
  const { kind } = await stateOf(tx, scene, own)
  if (kind === 'none' || kind === 'enough') return false
  const wish = { appointmentId: own.appointment.id, recordId: own.record.id, at: scene.now }
  if (await sql.insertWish(tx, wish)) {
    await scene.deps.vault.correct(tx, own.record.id, { earlier: scene.now.toString() })
    await scene.deps.vault.addPurpose(tx, own.record.id, looking.earlier)
  }
  return true
}

/** Stops waiting; a time that was kept is passed on. */
export const leaveList = async (tx: TenantTx, scene: Scene, own: Own): Promise<void> => {
  if (!keepsWaitingList(scene.running)) return
  await offerFreed(tx, scene, await endWish(tx, scene, own.appointment))
}

/** An offer to this appointment that can still be accepted; null when there is none of this id. */
export const findOffer = async (tx: TenantTx, scene: Scene, own: Own, id: string): Promise<sql.Offer | null> => {
  const offer = await sql.findOpen(tx, own.appointment.id)
  return offer?.id === id && isOpen(offer, scene) ? offer : null
}

/** Whether this appointment stands where the offer of this id has brought it. */
export const hasAccepted = async (tx: TenantTx, own: Own, id: string): Promise<boolean> =>
  (await sql.listOffered(tx, own.appointment.id)).some((offer) => offer.id === id && offer.status === 'accepted')

/** Declines an offer: its time goes to the next at once. Whoever declines goes on waiting, or not. */
export const declineOffer = async (
  tx: TenantTx,
  scene: Scene,
  own: Own,
  { id, goOn }: { id: string; goOn: boolean },
): Promise<void> => {
  const offer = isUuid(id) ? await sql.lockOffer(tx, own.appointment.id, id) : null
  if (offer?.status === 'open') {
    await endOffer(tx, offer, 'declined')
    await offerFreed(tx, scene, [offer])
  }
  if (!goOn || (await hasHadAll(tx, own.appointment.id))) await leaveList(tx, scene, own)
}
