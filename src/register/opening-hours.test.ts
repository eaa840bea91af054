import { describe, expect, test } from 'vitest'
import { claims } from '#apps/features.ts'
import { loadRegister } from './load/load.ts'
import { hoursOf, nextDayOf, specialDays } from './opening-hours.ts'
import type { Site, Tenant } from './register.ts'

const shipped = loadRegister('tenants', claims).running.get('musterstadt')?.tenant as Tenant
const aSite = (given: Partial<Site>): Site => ({
  ...(shipped.sites[0] as Site),
  closures: [],
  exceptions: [],
  ...given,
})
const allWeek = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

describe('a day that is not as usual', () => {
  const reason = { de: 'Umzug', en: 'moving house' }
  const daily = [{ days: [...allWeek], from: '08:00', to: '12:00' }]
  const withHolidays = (changes: Partial<Tenant> = {}): Tenant => ({
    ...shipped,
    closures: [],
    holidays: { local: [], open: [] },
    ...changes,
  })
  const on = (day: string, site: Site, tenant: Tenant) => hoursOf(Temporal.PlainDate.from(day), site, tenant)
  const usual = aSite({ openingHours: daily })

  test.each([
    ['a public holiday of the Land', '2027-11-01', 'DE-NW', 'Allerheiligen'],
    ['a movable one', '2027-05-27', 'DE-NW', 'Fronleichnam'],
    ['one of Saxony', '2027-11-17', 'DE-SN', 'Buß- und Bettag'],
  ] as const)('is closed on %s, which is its reason', (_, day, land, name) => {
    expect(on(day, usual, withHolidays({ land }))).toMatchObject({ hours: [], reason: { de: name } })
  })

  test.each([
    ['a holiday of another Land', '2027-11-01', 'DE-SH'],
    ['a holiday of some municipalities only', '2027-08-15', 'DE-BY'],
  ] as const)('is open on %s', (_, day, land) => {
    expect(on(day, usual, withHolidays({ land })).hours).toHaveLength(1)
  })

  test('a holiday of the place is closed, by its date or by Easter; a holiday kept open is open', () => {
    const local = [
      { date: '--06-24', name: reason },
      { date: 'easter-48', name: reason },
      { date: '--02-29', name: reason },
    ]
    const tenant = withHolidays({ land: 'DE-NW', holidays: { local, open: ['--11-01'] } })
    const days = ['2027-06-24', '2027-02-08', '2028-02-29', '2027-11-01', '2027-02-28', '2027-03-01']
    expect(days.filter((day) => on(day, usual, tenant).hours.length > 0)).toEqual([
      '2027-11-01',
      '2027-02-28',
      '2027-03-01',
    ])
  })

  test('an exception has its own hours, also on a holiday; a closure is stronger than both', () => {
    const exceptions = [{ from: '2027-10-31', to: '2027-11-01', hours: [{ from: '10:00', to: '11:00' }], reason }]
    const site = aSite({ openingHours: daily, exceptions })
    expect(on('2027-11-01', site, withHolidays())).toMatchObject({ hours: [{ from: '10:00', to: '11:00' }], reason })
    const closures = [{ from: '2027-11-01', to: '2027-11-02', reason }]
    expect(on('2027-11-01', { ...site, closures }, withHolidays()).hours).toEqual([])
    expect(on('2027-11-01', site, withHolidays({ closures })).hours).toEqual([])
    expect(on('2027-11-03', { ...site, closures }, withHolidays({ closures })).hours).toHaveLength(1)
  })

  test('is told of beforehand, days in a row together, and only where somebody would come in vain or could come', () => {
    const site = aSite({
      openingHours: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', to: '12:00' }],
      closures: [{ from: '2026-12-23', to: '2027-01-03', reason }],
      exceptions: [{ on: '2026-12-12', hours: [{ from: '10:00', to: '11:00' }] }],
    })
    const tenant = withHolidays({ land: 'DE-SH', holidays: { local: [{ date: '--12-13', name: reason }], open: [] } })
    const [from, to] = ['2026-12-01', '2027-03-26'].map((day) => Temporal.PlainDate.from(day)) as [
      Temporal.PlainDate,
      Temporal.PlainDate,
    ]
    expect(
      specialDays(from, to, site, tenant).map((row) => [`${row.from} ${row.to}`, row.hours.length, row.reason?.de]),
    ).toEqual([
      ['2026-12-12 2026-12-12', 1, undefined], // a Saturday; the holiday on the Sunday after it is nobody's loss
      ['2026-12-23 2027-01-03', 0, 'Umzug'], // with its weekends and holidays
      ['2027-03-26 2027-03-26', 0, 'Karfreitag'],
    ])
  })

  test('a rule names the next day on which it holds, in its week and within its validity', () => {
    const next = (rule: Partial<Site['openingHours'][number]>, from: string) =>
      nextDayOf({ days: ['tue'], from: '16:00', to: '19:00', ...rule }, Temporal.PlainDate.from(from))?.toString()
    const everySecond = { everyWeeks: 2, startingFrom: '2026-11-24' }
    expect(next({}, '2026-11-24')).toBe('2026-11-24')
    expect(next(everySecond, '2026-11-25')).toBe('2026-12-08')
    expect(next({ ...everySecond, validFrom: '2027-01-01' }, '2026-11-25')).toBe('2027-01-05')
    expect(next({ ...everySecond, validUntil: '2026-12-07' }, '2026-11-25')).toBeUndefined()
  })
})
