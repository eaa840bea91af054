import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bookableTenant } from '#test/helpers/tenants.ts'
import { earliestStart, latestBooking } from './lead.ts'
import { openTimesOfDay } from './opening.ts'
import type { Site, Tenant } from './tenant.ts'

const runs = { numRuns: process.env.SLOW ? 1000 : 60 }
const at = (text: string) => Temporal.Instant.from(text)
const shipped = bookableTenant('musterstadt')
const site = shipped.sites[0] as Site
const withLead = (
  leadOpeningHours: number | undefined,
  leadHours: number | undefined,
  given: Partial<Tenant> = {},
): Tenant => ({
  ...shipped,
  ...given,
  booking: { ...shipped.booking, leadHours, leadOpeningHours },
})

const window = (now: Temporal.Instant) => now.add({ hours: 24 * 43 })
const earliest = (now: Temporal.Instant, here: Site, tenant: Tenant) => earliestStart(now, window(now), here, tenant)

describe('with two opening hours of lead, a time can be booked', () => {
  const tenant = withLead(2, undefined)

  test.each([
    // Rathausplatz: Monday to Friday from 8 to 12:30, Thursday from 14 to 18, too.
    ['by day two hours ahead', '2026-11-24T08:00:00Z', '2026-11-24T10:00:00Z'],
    ['at night from two hours after opening on', '2026-11-23T22:00:00Z', '2026-11-24T09:00:00Z'],
    ['early in the morning likewise', '2026-11-24T06:59:59Z', '2026-11-24T09:00:00Z'],
    ['an hour before closing from an hour after opening on', '2026-11-24T10:30:00Z', '2026-11-25T08:00:00Z'],
    ['across the break at noon', '2026-11-26T10:30:00Z', '2026-11-26T14:00:00Z'],
    ['over the weekend from Monday on', '2026-11-27T12:00:00Z', '2026-11-30T09:00:00Z'],
    ['over closed days from the first that is open on', '2026-12-23T12:00:00Z', '2027-01-04T09:00:00Z'],
    ['over a holiday from the day after it on', '2027-03-25T18:00:00Z', '2027-03-30T08:00:00Z'],
    ['to the millisecond', '2026-11-24T08:00:00.001Z', '2026-11-24T10:00:00.001Z'],
  ])('%s', (_, now, first) => {
    expect(earliest(at(now), site, tenant).toString()).toBe(first)
  })

  test('also by the hours of an exception', () => {
    const exceptions = [{ on: '2026-11-24', hours: [{ from: '15:00', to: '19:00' }] }]
    expect(earliest(at('2026-11-24T08:00:00Z'), { ...site, exceptions }, tenant).toString()).toBe(
      '2026-11-24T16:00:00Z',
    )
  })

  test.each([
    ['an hour that comes twice counts twice', '2027-10-30T20:00:00Z', '2027-10-31T01:00:00Z'],
    ['an hour that is left out does not count', '2027-03-27T20:00:00Z', '2027-03-28T02:00:00Z'],
  ])('%s', (_, now, first) => {
    const openingHours: Site['openingHours'] = [{ days: ['sun'], from: '01:00', to: '05:00' }]
    const open = withLead(2, undefined, { holidays: { local: [], open: ['easter+0'] } })
    expect(earliest(at(now), { ...site, openingHours }, open).toString()).toBe(first)
  })

  test('not at all, where the window ends before', () => {
    const now = at('2026-11-24T08:00:00Z')
    const end = now.add({ hours: 1 })
    expect(earliestStart(now, end, { ...site, openingHours: [] }, tenant)).toEqual(end)
  })
})

test('with both kinds of lead, both have passed', () => {
  const friday = at('2026-11-27T07:00:00Z')
  expect(earliest(friday, site, withLead(2, 24)).toString()).toBe('2026-11-28T07:00:00Z')
  expect(earliest(friday, site, withLead(5, 24)).toString()).toBe('2026-11-30T07:30:00Z')
})

