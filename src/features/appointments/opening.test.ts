import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bookableTenant } from '#test/helpers/tenants.ts'
import { type Opening, openingsOfDay } from './opening.ts'
import type { Site, Tenant } from './tenant.ts'

const runs = { numRuns: process.env.SLOW ? 500 : 20 }
const shipped = bookableTenant('musterstadt')
const aTenant = (booking: Partial<Tenant['booking']> = {}): Tenant => ({
  ...shipped,
  closures: [],
  holidays: { local: [], open: noHolidays },
  booking: { ...shipped.booking, ...booking },
})
const aSite = (given: Partial<Site> = {}): Site => ({
  ...(shipped.sites[0] as Site),
  closures: [],
  exceptions: [],
  ...given,
})

/** The cells that stand in openings, as the database makes them. */
const cellsOf = (openings: readonly Opening[], step: number) =>
  openings.flatMap(({ from, until, firstDesk, lastDesk, audience }) => {
    const cells: { deskId: number; startsAt: Temporal.Instant; audience: Opening['audience'] }[] = []
    for (let deskId = firstDesk; deskId <= lastDesk; deskId++)
      for (let at = from.epochMilliseconds; at + step * 60_000 <= until.epochMilliseconds; at += step * 60_000)
        cells.push({ deskId, startsAt: Temporal.Instant.fromEpochMilliseconds(at), audience })
    return cells
  })
const cellsOfDay = (day: Temporal.PlainDate, site: Site, tenant: Tenant) =>
  cellsOf(openingsOfDay(day, site, tenant), tenant.booking.stepMinutes)
/** A Jobcenter without holidays, so that made-up hours hold on every day. */
const noHolidays = Array.from({ length: 366 }, (_, i) =>
  Temporal.PlainDate.from('2028-01-01').add({ days: i }).toString().slice(4),
).map((date) => `-${date}`)

const allWeek = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const clock = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
/** A day's opening hours as the register takes them: begun on the step, one after the other, some of them touching. */
const openingHours = (step: number) =>
  fc
    .uniqueArray(fc.integer({ min: 0, max: Math.floor(1440 / step) }), { minLength: 2, maxLength: 8 })
    .map((marks) => marks.toSorted((a, b) => a - b).map((mark) => mark * step))
    .map((marks) => marks.slice(1).map((to, i) => ({ from: marks[i] ?? 0, to })))
    .chain((spans) => fc.subarray(spans, { minLength: 1 }))
const springForward = Temporal.PlainDate.from('2026-03-29')
const fallBack = Temporal.PlainDate.from('2026-10-25')
const days = fc.oneof(
  fc.constantFrom(springForward, fallBack),
  fc.integer({ min: 0, max: 400 }).map((n) => Temporal.PlainDate.from('2026-01-01').add({ days: n })),
)

