import { readNumeric } from './digits.ts'
import { trimmed } from './typed.ts'

export const dayParts = ['day', 'month', 'year'] as const
export type DayPart = (typeof dayParts)[number]

/** What is wrong with a day, all at once. `parts`: in which boxes. */
export type DayFault =
  | { kind: 'lacks' | 'digits' | 'year' | 'month' | 'day'; parts: DayPart[] }
  /** `year` only where it matters: for 29 February. */
  | { kind: 'noSuchDay'; parts: DayPart[]; day: number; month: number; year?: number }

/** A day, or the part of one that is known. */
export type Day = { year: number; month?: number; day?: number }

/** What was typed into one box of three: `3.`, `03` and `٣` are 3; so is the `3rd` of an English form. */
export const readDayPart = (raw: string): string =>
  trimmed(readNumeric(raw), /[\s.,/-]/, /\s/).replace(/^([0-9]{1,2})(?:st|nd|rd|th)$/i, '$1')

const isLeap = (year: number) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
const lengthOfMonth = (month: number, year: number): number =>
  month === 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31

/** What of the calendar (Gregorian) speaks against these numbers. Without a year, February has 29 days. */
const calendarFaults = (day: number, month: number, year: number | undefined): DayFault[] => {
  const found: DayFault[] = []
  const isMonth = month >= 1 && month <= 12
  if (month > 12 || month === 0) found.push({ kind: 'month', parts: ['month'] })
  if (day > 31 || day === 0) found.push({ kind: 'day', parts: ['day'] })
  else if (isMonth && day > lengthOfMonth(month, year ?? 2000)) {
    const ofYear = month === 2 && day === 29 && year !== undefined
    found.push({
      kind: 'noSuchDay',
      parts: ['day', 'month', ...(ofYear ? ['year' as const] : [])],
      day,
      month,
      ...(ofYear ? { year } : {}),
    })
  }
  return found
}

/** The day of three boxes, or everything that is wrong with them. `partial`: a zero for the day, or for day and month,
 *  means that it is not known, as identity papers write it (00.00.1980). Null where nothing was typed. */
export const readDay = (
  typed: Readonly<Record<DayPart, string>>,
  partial = false,
): { day: Day } | { faults: DayFault[] } | null => {
  const texts = dayParts.map((part) => readDayPart(typed[part]))
  if (texts.every((text) => text === '')) return null
  const isNumber = (text: string | undefined) => /^[0-9]+$/.test(text ?? '')
  const lacks = dayParts.filter((_, index) => texts[index] === '')
  const digits = dayParts.filter((_, index) => texts[index] !== '' && !isNumber(texts[index]))
  const [day = Number.NaN, month = Number.NaN, year = Number.NaN] = texts.map((text) =>
    isNumber(text) ? Number(text) : Number.NaN,
  )
  const isYear = year >= 1000 && year <= 9999
  const known = (value: number) => (partial && value === 0 ? Number.NaN : value)
  if (partial && day > 0 && month === 0) lacks.push('month')
  const faults: DayFault[] = [
    ...(lacks.length > 0 ? [{ kind: 'lacks' as const, parts: lacks }] : []),
    ...(digits.length > 0 ? [{ kind: 'digits' as const, parts: digits }] : []),
    ...(!isYear && !Number.isNaN(year) ? [{ kind: 'year' as const, parts: ['year' as const] }] : []),
    ...calendarFaults(known(day), known(month), isYear ? year : undefined),
  ]
  if (faults.length > 0) return { faults }
  return { day: { year, ...(month > 0 ? { month } : {}), ...(day > 0 ? { day } : {}) } }
}

/** A day in ISO 8601, as far as it is known: `1980-05-17`, `1980-05` or `1980`. */
export const isoOf = ({ year, month, day }: Day): string =>
  [year, month, day].flatMap((part) => (part === undefined ? [] : [String(part).padStart(2, '0')])).join('-')