const always: Site['openingHours'] = [
  { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '00:00', to: '24:00' },
]
const clock = (minutes: number) => new Date(minutes * 60_000).toISOString().slice(11, 16)
const rules = fc
  .array(
    fc.record({
      days: fc
        .subarray(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const, { minLength: 1 })
        .map((days) => [...days]),
      hours: fc.tuple(fc.nat(1439), fc.nat(1439)).filter(([a, b]) => a < b),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((all) => all.map(({ days, hours: [from, to] }) => ({ days, from: clock(from), to: clock(to) })))
// From the holidays of one winter to those of the next: two changes of clocks lie in it.
const moments = fc.nat(400 * 24 * 60).map((minutes) => at('2026-11-20T00:00:00Z').add({ minutes }))
const hours = fc.integer({ min: 1, max: 40 })
const compare = Temporal.Instant.compare

/** Minute by minute, what the reckoning is held against: how long the site is open between two moments. */
const openMinutes = (from: Temporal.Instant, until: Temporal.Instant, here: Site, tenant: Tenant): number => {
  let minutes = 0
  const end = until.toZonedDateTimeISO(tenant.timeZone).toPlainDate()
  for (let day = from.toZonedDateTimeISO(tenant.timeZone).toPlainDate(); ; day = day.add({ days: 1 })) {
    if (Temporal.PlainDate.compare(day, end) > 0) return minutes
    for (const open of openTimesOfDay(day, here, tenant))
      for (let minute = open.from; compare(minute, open.until) < 0; minute = minute.add({ minutes: 1 }))
        if (compare(minute, from) >= 0 && compare(minute, until) < 0) minutes++
  }
}

describe('the earliest start, for whatever opening hours', () => {
  test('has so many open hours before it, and ends the last of them', () => {
    fc.assert(
      fc.property(moments, rules, fc.integer({ min: 1, max: 6 }), (now, openingHours, lead) => {
        const [here, tenant] = [{ ...site, openingHours }, withLead(lead, undefined)]
        const first = earliest(now, here, tenant)
        if (compare(first, window(now)) >= 0) return
        expect(openMinutes(now, first, here, tenant)).toBe(lead * 60)
        expect(openMinutes(first.subtract({ minutes: 1 }), first, here, tenant)).toBe(1)
      }),
      { numRuns: 20 },
    )
  })

  test('is never nearer than the plain time, and never comes sooner for who books later', () => {
    fc.assert(
      fc.property(moments, fc.nat(20_000), rules, hours, (now, minutes, openingHours, lead) => {
        const [here, tenant] = [{ ...site, openingHours }, withLead(lead, undefined)]
        const end = window(now)
        const first = earliestStart(now, end, here, tenant)
        if (compare(first, end) < 0) expect(compare(first, now.add({ hours: lead }))).toBeGreaterThanOrEqual(0)
        expect(compare(earliestStart(now.add({ minutes }), end, here, tenant), first)).toBeGreaterThanOrEqual(0)
      }),
      runs,
    )
  })

  test('is as by plain hours where a site is always open', () => {
    const noHolidays = Array.from({ length: 366 }, (_, i) => at('2028-01-01T12:00:00Z').add({ hours: 24 * i })).map(
      (day) => `-${day.toString().slice(4, 10)}`,
    )
    const open = { closures: [], holidays: { local: [], open: noHolidays } }
    fc.assert(
      fc.property(moments, hours, (now, lead) => {
        const here = { ...site, openingHours: always, exceptions: [], closures: [] }
        const first = earliest(now, here, withLead(lead, undefined, open))
        expect(first).toEqual(earliest(now, here, withLead(undefined, lead, open)))
      }),
      runs,
    )
  })

  test('can be booked until the last moment that is said of it, and not after it', () => {
    fc.assert(
      fc.property(moments, fc.nat(10_000), rules, hours, fc.nat(48), (now, minutes, openingHours, lead, plain) => {
        const [here, tenant] = [{ ...site, openingHours }, withLead(lead, plain)]
        const start = now.add({ minutes })
        const latest = latestBooking(start, now, here, tenant)
        const isBookable = compare(earliestStart(now, start.add({ hours: 1 }), here, tenant), start) <= 0
        expect(latest !== null && compare(now, latest) <= 0).toBe(isBookable)
      }),
      runs,
    )
  })
})
