import type { TenantTx } from '#platform/db/db.ts'
import { bookableSpan, orderDesks, takeoverGrace, type Visit } from '../appointment.ts'
import type { Concern } from '../concern.ts'
import type { Scene } from '../scene.ts'
import { bookableOf } from '../tenant.ts'
import * as sql from './sql.ts'

const wantedFor = (scene: Scene, siteId: string, cells: number, own: string | null): sql.Wanted => ({
  siteId,
  cells,
  stepMinutes: bookableOf(scene.running).booking.stepMinutes,
  freeBefore: scene.now.subtract(takeoverGrace),
  own,
})

const wantedOf = (scene: Scene, { site, minutes }: Concern, own: string | null): sql.Wanted =>
  wantedFor(scene, site.id, minutes / bookableOf(scene.running).booking.stepMinutes, own)

const gridOf = ({ running }: Scene, { everyMinutes }: Concern): sql.Grid => ({
  everyMinutes,
  timeZone: running.tenant.timeZone,
})

/** Times a citizen can choose from in the days from `day` on, at most `days` of them; `own` counts as free. */
export const listFreeStarts = async (
  tx: TenantTx,
  scene: Scene,
  concern: Concern,
  day: Temporal.PlainDate,
  days: number,
  own: string | null = null,
): Promise<Temporal.Instant[]> => {
  const tenant = bookableOf(scene.running)
  const span = bookableSpan(tenant, concern.site, scene.now)
  const from = day.toZonedDateTime(tenant.timeZone).toInstant()
  const until = day.add({ days }).toZonedDateTime(tenant.timeZone).toInstant()
  const wanted = wantedOf(scene, concern, own)
  const inSpan = { from: later(from, span.from), until: earlier(until, span.until) }
  return sql.listFreeStarts(tx, wanted, inSpan, gridOf(scene, concern))
}

/** The first time that can be booked at all, or null when there is none in the whole window. */
export const findFirstStart = async (
  tx: TenantTx,
  scene: Scene,
  concern: Concern,
  own: string | null = null,
): Promise<Temporal.Instant | null> => {
  const [first] = await firstStarts(
    tx,
    scene,
    concern,
    [bookableSpan(bookableOf(scene.running), concern.site, scene.now)],
    own,
  )
  return first ?? null
}

/** A day, or some in a row: from `first` until before `end`. */
export type Days = { first: Temporal.PlainDate; end: Temporal.PlainDate }

/** The first free time of each of these stretches of days, such as a day or a month, that has one. */
export const listFirstStarts = async (
  tx: TenantTx,
  scene: Scene,
  concern: Concern,
  stretches: readonly Days[],
  own: string | null = null,
): Promise<Temporal.Instant[]> => {
  const { timeZone } = scene.running.tenant
  const span = bookableSpan(bookableOf(scene.running), concern.site, scene.now)
  const midnight = (day: Temporal.PlainDate) => day.toZonedDateTime(timeZone).toInstant()
  const spans = stretches.map(({ first, end }) => ({
    from: later(midnight(first), span.from),
    until: earlier(midnight(end), span.until),
  }))
  return firstStarts(
    tx,
    scene,
    concern,
    spans.filter(({ from, until }) => Temporal.Instant.compare(from, until) < 0),
    own,
  )
}

const firstStarts = (
  tx: TenantTx,
  scene: Scene,
  concern: Concern,
  spans: readonly sql.Span[],
  own: string | null,
): Promise<Temporal.Instant[]> =>
  sql.listFirstFreeStarts(tx, wantedOf(scene, concern, own), spans, gridOf(scene, concern))

const later = (a: Temporal.Instant, b: Temporal.Instant) => (Temporal.Instant.compare(a, b) > 0 ? a : b)
const earlier = (a: Temporal.Instant, b: Temporal.Instant) => (Temporal.Instant.compare(a, b) < 0 ? a : b)

/** Takes the visit at the desk with the fewest bookings of that day; null when every desk is taken by now. */
export const takeAnyDesk = async (
  tx: TenantTx,
  scene: Scene,
  visit: Visit,
  take: { siteId: string; appointmentId: string; until: Temporal.Instant | 'infinity'; own: string | null },
): Promise<number | null> => {
  const wanted = wantedFor(scene, take.siteId, visit.cells, take.own)
  const start = visit.startsAt.toZonedDateTimeISO(scene.running.tenant.timeZone).startOfDay()
  const day = { from: start.toInstant(), until: start.add({ days: 1 }).toInstant() }
  for (const deskId of orderDesks(await sql.listFreeDesks(tx, wanted, visit, day), scene.deps.random)) {
    if (await sql.takeCells(tx, wanted, visit, { deskId, appointmentId: take.appointmentId, until: take.until }))
      return deskId
  }
  return null
}

/** Takes the visit at this desk and at no other; false when not all of it is free, or somebody is just taking a part of it:
 *  who takes a time for somebody else waits for nobody. */
export const takeDesk = (
  tx: TenantTx,
  scene: Scene,
  visit: Visit,
  deskId: number,
  take: { siteId: string; appointmentId: string; until: Temporal.Instant },
): Promise<boolean> => {
  const { siteId, appointmentId, until } = take
  const wanted = wantedFor(scene, siteId, visit.cells, null)
  return sql.takeCells(tx, wanted, visit, { deskId, appointmentId, until, skipLocked: true })
}