describe('the cells of a day', () => {
  const hoursOfDay = fc
    .constantFrom(5, 10, 15, 20, 30, 60)
    .chain((step) => fc.record({ step: fc.constant(step), spans: openingHours(step) }))

  test('never overlap at a desk, on whatever day and for whatever opening hours', () => {
    fc.assert(
      fc.property(days, hoursOfDay, (day, { step, spans }) => {
        const hours = spans.map(({ from, to }) => ({ days: [...allWeek], from: clock(from), to: clock(to) }))
        const site = aSite({ openingHours: hours, desks: { public: 2, internal: 1 } })
        const cells = cellsOfDay(day, site, aTenant({ stepMinutes: step }))
        for (const deskId of [1, 2, 3]) {
          const starts = cells.filter((cell) => cell.deskId === deskId).map((cell) => cell.startsAt.epochMilliseconds)
          const sorted = starts.toSorted((a, b) => a - b)
          expect(sorted.every((start, i) => i === 0 || start - (sorted[i - 1] ?? 0) >= step * 60_000)).toBe(true)
        }
      }),
      runs,
    )
  })

  test('lie within the opening hours that people read on the clock, on every day without a repeated hour', () => {
    const unambiguous = days.filter((day) => !day.equals(fallBack))
    fc.assert(
      fc.property(unambiguous, hoursOfDay, (day, { step, spans }) => {
        const hours = spans.map(({ from, to }) => ({ days: [...allWeek], from: clock(from), to: clock(to) }))
        const site = aSite({ openingHours: hours, desks: { public: 1, internal: 0 } })
        for (const { startsAt } of cellsOfDay(day, site, aTenant({ stepMinutes: step }))) {
          const local = startsAt.toZonedDateTimeISO(shipped.timeZone)
          const minute = local.hour * 60 + local.minute
          expect(local.toPlainDate().equals(day)).toBe(true)
          expect(spans.some(({ from, to }) => from <= minute && minute < to)).toBe(true)
        }
      }),
      runs,
    )
  })

  test.each([
    ['when clocks go forward, there is an hour less of it', springForward, 23],
    ['when clocks go back, there is an hour more of it', fallBack, 25],
    ['on any other day', Temporal.PlainDate.from('2026-06-01'), 24],
  ])('round the clock, %s', (_, day, count) => {
    const site = aSite({
      openingHours: [{ days: [...allWeek], from: '00:00', to: '24:00' }],
      desks: { public: 1, internal: 0 },
    })
    const cells = cellsOfDay(day, site, aTenant({ stepMinutes: 60 }))
    expect(cells).toHaveLength(count)
    expect(new Set(cells.map((cell) => cell.startsAt.toString())).size).toBe(count)
  })

  test('from half past one to half past three are one hour, two and three, as the clock goes', () => {
    const site = aSite({
      openingHours: [{ days: ['sun'], from: '01:30', to: '03:30' }],
      desks: { public: 1, internal: 0 },
    })
    const count = (day: string) =>
      cellsOfDay(Temporal.PlainDate.from(day), site, aTenant({ stepMinutes: 10 })).length / 6
    expect(['2026-03-29', '2026-03-22', '2026-10-25'].map(count)).toEqual([1, 2, 3])
  })

  test('in an hour that the clock leaves out do not come up an hour later, on top of others', () => {
    const openingHours = [
      { days: ['sun' as const], from: '02:10', to: '02:40' },
      { days: ['sun' as const], from: '03:00', to: '03:30' },
    ]
    const cells = cellsOfDay(springForward, aSite({ openingHours, desks: { public: 1, internal: 0 } }), aTenant())
    expect(cells.map((cell) => cell.startsAt.toString())).toEqual([
      '2026-03-29T01:00:00Z',
      '2026-03-29T01:10:00Z',
      '2026-03-29T01:20:00Z',
    ])
  })

  test('belong to citizens at public desks and to staff at internal ones', () => {
    const site = aSite({ desks: { public: 2, internal: 1 } })
    const cells = cellsOfDay(Temporal.PlainDate.from('2026-11-24'), site, aTenant())
    const audiences = new Map(cells.map((cell) => [cell.deskId, cell.audience]))
    expect([...audiences]).toEqual([
      [1, 'public'],
      [2, 'public'],
      [3, 'internal'],
    ])
  })

  test('are none on a day that is closed', () => {
    expect(cellsOfDay(Temporal.PlainDate.from('2026-11-22'), aSite(), aTenant())).toEqual([])
  })
})

