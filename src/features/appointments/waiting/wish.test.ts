import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bookableTenant, copyTenants } from '#test/helpers/tenants.ts'
import { offeredOf } from '../appointment.ts'
import { type Concern, chooseConcern } from '../concern.ts'
import type { Tenant } from '../tenant.ts'
import { fittingStarts, leftOf, offerUntil } from './wish.ts'

let tenants: ReturnType<typeof copyTenants>
let tenant: Tenant
/** The same with two hours of lead that count at night, too. */
let plain: Tenant
let concern: Concern
beforeAll(() => {
  tenants = copyTenants()
  tenant = bookableTenant('musterstadt', tenants.load())
  plain = { ...tenant, booking: { ...tenant.booking, leadHours: 2, leadOpeningHours: undefined } }
  concern = chooseConcern(tenant, ['beratung-vor-ort'], 'rathausplatz') as Concern
})
afterAll(() => tenants[Symbol.dispose]())

const at = (text: string) => Temporal.Instant.from(text)

test('an offer that comes in the evening can be answered for as long as two opening hours are left', () => {
  const until = (start: string) => offerUntil(at('2026-11-23T20:00:00Z'), at(start), concern.site, tenant)?.toString()
  // Open from eight in the morning on: at ten, two hours of that day have passed; at eight, none.
  expect(until('2026-11-24T09:10:00Z')).toBe('2026-11-24T07:10:00Z')
  expect(until('2026-11-24T09:00:00Z')).toBe('2026-11-24T07:00:00Z')
  expect(until('2026-11-24T07:00:00Z')).toBeUndefined()
})

describe('an offer can be answered', () => {
  test.each([
    ['for two hours, by day', '2026-11-23T08:00:00Z', '2026-11-30T08:00:00Z', '2026-11-23T10:00:00Z'],
    [
      'until ten in the morning, when it comes at night',
      '2026-11-23T22:30:00Z',
      '2026-11-30T08:00:00Z',
      '2026-11-24T09:00:00Z',
    ],
    [
      'until ten in the morning, when it comes early',
      '2026-11-24T04:00:00Z',
      '2026-11-30T08:00:00Z',
      '2026-11-24T09:00:00Z',
    ],
    ['until the time can no longer be booked', '2026-11-23T08:00:00Z', '2026-11-23T11:30:00Z', '2026-11-23T09:30:00Z'],
    [
      'on the night of the change of clocks, too',
      '2026-10-24T20:00:00Z',
      '2026-10-30T08:00:00Z',
      '2026-10-25T09:00:00Z',
    ],
  ])('%s', (_, now, start, until) => {
    expect(offerUntil(at(now), at(start), concern.site, plain)?.toString()).toBe(until)
  })

  test.each([
    ['is a few minutes', '2026-11-23T08:00:00Z', '2026-11-23T10:14:00Z'],
    ['has passed', '2026-11-23T08:00:00Z', '2026-11-23T09:00:00Z'],
    ['ends in the night', '2026-11-23T22:00:00Z', '2026-11-24T00:10:00Z'],
  ])('not at all, when the time to answer %s', (_, now, start) => {
    expect(offerUntil(at(now), at(start), concern.site, plain)).toBeNull()
  })

  test('never for less than a quarter of an hour, nor into the lead time, nor for more than a night and two hours', () => {
    const minutes = fc.integer({ min: 0, max: 60 * 24 * 60 })
    fc.assert(
      fc.property(minutes, minutes, (a, b) => {
        const now = at('2026-10-01T00:00:00Z').add({ minutes: a })
        const start = now.add({ minutes: b })
        const until = offerUntil(now, start, concern.site, plain)
        if (until === null) return
        expect(until.since(now).total('minutes')).toBeGreaterThanOrEqual(15)
        expect(until.since(now).total('hours')).toBeLessThanOrEqual(15)
        expect(start.since(until).total('hours')).toBeGreaterThanOrEqual(2)
      }),
    )
  })
})

test('a time fits who waits if it uses what became free, is earlier than what they have, and is offered to citizens', () => {
  const now = at('2026-11-23T08:00:00Z')
  const steps = fc.integer({ min: 0, max: 6 * 24 * 7 })
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 12 }), steps, (begin, length, later) => {
      const startsAt = now.add({ minutes: begin * 10 })
      const freed = { siteId: 'rathausplatz', deskId: 1, startsAt, endsAt: startsAt.add({ minutes: length * 10 }) }
      const has = now.add({ minutes: later * 10 })
      const found = fittingStarts(freed, concern, has, tenant, now).map(String)
      // The other way round: of every step in a week and a day, those that keep each rule.
      const steps = Array.from({ length: 6 * 24 * 9 }, (_, i) => now.subtract({ hours: 2 }).add({ minutes: i * 10 }))
      const expected = offeredOf(steps, concern, tenant, now)
        .filter((start) => Temporal.Instant.compare(start, has) < 0)
        .filter(
          (start) =>
            Temporal.Instant.compare(start, freed.endsAt) < 0 &&
            Temporal.Instant.compare(start.add({ minutes: concern.minutes }), freed.startsAt) > 0,
        )
        .map(String)
      expect(found).toEqual(expected)
    }),
  )
})

test('what is left of a freed stretch is every minute of it that the visit does not take, and no other', () => {
  const from = at('2026-12-01T08:00:00Z')
  const minute = fc.integer({ min: 0, max: 60 })
  const stretch = fc
    .tuple(minute, minute)
    .filter(([a, b]) => a !== b)
    .map(([a, b]) => ({
      startsAt: from.add({ minutes: Math.min(a, b) }),
      endsAt: from.add({ minutes: Math.max(a, b) }),
    }))
  const minutesOf = ({ startsAt, endsAt }: { startsAt: Temporal.Instant; endsAt: Temporal.Instant }) =>
    Array.from({ length: endsAt.since(startsAt).total('minutes') }, (_, i) => startsAt.add({ minutes: i }).toString())
  fc.assert(
    fc.property(stretch, stretch, (free, taken) => {
      const left = leftOf({ siteId: 'rathausplatz', deskId: 1, ...free }, taken)
      const gone = minutesOf(taken)
      expect(left.flatMap(minutesOf)).toEqual(minutesOf(free).filter((each) => !gone.includes(each)))
      for (const part of left) expect([part.siteId, part.deskId]).toEqual(['rathausplatz', 1])
    }),
  )
})
