import { openTimesOfDay } from './opening.ts'
import type { Site, Tenant } from './tenant.ts'

/*
 * How long before its start an appointment has to be booked. `leadHours` counts every hour, `leadOpeningHours` only those
 * in which the site is open; where both are declared, both have passed.
 */

const hour = 3_600_000

const dayOf = (at: Temporal.Instant, { timeZone }: Tenant) => at.toZonedDateTimeISO(timeZone).toPlainDate()
const later = (a: Temporal.Instant, b: Temporal.Instant) => (Temporal.Instant.compare(a, b) > 0 ? a : b)
const earlier = (a: Temporal.Instant, b: Temporal.Instant) => (Temporal.Instant.compare(a, b) < 0 ? a : b)
const lengthOf = (from: Temporal.Instant, until: Temporal.Instant) => until.epochMilliseconds - from.epochMilliseconds

/** When the site will have been open for so many milliseconds, counted from `from`; null when not before `until`. */
const afterOpenTime = (
  from: Temporal.Instant,
  length: number,
  until: Temporal.Instant,
  site: Site,
  tenant: Tenant,
): Temporal.Instant | null => {
  const last = dayOf(until, tenant)
  let left = length
  for (let day = dayOf(from, tenant); Temporal.PlainDate.compare(day, last) <= 0; day = day.add({ days: 1 })) {
    for (const open of openTimesOfDay(day, site, tenant)) {
      const begin = later(open.from, from)
      const here = lengthOf(begin, open.until)
      if (here >= left) return begin.add({ milliseconds: left })
      left -= Math.max(0, here)
    }
  }
  return null
}

/** The last moment from which on the site is open for so many milliseconds before `until`; null when that is not since
 *  the day of `from`. */
const beforeOpenTime = (
  until: Temporal.Instant,
  length: number,
  from: Temporal.Instant,
  site: Site,
  tenant: Tenant,
): Temporal.Instant | null => {
  const first = dayOf(from, tenant)
  let left = length
  for (let day = dayOf(until, tenant); Temporal.PlainDate.compare(day, first) >= 0; day = day.subtract({ days: 1 })) {
    for (const open of openTimesOfDay(day, site, tenant).toReversed()) {
      const end = earlier(open.until, until)
      const here = lengthOf(open.from, end)
      if (here >= left) return end.subtract({ milliseconds: left })
      left -= Math.max(0, here)
    }
  }
  return null
}

/** The earliest start that can be booked at this moment: `end`, where the lead time is not over before. */
export const earliestStart = (
  now: Temporal.Instant,
  end: Temporal.Instant,
  site: Site,
  tenant: Tenant,
): Temporal.Instant => {
  const { leadHours = 0, leadOpeningHours = 0 } = tenant.booking
  const plain = now.add({ hours: leadHours })
  if (leadOpeningHours === 0) return plain
  return later(plain, afterOpenTime(now, leadOpeningHours * hour, end, site, tenant) ?? end)
}

/** The last moment at which this start can be booked; null when that was before the day of `now`. */
export const latestBooking = (
  start: Temporal.Instant,
  now: Temporal.Instant,
  site: Site,
  tenant: Tenant,
): Temporal.Instant | null => {
  const { leadHours = 0, leadOpeningHours = 0 } = tenant.booking
  const plain = start.subtract({ hours: leadHours })
  if (leadOpeningHours === 0) return plain
  const open = beforeOpenTime(start, leadOpeningHours * hour, now, site, tenant)
  return open && earlier(plain, open)
}
