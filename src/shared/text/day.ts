import { readNumeric } from './digits.ts'
import { monthOf } from './months.ts'
import { trimmed } from './typed.ts'

export const dayParts = ['day', 'month', 'year'] as const
export type DayPart = (typeof dayParts)[number]

/** What is wrong with a day, all at once. `parts`: in which boxes. */
export type DayFault =
  | { kind: 'lacks' | 'digits' | 'year' | 'month' | 'day'; parts: DayPart[] }
  /** `apart`: something in the first box that is no day, and nothing in the others. `calendar`: a year of another one. */
  | { kind: 'apart' | 'calendar'; parts: DayPart[] }
  /** `year` only where it matters: for 29 February. */
  | { kind: 'noSuchDay'; parts: DayPart[]; day: number; month: number; year?: number }

/** A day, or the part of one that is known. */
export type Day = { year: number; month?: number; day?: number }

/** What was typed into one box of three: `3.`, `03` and `٣` are 3; so is the `3rd` of an English form. */
export const readDayPart = (raw: string): string =>
  trimmed(readNumeric(raw), /[\s.,/-]/, /\s/).replace(/^([0-9]{1,2})(?:st|nd|rd|th)$/i, '$1')

type Boxes = Readonly<Record<DayPart, string>>

const between = String.raw`[\s.,/-]{1,3}`
const [aDay, aMonth, aYear] = [
  '(?<day>[0-9]{1,2})(?:st|nd|rd|th)?',
  String.raw`(?<month>[0-9]{1,2}|\p{L}[\p{L}\p{M} ]{1,18})`,
  String.raw`(?<year>[0-9]{1,4}(?: ?\p{L}{1,6})?)`,
]
const wholes = [
  '(?<month>0?[1-9]|1[0-2])/(?<day>1[3-9]|2[0-9]|3[01])/(?<year>[0-9]{4})', // 08/23/1984: no other day can be meant
  [aDay, aMonth, aYear].join(between), // 3.8.1984, as in most of the world; with a slash, too
  ['(?<year>[0-9]{4})', aMonth, aDay].join(between),
  [String.raw`(?<month>\p{L}[\p{L}\p{M} ]{1,18})`, aDay, aYear].join(between), // August 3, 1984
  '(?<day>[0-9]{2})(?<month>0[0-9]|1[0-2])(?<year>(?:19|20)[0-9]{2})', // a phone's keys for numbers have no dot
  '(?<year>(?:19|20)[0-9]{2})(?<month>0[0-9]|1[0-2])(?<day>[0-9]{2})',
].map((form) => new RegExp(`^${form}$`, 'iu'))

/** A month as a number, where it is a word. */
const readMonth = (text: string): string => String(monthOf(text) ?? text)
/** A year without what some languages write behind it: `1984 г.`, `1984م`. */
const readYear = (raw: string): string => readDayPart(raw).replace(/^([0-9]{4})[\s.]?[\p{L}\p{M}]{1,6}$/u, '$1')

/** The three parts of a whole day; null where it is none, or not plainly one. */
const splitDay = (text: string): Boxes | null => {
  for (const form of wholes) {
    const { day = '', month = '', year = '' } = form.exec(text)?.groups ?? {}
    if (day && /^[0-9]+$/.test(readMonth(month))) return { day, month: readMonth(month), year: readYear(year) }
  }
  return null
}

/** What was typed into three boxes, each read; a whole day in the first of them shared out, where nothing else stands in
 *  the others. */
export const readDayBoxes = (typed: Boxes): Boxes => {
  const [day, month, year] = [readDayPart(typed.day), readMonth(readDayPart(typed.month)), readYear(typed.year)]
  const whole = splitDay(day)
  const agrees = (box: string, part: string) => box === '' || (/^[0-9]+$/.test(box) && Number(box) === Number(part))
  return whole && agrees(month, whole.month) && agrees(year, whole.year) ? whole : { day, month, year }
}

// Years of birth of people alive, in the calendars of Iran and Afghanistan, of Islam, and of Thailand.
const isOfOtherCalendar = (year: number): boolean => (year >= 1290 && year <= 1460) || (year >= 2440 && year <= 2600)

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
export const readDay = (typed: Boxes, partial = false): { day: Day } | { faults: DayFault[] } | null => {
  const boxes = readDayBoxes(typed)
  const texts = dayParts.map((part) => boxes[part])
  if (texts.every((text) => text === '')) return null
  if (!/^[0-9]{0,2}$/.test(boxes.day) && !boxes.month && !boxes.year)
    return { faults: [{ kind: 'apart', parts: [...dayParts] }] }
  const isNumber = (text: string | undefined) => /^[0-9]+$/.test(text ?? '')
  const lacks = dayParts.filter((_, index) => texts[index] === '')
  const digits = dayParts.filter((_, index) => texts[index] !== '' && !isNumber(texts[index]))
  const [day = Number.NaN, month = Number.NaN, year = Number.NaN] = texts.map((text) =>
    isNumber(text) ? Number(text) : Number.NaN,
  )
  const isYear = year >= 1000 && year <= 9999
  const isOther = isOfOtherCalendar(year)
  const known = (value: number) => (partial && value === 0 ? Number.NaN : value)
  if (partial && day > 0 && month === 0) lacks.push('month')
  const faults: DayFault[] = [
    ...(lacks.length > 0 ? [{ kind: 'lacks' as const, parts: lacks }] : []),
    ...(digits.length > 0 ? [{ kind: 'digits' as const, parts: digits }] : []),
    ...(!isYear && !Number.isNaN(year) ? [{ kind: 'year' as const, parts: ['year' as const] }] : []),
    ...(isOther ? [{ kind: 'calendar' as const, parts: ['year' as const] }] : []),
    // Months of other calendars have other lengths.
    ...calendarFaults(known(day), known(month), isYear ? year : undefined).filter(
      ({ kind }) => !(isOther && kind === 'noSuchDay'),
    ),
  ]
  if (faults.length > 0) return { faults }
  return { day: { year, ...(month > 0 ? { month } : {}), ...(day > 0 ? { day } : {}) } }
}

/** A day in ISO 8601, as far as it is known: `1980-05-17`, `1980-05` or `1980`. */
export const isoOf = ({ year, month, day }: Day): string =>
  [year, month, day].flatMap((part) => (part === undefined ? [] : [String(part).padStart(2, '0')])).join('-')
