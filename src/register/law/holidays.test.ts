import { expect, test } from 'vitest'
import { isMeant, publicHoliday } from './holidays.ts'

const day = Temporal.PlainDate.from

test('a public holiday has its name in every language; German stands where the calendar knows none', () => {
  expect(publicHoliday('DE-NW', day('2026-05-01'))).toEqual({ de: 'Maifeiertag', en: 'Labour Day', ar: 'يوم العمال' })
  expect(publicHoliday('DE-NW', day('2026-04-03'))).toEqual({ de: 'Karfreitag', en: 'Good Friday', ar: 'Karfreitag' })
})

test('a holiday of another Land, or of some municipalities only, is none', () => {
  expect(publicHoliday('DE-SH', day('2026-06-04'))).toBeNull() // Corpus Christi
  expect(publicHoliday('DE-NW', day('2026-06-04'))).not.toBeNull()
  expect(publicHoliday('DE-BY', day('2026-08-15'))).toBeNull()
})

test('a day before Easter is meant in each year by its distance, and 29 February in leap years only', () => {
  for (const written of ['2026-02-16', '2027-02-08']) expect(isMeant('easter-48', 'DE-NW', day(written))).toBe(true)
  expect(isMeant('easter-48', 'DE-NW', day('2027-02-16'))).toBe(false)
  expect(isMeant('--02-29', 'DE-NW', day('2028-02-29'))).toBe(true)
  expect(isMeant('--02-29', 'DE-NW', day('2027-02-28'))).toBe(false)
})
