import { offeredOf } from '../appointment.ts'
import type { Concern } from '../concern.ts'
import { latestBooking } from '../lead.ts'
import type { Site, Tenant } from '../tenant.ts'

/** A desk that became free for a stretch of time. */
export type Freed = { siteId: string; deskId: number; startsAt: Temporal.Instant; endsAt: Temporal.Instant }

/** Somebody with an appointment who would like an earlier one. */
export type Waiting = {
  appointmentId: string
  siteId: string
  serviceIds: readonly string[]
  /** When the appointment is that they have. */
  startsAt: Temporal.Instant
}

/** How many times are offered to one appointment, however often it begins to wait: each offer is a mail, to an address that
 *  may be somebody else's. */
export const offersAllowed = 3

/** An offer that leaves less time than this to answer is not made: the time is free for everybody at once. */
const shortest = Temporal.Duration.from('PT15M')

// At night nobody reads mail: the time to answer runs from the morning on.
const morning = 8
const evening = 20

const earlierOf = (a: Temporal.Instant, b: Temporal.Instant) => (Temporal.Instant.compare(a, b) < 0 ? a : b)

const laterOf = (a: Temporal.Instant, b: Temporal.Instant) => (Temporal.Instant.compare(a, b) > 0 ? a : b)

/** What is left of a freed stretch when this visit has been taken out of it: nothing, a part, or one at each end. */
export const leftOf = (freed: Freed, taken: Pick<Freed, 'startsAt' | 'endsAt'>): Freed[] =>
  [
    { ...freed, endsAt: earlierOf(freed.endsAt, taken.startsAt) },
    { ...freed, startsAt: laterOf(freed.startsAt, taken.endsAt) },
  ].filter(({ startsAt, endsAt }) => Temporal.Instant.compare(startsAt, endsAt) < 0)

/** Until when an offer of this start can be accepted: so many minutes of the day as the tenant says, and never longer than
 *  the start can still be booked; null when that leaves too little time. */
export const offerUntil = (
  now: Temporal.Instant,
  start: Temporal.Instant,
  site: Site,
  tenant: Tenant,
): Temporal.Instant | null => {
  const latest = latestBooking(start, now, site, tenant)
  if (latest === null) return null
  const local = now.toZonedDateTimeISO(tenant.timeZone)
  const awake = local.hour < morning ? local : local.add({ days: 1 })
  const from =
    local.hour >= morning && local.hour < evening ? now : awake.startOfDay().with({ hour: morning }).toInstant()
  const until = earlierOf(from.add({ minutes: tenant.booking.offerMinutes }), latest)
  return Temporal.Instant.compare(until, now.add(shortest)) < 0 ? null : until
}

/** Starts of a visit for this concern that use some of what became free, earliest first: those that are offered to
 *  citizens at this moment and come before the time the person has. Whether all of such a visit is free is another
 *  question. */
export const fittingStarts = (
  freed: Freed,
  concern: Concern,
  has: Temporal.Instant,
  tenant: Tenant,
  now: Temporal.Instant,
): Temporal.Instant[] => {
  const { stepMinutes } = tenant.booking
  const first = freed.startsAt.subtract({ minutes: concern.minutes - stepMinutes })
  const steps = freed.endsAt.since(first).total('minutes') / stepMinutes
  const starts = Array.from({ length: Math.max(0, Math.ceil(steps)) }, (_, i) =>
    first.add({ minutes: i * stepMinutes }),
  )
  return offeredOf(
    starts.filter((start) => Temporal.Instant.compare(start, has) < 0),
    concern,
    tenant,
    now,
  )
}
