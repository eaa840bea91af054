import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { needs } from '#apps/features.ts'
import { loadRegister } from '#register/load/load.ts'
import type { Site, Tenant } from '#register/register.ts'
import { cellsOfDay } from './opening.ts'

const runs = { numRuns: process.env.SLOW ? 500 : 20 }
const shipped = loadRegister('tenants', needs).running.get('musterstadt')?.tenant as Tenant
const aTenant = (booking: Partial<Tenant['booking']> = {}): Tenant => ({
  ...shipped,
  booking: { ...shipped.booking, ...booking },
})
const aSite = (given: Partial<Site> = {}): Site => ({ ...(shipped.sites[0] as Site), ...given })

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
  const anOffer = fc
    .constantFrom(5, 10, 15, 20, 30, 60)
    .chain((step) => fc.record({ step: fc.constant(step), spans: openingHours(step) }))

  test('never overlap at a desk, on whatever day and for whatever opening hours', () => {
    fc.assert(
      fc.property(days, anOffer, (day, { step, spans }) => {
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
      fc.property(unambiguous, anOffer, (day, { step, spans }) => {
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
