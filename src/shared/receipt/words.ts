/** "Montag, 30. November 2026 um 10:20 Uhr": an instant (ISO 8601) as people say it, by the clock of a place. `locale` is a
 *  BCP 47 name; digits and calendar are those of a German counter in every language. */
export const momentInWords = (instant: string, locale: string, timeZone: string): string => {
  const words = new Intl.DateTimeFormat(locale, {
    dateStyle: 'full',
    timeStyle: 'short',
    hourCycle: 'h23',
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
  }).format(new Date(instant))
  return locale.startsWith('de') ? `${words} Uhr` : words
}
