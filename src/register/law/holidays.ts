import DateHolidays, { type HolidaysTypes } from 'date-holidays'
import { type Language, languages } from '#platform/i18n/translate.ts'
import type { Land } from '../schema-tenant.ts'

/** A day on which offices are closed, `date` in ISO 8601; with a name in every language of the product. */
type Holiday = { date: string; name: Record<Language, string> }

type Year = { holidays: readonly Holiday[]; easter: Temporal.PlainDate }

const years = new Map<string, Year>()

const dayOf = (holiday: HolidaysTypes.Holiday): string => holiday.date.slice(0, 10)

const readYear = (land: Land, year: number): Year => {
  const [country, state] = land.split('-') as [string, string]
  const calendar = new DateHolidays(country, state, { types: ['public', 'observance'] })
  const german = calendar.getHolidays(year, 'de')
  const easter = german.find(({ rule }) => rule === 'easter')
  if (!easter) throw new Error(`no Easter in ${year}`)
  const names = new Map(
    languages.map((each) => [each, new Map(calendar.getHolidays(year, each).map(({ rule, name }) => [rule, name]))]),
  )
  // The package says in English what it does not know in a language; what hangs at the door of the office is German.
  const nameIn = (language: Language, { rule, name }: HolidaysTypes.Holiday): string => {
    const said = names.get(language)?.get(rule)
    return said === undefined || (language !== 'en' && said === names.get('en')?.get(rule)) ? name : said
  }
  return {
    easter: Temporal.PlainDate.from(dayOf(easter)),
    holidays: german
      .filter(({ type }) => type === 'public')
      .map((holiday) => ({
        date: dayOf(holiday),
        name: Object.fromEntries(languages.map((each) => [each, nameIn(each, holiday)])) as Holiday['name'],
      })),
  }
}

const yearOf = (land: Land, year: number): Year => {
  const key = `${land} ${year}`
  const known = years.get(key) ?? readYear(land, year)
  years.set(key, known)
  return known
}

/** The name of the public holiday of the whole Land on this day, or null. Those of some of its municipalities only, such as 15 August in
 *  Bavaria, are none. Source: the package `date-holidays`. */
export const publicHoliday = (land: Land, day: Temporal.PlainDate): Holiday['name'] | null =>
  yearOf(land, day.year).holidays.find(({ date }) => date === day.toString())?.name ?? null

/** Whether a day is meant by `--06-24`, `easter-48` or `2026-12-24`. On 29 February `--02-29` is meant in leap years only. */
export const isMeant = (written: string, land: Land, day: Temporal.PlainDate): boolean => {
  if (written.startsWith('--')) return day.toString().slice(4) === written.slice(1)
  if (!written.startsWith('easter')) return day.toString() === written
  return yearOf(land, day.year)
    .easter.add({ days: Number(written.slice('easter'.length)) })
    .equals(day)
}
