import type { TenantTx } from '#platform/db/db.ts'
import { uuid } from '#platform/random.ts'
import { extensions, isOffered, visitAt } from '../appointment.ts'
import * as capacity from '../capacity/sql.ts'
import { takeAnyDesk } from '../capacity/starts.ts'
import type { Concern } from '../concern.ts'
import * as sql from '../own/sql.ts'
import type { Scene } from '../scene.ts'
import { bookableOf } from '../tenant.ts'
import type { Full, Places } from './places.ts'

/* What can happen to a time that somebody holds. Each function runs within the caller's transaction. */

export type Held =
  | { kind: 'held'; id: string; until: Temporal.Instant }
  | { kind: 'caller-full'; of: Full }
  | { kind: 'taken' }
  | { kind: 'not-offered' }

/** Keeps a time for a while. No personal datum yet: a hold is a desk, a time and a concern. `previousId`: the hold that
 *  the person had until now; its time counts as free for the new one and is given up for it, and so does its place.
 *  `places`: of whoever holds. */
export const holdTime = async (
  tx: TenantTx,
  scene: Scene,
  concern: Concern,
  startsAt: Temporal.Instant,
  previousId: string | null,
  places: Places,
): Promise<Held> => {
  const tenant = bookableOf(scene.running)
  if (!isOffered(startsAt, concern, tenant, scene.now)) return { kind: 'not-offered' }
  const id = uuid(scene.deps.random)
  const visit = visitAt(startsAt, concern, tenant)
  const until = scene.now.add({ minutes: tenant.booking.holdMinutes })
  const locked = previousId === null ? null : await sql.lockAppointment(tx, previousId)
  const previous = locked?.status === 'held' ? locked.id : null
  const siteId = concern.site.id
  const full = await places.hold(tx, { id, siteId, ...visit }, until, previous)
  if (full) return { kind: 'caller-full', of: full }
  const deskId = await takeAnyDesk(tx, scene, visit, { siteId, appointmentId: id, until, own: previous })
  if (deskId === null) {
    await places.giveBack(tx, id)
    return { kind: 'taken' }
  }
  await sql.insertHold(tx, { id, siteId, deskId, serviceIds: concern.services.map((one) => one.id), ...visit })
  if (previous !== null) {
    await capacity.freeCells(tx, previous)
    await places.giveBack(tx, previous)
  }
  return { kind: 'held', id, until }
}

export type Extended =
  | { kind: 'extended'; until: Temporal.Instant }
  | { kind: 'caller-full'; of: Full }
  | { kind: 'enough' }
  | { kind: 'taken' }

/** Pressing twice is no second extension: it has to gain so much. */
const gain = { minutes: 1 }

/** Keeps a held time for longer, as often as `extensions` says. One that ran out and that nobody took is as good, if its
 *  caller has a place for it. */
export const extendHold = async (tx: TenantTx, scene: Scene, holdId: string, places: Places): Promise<Extended> => {
  const held = await sql.lockAppointment(tx, holdId)
  if (held?.status !== 'held') return { kind: 'taken' }
  const before = await capacity.findHeldUntil(tx, held)
  const until = scene.now.add({ minutes: bookableOf(scene.running).booking.holdMinutes })
  if (before && Temporal.Instant.compare(until.subtract(gain), before) < 0) return { kind: 'extended', until: before }
  if (held.extended >= extensions) return { kind: 'enough' }
  const full = await places.extend(tx, held, until)
  if (full) return { kind: 'caller-full', of: full }
  if ((await capacity.extendCells(tx, held.id, until)) !== held.cells) {
    await capacity.freeCells(tx, held.id)
    await places.giveBack(tx, held.id)
    return { kind: 'taken' }
  }
  await sql.countExtension(tx, held.id)
  return { kind: 'extended', until }
}

export type Released = { kind: 'released' } | { kind: 'gone' }

/** Frees a held time that is not wanted any more. */
export const releaseHold = async (tx: TenantTx, holdId: string, places: Places): Promise<Released> => {
  const held = await sql.lockAppointment(tx, holdId)
  const until = held?.status === 'held' ? await capacity.findHeldUntil(tx, held) : null
  if (!held || !until) return { kind: 'gone' }
  await capacity.freeCells(tx, held.id)
  await places.giveBack(tx, held.id)
  return { kind: 'released' }
}
