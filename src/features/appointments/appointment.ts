import { integerBelow, type Random } from '#platform/random.ts'
import { earliestStart } from './lead.ts'
import type { Service, Site, Tenant } from './tenant.ts'

/** How often a hold can be made longer: ten times at least, says WCAG 2.2.1. */
export const extensions = 10

/** How often an appointment can be moved. Each time brings a mail to an address that may be somebody else's; who cancels can
 *  book anew, and who has to move because the authority closed the time always can. */
export const movesAllowed = 5

export type Appointment = {
  id: string
  siteId: string
  deskId: number
  /** In the order of the tenant's file; at least one. */
  serviceIds: readonly string[]
  status: 'held' | 'booked' | 'cancelled' | 'past'
  startsAt: Temporal.Instant
  endsAt: Temporal.Instant
  cells: number
  sequence: number
  /** How often it was made longer, while it was a hold. */
  extended: number
  recordId: string | null
  /** When it was last moved, and from which start; null when it never was. */
  moved: { at: Temporal.Instant; from: Temporal.Instant } | null
  /** Since when it lies in a time that has been closed; null while its time is open. */
  displacedAt: Temporal.Instant | null
}

/** A stretch of time as a visit takes it up: so many cells from here. */
export type Visit = { startsAt: Temporal.Instant; endsAt: Temporal.Instant; cells: number }

/** Clocks of several nodes differ a little: an expired hold is taken over only after this grace. */
export const takeoverGrace = Temporal.Duration.from('PT5S')

/** How long an expired hold stays confirmable if nobody takes it, before the sweep clears it away. */
export const holdAfterlife = Temporal.Duration.from('PT2H')

export const visitAt = (startsAt: Temporal.Instant, { minutes }: Pick<Service, 'minutes'>, tenant: Tenant): Visit => ({
  startsAt,
  endsAt: startsAt.add({ minutes }),
  cells: minutes / tenant.booking.stepMinutes,
})

/** The span in which citizens may book at this moment at a site: after the lead time, up to the end of the window's last
 *  day. Where the lead time is not over before, the span is empty. */
export const bookableSpan = (tenant: Tenant, site: Site, now: Temporal.Instant) => {
  const until = now
    .toZonedDateTimeISO(tenant.timeZone)
    .startOfDay()
    .add({ days: tenant.booking.windowDays + 1 })
    .toInstant()
  return { from: earliestStart(now, until, site, tenant), until }
}

type Grid = Pick<Service, 'everyMinutes'>

/** Whether a start lies on the concern's grid of the clock on the wall, e.g. every full and half hour. */
export const isOnGrid = (start: Temporal.Instant, { everyMinutes }: Grid, tenant: Tenant): boolean => {
  const local = start.toZonedDateTimeISO(tenant.timeZone)
  return (local.hour * 60 + local.minute) % everyMinutes === 0 && local.second === 0 && local.millisecond === 0
}

/** Those of these starts that are offered to citizens at all; whether they are free is another question. */
export const offeredOf = (
  starts: readonly Temporal.Instant[],
  concern: Grid & { site: Site },
  tenant: Tenant,
  now: Temporal.Instant,
): Temporal.Instant[] => {
  const { from, until } = bookableSpan(tenant, concern.site, now)
  return starts.filter(
    (start) =>
      Temporal.Instant.compare(start, from) >= 0 &&
      Temporal.Instant.compare(start, until) < 0 &&
      isOnGrid(start, concern, tenant),
  )
}

/** Whether a start is offered to citizens at all; whether it is free is another question. */
export const isOffered = (
  start: Temporal.Instant,
  concern: Grid & { site: Site },
  tenant: Tenant,
  now: Temporal.Instant,
): boolean => offeredOf([start], concern, tenant, now).length > 0

export type DeskLoad = { deskId: number; booked: number }

/** The order in which desks are tried: fewest bookings of the day first, equal ones by lot, so that desks fill evenly
 *  and racing callers spread out. */
export const orderDesks = (desks: readonly DeskLoad[], random: Random): number[] =>
  desks
    .map((desk) => ({ ...desk, lot: integerBelow(random, 2 ** 31) }))
    .sort((a, b) => a.booked - b.booked || a.lot - b.lot)
    .map((desk) => desk.deskId)

export type Change = { kind: 'possible' } | { kind: 'gone' } | { kind: 'too-late'; startsAt: Temporal.Instant }

/** Whether an appointment can still be moved or cancelled: while it stands and has not begun. */
export const decideChange = (appointment: Appointment | null, now: Temporal.Instant): Change => {
  if (appointment === null || appointment.status === 'cancelled' || appointment.status === 'held')
    return { kind: 'gone' }
  if (appointment.status === 'past' || Temporal.Instant.compare(now, appointment.startsAt) >= 0) {
    return { kind: 'too-late', startsAt: appointment.startsAt }
  }
  return { kind: 'possible' }
}

/** Whether an appointment can be moved: while it can be changed, and as long as it has not been moved too often. */
export const decideMove = (appointment: Appointment | null, now: Temporal.Instant): Change | { kind: 'too-often' } => {
  const change = decideChange(appointment, now)
  const isFull = appointment?.displacedAt === null && appointment.sequence >= movesAllowed
  return change.kind === 'possible' && isFull ? { kind: 'too-often' } : change
}
