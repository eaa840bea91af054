import { hourMark } from './hour-twice.ts'
import { formats, type Language, languages } from './translate.ts'

/** The BCP 47 name by which dates are formatted, for what formats them in the browser. */
export const localeOf = (language: Language): string => formats[language]

const formatter = (options: Intl.DateTimeFormatOptions) => {
  const made = new Map<string, Intl.DateTimeFormat>()
  return (instant: Temporal.Instant, lang: Language, timeZone: string): string => {
    const key = `${lang} ${timeZone}`
    let format = made.get(key)
    if (!format) {
      format = new Intl.DateTimeFormat(formats[lang], { ...options, timeZone })
      made.set(key, format)
    }
    return format.format(instant.epochMilliseconds)
  }
}

// Making one takes a thousand times as long as using it, so there is one for each language.
const once = <T>(make: (language: Language) => T): ((language: Language) => T) => {
  const made = new Map<Language, T>(languages.map((language) => [language, make(language)]))
  return (language) => made.get(language) as T
}

const ofCalendar = (options: Intl.DateTimeFormatOptions) => {
  const format = once((language) => new Intl.DateTimeFormat(formats[language], { ...options, timeZone: 'UTC' }))
  return (date: Temporal.PlainDate, language: Language): string =>
    format(language).format(Date.UTC(date.year, date.month - 1, date.day))
}

/** "12. August 1984": a day of the calendar, in no time zone. */
export const formatDate = ofCalendar({ dateStyle: 'long' })

const listFormat = once((language) => new Intl.ListFormat(formats[language], { type: 'conjunction' }))

/** "Miete, Strom und Heizung" */
export const joinTexts = (texts: readonly string[], language: Language): string =>
  texts.length === 1 ? (texts[0] ?? '') : listFormat(language).format(texts)

const monthAndYear = ofCalendar({ month: 'long', year: 'numeric' })

/** "Dezember 2026" */
export const formatMonth = (month: Temporal.PlainYearMonth, language: Language): string =>
  monthAndYear(month.toPlainDate({ day: 1 }), language)

const nameOfMonth = ofCalendar({ month: 'long' })
/** "Dezember" */
export const monthName = (month: Temporal.PlainYearMonth, language: Language): string =>
  nameOfMonth(month.toPlainDate({ day: 1 }), language)

/** A day as far as it is known, of ISO 8601: `1984-08-12` is "12. August 1984", `1984-08` "August 1984", `1984` "1984". */
export const formatPartialDate = (date: string, language: Language): string => {
  if (/^\d{4}$/.test(date)) return date
  return /^\d{4}-\d\d$/.test(date)
    ? formatMonth(Temporal.PlainYearMonth.from(date), language)
    : formatDate(Temporal.PlainDate.from(date), language)
}

/** The days of a week, Monday first, short and in full: "Mo", "Montag". */
export const weekdays = once((language): readonly { short: string; long: string }[] =>
  Array.from({ length: 7 }, (_, i) => {
    const name = (weekday: 'narrow' | 'short' | 'long') =>
      new Intl.DateTimeFormat(formats[language], { weekday, timeZone: 'UTC' }).format(Date.UTC(2024, 0, 1 + i)) // a Monday
    // Arabic knows no shorter names than the full ones, but single letters.
    return { short: name(language === 'ar' ? 'narrow' : 'short'), long: name('long') }
  }),
)

/** "Montag, 30. November 2026" */
export const formatDay = formatter({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })
/** "10:20" */
export const formatTime = formatter({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const dayAndTime = formatter({
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})
/** "30. November 2026, 10:20"; of a time that comes twice on its day, which of the two. */
export const formatMoment = (at: Temporal.Instant, language: Language, timeZone: string): string =>
  dayAndTime(at, language, timeZone) + hourMark(at, language, timeZone)
