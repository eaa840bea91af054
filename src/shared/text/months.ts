// German, English, and the three sets of Arabic names: of Egypt, of Syria and its neighbours, of Algeria and Morocco.
const languages = ['de', 'de-AT', 'en', 'ar', 'ar-SY', 'ar-DZ', 'ar-MA']

/** Without accents, hamza, dots and blanks, in small letters. */
const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/[\p{M}\s.]/gu, '')
    .toLowerCase()

const namesOf = (language: string, month: 'long' | 'short'): [string, number][] => {
  const format = new Intl.DateTimeFormat(language, { month, calendar: 'gregory', timeZone: 'UTC' })
  return Array.from({ length: 12 }, (_, index) => [plain(format.format(Date.UTC(2000, index, 15))), index + 1])
}

let known: Map<string, number> | undefined
const months = (): Map<string, number> => {
  known ??= new Map([
    ...languages.flatMap((language) => [...namesOf(language, 'long'), ...namesOf(language, 'short')]),
    ['maerz', 3],
    ['mrz', 3],
  ])
  return known
}

/** The number of a month that was written as a word, or as its first letters, at least three; null where it may be several
 *  or is none. */
export const monthOf = (text: string): number | null => {
  if (text.length > 20 || !/\p{L}/u.test(text)) return null
  const word = plain(text)
  const whole = months().get(word)
  if (whole || word.length < 3) return whole ?? null
  const begun = new Set([...months()].flatMap(([name, month]) => (name.startsWith(word) ? [month] : [])))
  return begun.size === 1 ? ([...begun][0] ?? null) : null
}