describe('rules that say more than a weekday', () => {
  const zones = fc.constantFrom('Europe/Berlin', 'Pacific/Auckland', 'America/St_Johns', 'Australia/Lord_Howe')
  const minutes = (step: number) =>
    fc
      .uniqueArray(fc.integer({ min: 0, max: Math.floor(1440 / step) }), { minLength: 2, maxLength: 2 })
      .map((marks) => marks.toSorted((a, b) => a - b).map((mark) => mark * step))
  const aRule = (step: number) =>
    fc.record({
      span: minutes(step),
      desks: fc.record({ public: fc.integer({ min: 1, max: 4 }), internal: fc.integer({ min: 0, max: 2 }) }),
    })
  const hoursOfDay = fc
    .constantFrom(10, 15, 30)
    .chain((step) =>
      fc.record({ step: fc.constant(step), rules: fc.array(aRule(step), { minLength: 1, maxLength: 5 }) }),
    )
  const anyDay = fc.oneof(
    fc.constantFrom('2028-02-29', '2026-03-29', '2026-10-25', '2026-04-05', '2026-09-27', '2026-03-08', '2026-11-01'),
    fc.integer({ min: 0, max: 1500 }).map((n) => Temporal.PlainDate.from('2026-01-01').add({ days: n }).toString()),
  )
  const siteOf = (rules: readonly { span: number[]; desks: Site['desks'] }[]) =>
    aSite({
      openingHours: rules.map(({ span: [from = 0, to = 0], desks }) => ({
        days: [...allWeek],
        from: clock(from),
        to: clock(to),
        desks,
      })),
    })

  test('overlap as they like: at no desk do two cells overlap, in whatever time zone and on whatever day', () => {
    fc.assert(
      fc.property(anyDay, zones, hoursOfDay, (day, timeZone, { step, rules }) => {
        const tenant = { ...aTenant({ stepMinutes: step }), timeZone }
        const cells = cellsOfDay(Temporal.PlainDate.from(day), siteOf(rules), tenant)
        for (const [, own] of Map.groupBy(cells, ({ deskId }) => deskId)) {
          const starts = own.map(({ startsAt }) => startsAt.epochMilliseconds).toSorted((a, b) => a - b)
          expect(starts.every((at, i) => i === 0 || at - (starts[i - 1] ?? 0) >= step * 60_000)).toBe(true)
        }
      }),
      { numRuns: 5 * runs.numRuns },
    )
  })

  test('at each moment as many desks serve as the largest of the rules says, never their sum', () => {
    fc.assert(
      fc.property(zones, hoursOfDay, (timeZone, { step, rules }) => {
        const tenant = { ...aTenant({ stepMinutes: step }), timeZone }
        const day = Temporal.PlainDate.from('2028-02-29')
        const cells = cellsOfDay(day, siteOf(rules), tenant)
        for (let minute = 0; minute + step <= 1440; minute += step) {
          const now = rules.filter(({ span: [from = 0, to = 0] }) => from <= minute && minute < to)
          const at = day.toZonedDateTime({ timeZone, plainTime: clock(minute) }).toInstant()
          for (const audience of ['public', 'internal'] as const) {
            const serving = cells.filter((cell) => cell.audience === audience && cell.startsAt.equals(at))
            expect(serving).toHaveLength(Math.max(0, ...now.map(({ desks }) => desks[audience])))
          }
        }
      }),
      runs,
    )
  })

  const isOpen = (day: string, site: Site, tenant = aTenant()) =>
    openingsOfDay(Temporal.PlainDate.from(day), site, tenant).length > 0
  const tuesdays = { days: ['tue' as const], from: '16:00', to: '18:00' }

  test('every second week means the week of the day it counts from, across the turn of the year', () => {
    const site = aSite({ openingHours: [{ ...tuesdays, everyWeeks: 2, startingFrom: '2026-11-26' }] })
    const open = ['2026-11-10', '2026-11-24', '2026-12-01', '2026-12-08', '2026-12-22', '2026-12-29', '2027-01-05']
    expect(open.filter((day) => isOpen(day, site))).toEqual([
      '2026-11-10',
      '2026-11-24',
      '2026-12-08',
      '2026-12-22',
      '2027-01-05',
    ])
  })

  test('hours valid from one day until another hold on both of them and not beyond', () => {
    const site = aSite({ openingHours: [{ ...tuesdays, validFrom: '2026-12-01', validUntil: '2026-12-15' }] })
    const days = ['2026-11-24', '2026-12-01', '2026-12-15', '2026-12-22']
    expect(days.filter((day) => isOpen(day, site))).toEqual(['2026-12-01', '2026-12-15'])
  })

  test('a desk keeps its number, however many serve beside it', () => {
    const site = aSite({
      desks: { public: 2, internal: 1 },
      openingHours: [tuesdays, { days: ['wed'], from: '08:00', to: '09:00', desks: { public: 5, internal: 1 } }],
    })
    const internal = (day: string) =>
      cellsOfDay(Temporal.PlainDate.from(day), site, aTenant()).find(({ audience }) => audience === 'internal')?.deskId
    expect([internal('2026-12-01'), internal('2026-12-02')]).toEqual([6, 6])
  })
})
