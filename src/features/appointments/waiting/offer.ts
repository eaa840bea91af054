import type { TenantTx } from '#platform/db/db.ts'
import { uuid } from '#platform/random.ts'
import type { RunningTenant } from '#register/register.ts'
import { type OpenRecord, TamperedError } from '#vault/index.ts'
import { visitAt } from '../appointment.ts'
import { freeCells } from '../capacity/sql.ts'
import { takeDesk } from '../capacity/starts.ts'
import { type Concern, concernOf } from '../concern.ts'
import { newLaterLink } from '../own/later-link.ts'
import { insertHold, lockAppointment } from '../own/sql.ts'
import { looking } from '../purposes.ts'
import { declares, type Scene } from '../scene.ts'
import { bookableOf } from '../tenant.ts'
import { mailOffer } from './mails.ts'
import * as sql from './sql.ts'
import { type Freed, fittingStarts, leftOf, offersAllowed, offerUntil, type Waiting } from './wish.ts'

/*
 * Times that become free are offered, one after the other, to those who wait for something earlier. Everything that
 * frees cells calls this in its own transaction, so that nobody can take the time in between. Whatever is not offered,
 * or to nobody any more, is free for everybody.
 */

/** Whether this tenant keeps a waiting list: whether it declares the field that notes a wish. */
export const keepsWaitingList = (running: RunningTenant): boolean => declares(running, 'earlier')

/** People looked at for one freed time; who waits behind that many is not asked about this one. */
const asked = 200

/** A hold outlives its offer by this much: until the sweep has passed the time on, nobody jumps the queue. */
const passingOn = Temporal.Duration.from('PT5M')

/** Ends a wish, and an offer that is open for it. What that offer kept is free; the caller passes it on. */
export const endWish = async (
  tx: TenantTx,
  { deps }: Scene,
  { id, recordId }: { id: string; recordId: string | null },
): Promise<Freed[]> => {
  const open = await sql.findOpen(tx, id)
  if (open) await endOffer(tx, open, 'withdrawn')
  const waited = await sql.deleteWish(tx, id)
  if (waited && recordId) await deps.vault.correct(tx, recordId, { earlier: '' })
  return open ? [open] : []
}

/** Ends an offer and frees what it kept. */
export const endOffer = async (
  tx: TenantTx,
  offer: sql.Offer,
  status: Exclude<sql.Offer['status'], 'open'>,
): Promise<void> => {
  if (offer.heldId) await freeCells(tx, offer.heldId)
  await sql.endOffer(tx, offer, status)
}

/** What happens when an appointment gives up its time: it waits for nothing any more, and the time is passed on. */
export const passOn = async (
  tx: TenantTx,
  scene: Scene,
  gone: Freed & { id: string; recordId: string | null },
): Promise<void> => {
  if (!keepsWaitingList(scene.running)) return
  await offerFreed(tx, scene, [gone, ...(await endWish(tx, scene, gone))])
}

/** Offers freed times to who waits, the earliest time first, and to whoever waits longest. One freed stretch can serve
 *  several, where it is long enough; once it is used up, nobody else is looked at. */
export const offerFreed = async (tx: TenantTx, scene: Scene, freed: readonly Freed[]): Promise<void> => {
  for (const one of freed.toSorted((a, b) => Temporal.Instant.compare(a.startsAt, b.startsAt))) {
    let left = [one]
    for (const waiting of await sql.listWaiting(tx, one, { most: offersAllowed, limit: asked })) {
      const concern = concernOf(bookableOf(scene.running), waiting)
      const offer = concern && (await offerTo(tx, scene, waiting, concern, left))
      if (offer) left = left.flatMap((part) => leftOf(part, offer))
      if (left.length === 0) break
    }
  }
}

/** Offers one person one of the freed starts that fit them, and writes to them; null where nothing came of it. */
const offerTo = async (
  tx: TenantTx,
  scene: Scene,
  waiting: Waiting,
  concern: Concern,
  left: readonly Freed[],
): Promise<sql.Offer | null> => {
  const tenant = bookableOf(scene.running)
  const starts = left.flatMap((part) =>
    fittingStarts(part, concern, waiting.startsAt, tenant, scene.now).map((startsAt) => ({ ...part, startsAt })),
  )
  if (starts.length === 0) return null
  const recordId = await sql.lockWaiting(tx, waiting)
  if (recordId === null) return null
  const before = await sql.listOffered(tx, waiting.appointmentId)
  if (before.length >= offersAllowed || before.some(({ status }) => status === 'open')) return null
  const fresh = starts.filter(({ startsAt }) => !before.some((offer) => offer.startsAt.equals(startsAt)))
  for (const start of fresh) {
    const offer = await keepFor(tx, scene, waiting, concern, start)
    if (!offer) continue
    const record = await openRecord(tx, scene, recordId)
    if (!record?.fields.email) {
      await endOffer(tx, offer, 'withdrawn') // restricted meanwhile: nobody is written to
      return null
    }
    const token = await newLaterLink(tx, scene, recordId)
    await mailOffer(tx, scene, { offer, waiting, fields: record.fields, token })
    return offer
  }
  return null
}

