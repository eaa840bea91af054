import { formats, type Language } from './translate.ts'

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

/** "12. August 1984": a day of the calendar, in no time zone. */
export const formatDate = (date: Temporal.PlainDate, language: Language): string =>
  date.toLocaleString(formats[language], { dateStyle: 'long' })

/** "Miete, Strom und Heizung" */
export const joinTexts = (texts: readonly string[], language: Language): string =>
  texts.length === 1 ? (texts[0] ?? '') : new Intl.ListFormat(formats[language], { type: 'conjunction' }).format(texts)

/** "Dezember 2026" */
export const formatMonth = (month: Temporal.PlainYearMonth, language: Language): string =>
  month.toPlainDate({ day: 1 }).toLocaleString(formats[language], { month: 'long', year: 'numeric' })

/** The days of a week, Monday first, short and in full: "Mo", "Montag". */
export const weekdays = (language: Language): { short: string; long: string }[] =>
  Array.from({ length: 7 }, (_, i) => {
    const day = new Temporal.PlainDate(2024, 1, 1 + i) // a Monday
    const name = (weekday: 'narrow' | 'short' | 'long') => day.toLocaleString(formats[language], { weekday })
    // Arabic knows no shorter names than the full ones, but single letters.
    return { short: name(language === 'ar' ? 'narrow' : 'short'), long: name('long') }
  })

/** "Montag, 30. November 2026" */
export const formatDay = formatter({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })
/** "10:20" */
export const formatTime = formatter({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
/** "30. November 2026, 10:20" */
export const formatMoment = formatter({
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})
