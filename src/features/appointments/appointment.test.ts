import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bookableTenant } from '#test/helpers/tenants.ts'
import {
  type Appointment,
  bookableSpan,
  decideChange,
  decideMove,
  isOffered,
  orderDesks,
  visitAt,
} from './appointment.ts'
import type { Service, Site, Tenant } from './tenant.ts'

const runs = { numRuns: process.env.SLOW ? 500 : 20 }
const instant = (text: string) => Temporal.Instant.from(text)
const shipped = bookableTenant('musterstadt')
const site = shipped.sites[0] as Site
const aService = (given: Partial<Service> = {}): Service => ({ ...(shipped.services[0] as Service), ...given })
const aTenant = (booking: Partial<Tenant['booking']> = {}): Tenant => ({
  ...shipped,
  booking: { ...shipped.booking, ...booking },
})
/** Repeatable randomness. */
const lots = (seed: number) => (n: number) =>
  Uint8Array.from({ length: n }, () => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
    return seed >>> 24
  })

describe('a time is offered', () => {
  const now = instant('2026-11-23T08:00:00Z') // 09:00 in Germany, a Monday
  const tenant = aTenant({ leadHours: 24, leadOpeningHours: undefined, windowDays: 28 })
  const concern = { ...aService({ minutes: 30, everyMinutes: 30 }), site }

  test.each([
    ['in the past', '2026-11-23T07:30:00Z', false],
    ['a moment before the lead time is over', '2026-11-24T07:30:00Z', false],
    ['exactly when the lead time is over', '2026-11-24T08:00:00Z', true],
    ['on the last day of the window', '2026-12-21T22:30:00Z', true],
    ['on the day after the last', '2026-12-21T23:00:00Z', false],
    ['beside the grid', '2026-11-24T08:10:00Z', false],
    ['a second beside the grid', '2026-11-24T08:00:01Z', false],
    ['a millisecond beside the grid', '2026-11-24T08:00:00.001Z', false],
  ])('or not: %s', (_, start, offered) => {
    expect(isOffered(instant(start), concern, tenant, now)).toBe(offered)
  })

  test('by the days of the calendar, however many hours they have', () => {
    const { until } = bookableSpan(aTenant({ windowDays: 1 }), site, instant('2026-10-24T08:00:00Z'))
    expect(until.toString()).toBe('2026-10-25T23:00:00Z')
  })
})

test('a visit of forty minutes in steps of ten takes four cells', () => {
  const visit = visitAt(instant('2026-11-24T08:00:00Z'), aService({ minutes: 40 }), aTenant({ stepMinutes: 10 }))
  expect({ ...visit, startsAt: '', endsAt: visit.endsAt.toString() }).toEqual({
    startsAt: '',
    endsAt: '2026-11-24T08:40:00Z',
    cells: 4,
  })
})

describe('desks', () => {
  const loads = fc
    .array(fc.integer({ min: 0, max: 5 }), { maxLength: 12 })
    .map((all) => all.map((booked, i) => ({ deskId: i + 1, booked })))

  test('are all tried, each once, fewest bookings first', () => {
    fc.assert(
      fc.property(loads, fc.integer(), (desks, seed) => {
        const order = orderDesks(desks, lots(seed))
        expect(order.toSorted((a, b) => a - b)).toEqual(desks.map((desk) => desk.deskId))
        const booked = order.map((deskId) => desks.find((desk) => desk.deskId === deskId)?.booked ?? -1)
        expect(booked).toEqual(booked.toSorted((a, b) => a - b))
      }),
      runs,
    )
  })

  test('with equally many bookings each come first now and then', () => {
    const desks = [1, 2, 3, 4].map((deskId) => ({ deskId, booked: 2 }))
    const first = new Set(Array.from({ length: 100 }, (_, seed) => orderDesks(desks, lots(seed * 7919))[0]))
    expect([...first].toSorted()).toEqual([1, 2, 3, 4])
  })
})

describe('an appointment can be changed', () => {
  const startsAt = instant('2026-11-24T08:00:00Z')
  const anAppointment = (status: Appointment['status']): Appointment => ({
    id: 'one',
    siteId: 'site',
    deskId: 1,
    serviceIds: ['service'],
    extended: 0,
    status,
    startsAt,
    endsAt: startsAt.add({ minutes: 30 }),
    cells: 3,
    sequence: 0,
    recordId: null,
    moved: null,
    displacedAt: null,
  })

  test.each([
    ['booked', -1, 'possible'],
    ['booked', 0, 'too-late'],
    ['booked', 10, 'too-late'],
    ['past', 60, 'too-late'],
    ['past', -1, 'too-late'],
    ['cancelled', -1, 'gone'],
    ['cancelled', 10, 'gone'],
    ['held', -1, 'gone'],
  ] as const)('while it is %s, %i minutes after its start: %s', (status, minutes, kind) => {
    expect(decideChange(anAppointment(status), startsAt.add({ minutes })).kind).toBe(kind)
  })

  test.each([
    ['booked', 4, null, 'possible'],
    ['booked', 5, null, 'too-often'],
    ['booked', 99, '2026-11-20T08:00:00Z', 'possible'], // the authority closed its time
    ['past', 5, null, 'too-late'],
    ['cancelled', 5, null, 'gone'],
  ] as const)(
    'to move it that is %s, was moved %i times and is displaced since %s: %s',
    (status, sequence, since, kind) => {
      const appointment = { ...anAppointment(status), sequence, displacedAt: since && instant(since) }
      expect(decideMove(appointment, startsAt.subtract({ minutes: 1 })).kind).toBe(kind)
    },
  )

  test('only if there is one', () => {
    expect(decideChange(null, startsAt)).toEqual({ kind: 'gone' })
  })
})
