const turns = [-60, -30, 30, 60].map((minutes) => minutes * 60_000)

/** "Montag, 30. November 2026 um 10:20 Uhr": an instant (ISO 8601) as people say it, by the clock of a place. `locale` is a
 *  BCP 47 name; digits and calendar are those of a German counter in every language. Of a time that comes twice on its
 *  day, which of the two, e.g. "(Mitteleuropäische Sommerzeit)". */
export const momentInWords = (instant: string, locale: string, timeZone: string): string => {
  const common = { timeZone, calendar: 'gregory', numberingSystem: 'latn' } as const
  const format = new Intl.DateTimeFormat(locale, { ...common, dateStyle: 'full', timeStyle: 'short', hourCycle: 'h23' })
  const at = Date.parse(instant)
  const words = format.format(at)
  const said = locale.startsWith('de') ? `${words} Uhr` : words
  // Where clocks go back, by an hour or by half of one, the same words are true twice.
  if (!turns.some((turn) => format.format(at + turn) === words)) return said
  const parts = new Intl.DateTimeFormat(locale, { ...common, timeZoneName: 'long' }).formatToParts(at)
  return `${said} (${parts.find(({ type }) => type === 'timeZoneName')?.value})`
}