/** Null when it is gone or restricted; also when it does not open: whoever frees a time is not stopped by a fault in the
 *  record of somebody who waits. */
const openRecord = async (tx: TenantTx, { deps }: Scene, recordId: string): Promise<OpenRecord | null> => {
  try {
    return await deps.vault.open(tx, recordId, looking.earlier)
  } catch (error) {
    if (!(error instanceof TamperedError)) throw error
    deps.log.fault('waiting list', error)
    return null
  }
}

/** Keeps a start at the freed desk for somebody; null when not all of the visit is free, or no time is left to answer. */
const keepFor = async (
  tx: TenantTx,
  scene: Scene,
  waiting: Waiting,
  concern: Concern,
  { siteId, deskId, startsAt }: Freed,
): Promise<sql.Offer | null> => {
  const until = offerUntil(scene.now, startsAt, concern.site, bookableOf(scene.running))
  if (until === null) return null
  const visit = visitAt(startsAt, concern, bookableOf(scene.running))
  const heldId = uuid(scene.deps.random)
  const hold = { siteId, appointmentId: heldId, until: until.add(passingOn) }
  if (!(await takeDesk(tx, scene, visit, deskId, hold))) return null
  await insertHold(tx, { id: heldId, siteId, deskId, serviceIds: waiting.serviceIds, ...visit })
  const { appointmentId } = waiting
  const id = uuid(scene.deps.random)
  const offer = { id, appointmentId, heldId, siteId, deskId, startsAt, endsAt: visit.endsAt, until }
  await sql.insertOffer(tx, offer, scene.now)
  return { ...offer, status: 'open' }
}

/** Returns the appointment that it was offered to; null when somebody else has passed it on. */
const passOnLapsed = async (tx: TenantTx, scene: Scene, id: string): Promise<string | null> => {
  const offer = await sql.lockLapsed(tx, id, scene.now)
  if (!offer) return null
  await endOffer(tx, offer, 'lapsed')
  await offerFreed(tx, scene, [offer])
  return offer.appointmentId
}

/** Ends a wish for which there are no more offers. The appointment is locked first, as by its person. */
const endWishIfFull = async (tx: TenantTx, scene: Scene, appointmentId: string): Promise<void> => {
  const appointment = await lockAppointment(tx, appointmentId)
  if (appointment && (await hasHadAll(tx, appointmentId))) await endWish(tx, scene, appointment)
}

/** Whether as much has been offered to this appointment as there may be. */
export const hasHadAll = async (tx: TenantTx, appointmentId: string): Promise<boolean> =>
  (await sql.listOffered(tx, appointmentId)).length >= offersAllowed

/** Passes on what was not answered in time: each offer in a transaction of its own, so that two workers do it once. */
export const sweepOffers = async (scene: Scene): Promise<void> => {
  const { deps, running, now } = scene
  if (!keepsWaitingList(running)) return
  const inTenant = <T>(work: (tx: TenantTx) => Promise<T>) => deps.db.inTenant(running.tenant.id, work)
  for (const id of await inTenant((tx) => sql.listLapsed(tx, now))) {
    try {
      const appointmentId = await inTenant((tx) => passOnLapsed(tx, scene, id))
      if (appointmentId) await inTenant((tx) => endWishIfFull(tx, scene, appointmentId))
    } catch (error) {
      deps.log.fault('waiting list', error) // the others go on
    }
  }
  await inTenant((tx) => sql.tidy(tx, now))
}

/** After a restore: who had cancelled or withdrawn waits for nothing. Nothing is offered: its time has passed by. */
export const forgetWish = async (tx: TenantTx, appointmentId: string): Promise<void> => {
  const open = await sql.findOpen(tx, appointmentId)
  if (open) await endOffer(tx, open, 'withdrawn')
  await sql.deleteWish(tx, appointmentId)
}
