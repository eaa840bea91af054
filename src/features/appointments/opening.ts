import { hoursOf } from '#register/opening-hours.ts'
import type { Site, Tenant } from './tenant.ts'

/** A stretch of time in which a range of desks serves; cells stand in it one after the other, from its beginning. */
export type Opening = {
  from: Temporal.Instant
  until: Temporal.Instant
  firstDesk: number
  lastDesk: number
  audience: 'public' | 'internal'
}

/** From one moment until before another. */
type Span = { from: Temporal.Instant; until: Temporal.Instant }

/** Spans that overlap or touch become one, so that at a desk no cell comes twice. */
const merge = (spans: readonly Span[]): Span[] => {
  const merged: Span[] = []
  for (const { from, until } of spans.toSorted((a, b) => Temporal.Instant.compare(a.from, b.from))) {
    const last = merged.at(-1)
    if (last && Temporal.Instant.compare(from, last.until) <= 0) {
      if (Temporal.Instant.compare(until, last.until) > 0) last.until = until
    } else merged.push({ from, until })
  }
  return merged
}

/** Desks of one audience, numbered from `offset` on: where several rules meet, as many serve as the largest of them says. */
const openingsFor = (
  audience: Opening['audience'],
  spans: readonly (Span & { desks: Site['desks'] })[],
  offset: number,
): Opening[] => {
  const counts = [...new Set(spans.map(({ desks }) => desks[audience]))].filter((n) => n > 0).toSorted((a, b) => a - b)
  return counts.flatMap((count, i) =>
    merge(spans.filter(({ desks }) => desks[audience] >= count)).map(({ from, until }) => ({
      from,
      until,
      firstDesk: offset + (counts[i - 1] ?? 0) + 1,
      lastDesk: offset + count,
      audience,
    })),
  )
}

/** Every rule's desks count, also of those that do not apply today: a desk keeps its number from day to day. */
const publicDesks = (site: Site): number =>
  Math.max(
    site.desks.public,
    ...[...site.openingHours, ...site.exceptions.flatMap(({ hours }) => hours)].map(
      (hours) => hours.desks?.public ?? 0,
    ),
  )

/** The hours of a day. Wall-clock times become instants one by one, so that a day of a clock change has exactly the hours
 *  that people see on the clock. */
const spansOfDay = (day: Temporal.PlainDate, site: Site, tenant: Tenant) =>
  hoursOf(day, site, tenant)
    .hours.map(({ from, to, desks }) => ({
      from: instantOf(day, from, tenant.timeZone),
      until: instantOf(day, to, tenant.timeZone),
      desks: desks ?? site.desks,
    }))
    .filter(({ from, until }) => Temporal.Instant.compare(from, until) < 0)

/** When a site is open on a day, in order, whatever desks serve; no two of these spans touch. */
export const openTimesOfDay = (day: Temporal.PlainDate, site: Site, tenant: Tenant): Span[] =>
  merge(spansOfDay(day, site, tenant))

/** When which desks serve on a day. */
export const openingsOfDay = (day: Temporal.PlainDate, site: Site, tenant: Tenant): Opening[] => {
  const spans = spansOfDay(day, site, tenant)
  return [...openingsFor('public', spans, 0), ...openingsFor('internal', spans, publicDesks(site))]
}

/** How many cells the openings have. */
export const countCells = (openings: readonly Opening[], stepMinutes: number): number =>
  openings.reduce((sum, { from, until, firstDesk, lastDesk }) => {
    const steps = Math.floor((until.epochMilliseconds - from.epochMilliseconds) / (stepMinutes * 60_000))
    return sum + steps * (lastDesk - firstDesk + 1)
  }, 0)

const instantOf = (day: Temporal.PlainDate, time: string, timeZone: string): Temporal.Instant => {
  if (time === '24:00') return day.add({ days: 1 }).toZonedDateTime({ timeZone }).toInstant()
  const local = day.toPlainDateTime(Temporal.PlainTime.from(time))
  const before = local.toZonedDateTime(timeZone, { disambiguation: 'earlier' })
  // A time that the clock leaves out would come up an hour later, on top of hours that exist: it is the moment of the
  // change instead.
  const isOnTheClock = before.toPlainDateTime().equals(local)
  return (isOnTheClock ? before : (before.getTimeZoneTransition('next') ?? before)).toInstant()
}
