import type { TenantTx } from '#platform/db/db.ts'
import { bookableSpan, isOnGrid, orderDesks, type Service, takeoverGrace, type Visit } from '../appointment.ts'
import { type Scene, siteOf } from '../scene.ts'
import * as sql from './sql.ts'

const wantedFor = (scene: Scene, visit: { cells: number }, own: string | null): sql.Wanted => ({
  siteId: siteOf(scene.running).id,
  cells: visit.cells,
  stepMinutes: scene.running.tenant.booking.stepMinutes,
  freeBefore: scene.now.subtract(takeoverGrace),
  own,
})

/** Times a citizen can choose from in the days from `day` on, at most `days` of them; `own` counts as free. */
export const listOffers = async (
  tx: TenantTx,
  scene: Scene,
  service: Service,
  day: Temporal.PlainDate,
  days: number,
  own: string | null = null,
): Promise<Temporal.Instant[]> => {
  const { tenant } = scene.running
  const span = bookableSpan(tenant, scene.now)
  const from = day.toZonedDateTime(tenant.timeZone).toInstant()
  const until = day.add({ days }).toZonedDateTime(tenant.timeZone).toInstant()
  const cells = service.minutes / tenant.booking.stepMinutes
  const wanted = wantedFor(scene, { cells }, own)
  const starts = await sql.listFreeStarts(tx, wanted, later(from, span.from), earlier(until, span.until))
  return starts.filter((start) => isOnGrid(start, service, tenant))
}

/** The first day with a free time for this service, or null when there is none in the whole window. */
export const findFirstDay = async (
  tx: TenantTx,
  scene: Scene,
  service: Service,
  own: string | null = null,
): Promise<Temporal.PlainDate | null> => {
  const { tenant } = scene.running
  const span = bookableSpan(tenant, scene.now)
  const cells = service.minutes / tenant.booking.stepMinutes
  const first = await sql.findFirstFreeStart(tx, wantedFor(scene, { cells }, own), span.from, span.until, {
    everyMinutes: service.everyMinutes,
    timeZone: tenant.timeZone,
  })
  return first?.toZonedDateTimeISO(tenant.timeZone).toPlainDate() ?? null
}

const later = (a: Temporal.Instant, b: Temporal.Instant) => (Temporal.Instant.compare(a, b) > 0 ? a : b)
const earlier = (a: Temporal.Instant, b: Temporal.Instant) => (Temporal.Instant.compare(a, b) < 0 ? a : b)

/** Takes the visit at the desk with the fewest bookings of that day; null when every desk is taken by now. */
export const takeAnyDesk = async (
  tx: TenantTx,
  scene: Scene,
  visit: Visit,
  take: { appointmentId: string; until: Temporal.Instant | 'infinity'; own: string | null },
): Promise<number | null> => {
  const wanted = wantedFor(scene, visit, take.own)
  const start = visit.startsAt.toZonedDateTimeISO(scene.running.tenant.timeZone).startOfDay()
  const day = { from: start.toInstant(), until: start.add({ days: 1 }).toInstant() }
  for (const deskId of orderDesks(await sql.listFreeDesks(tx, wanted, visit, day), scene.deps.random)) {
    if (await sql.takeCells(tx, wanted, visit, { deskId, appointmentId: take.appointmentId, until: take.until }))
      return deskId
  }
  return null
}
