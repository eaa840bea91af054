import { type Texts, wordFiles } from '#platform/i18n/word-files.ts'
import type { Language } from './languages.ts'

/** The key that is asked for: without the ending of a plural, which is its name in CLDR. */
export const withoutPlural = (key: string): string => key.replace(/_(zero|one|two|few|many|other)$/, '')

const entries = (texts: Texts, start: string): [string, string][] =>
  Object.entries(texts).flatMap(([key, text]) =>
    typeof text === 'string' ? [[start + key, text] as [string, string]] : entries(text, `${start}${key}.`),
  )

/** All texts by their whole keys. */
export const textsByKey = (catalogue: Texts): ReadonlyMap<string, string> => new Map(entries(catalogue, ''))

/** What several texts say is said once, and stands in them as `$t(key)`. It is put in here, where nothing is filled in yet:
 *  what somebody typed is never taken for it. */
const complete = (text: string, all: ReadonlyMap<string, string>): string =>
  text.replace(/\$t\(([\w.-]+)\)/g, (_, key: string) => {
    const said = all.get(key)
    if (said === undefined) throw new Error(`no text for ${key}`)
    return complete(said, all)
  })

const completed = (texts: Texts, all: ReadonlyMap<string, string>): Texts =>
  Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [
      key,
      typeof text === 'string' ? complete(text, all) : completed(text, all),
    ]),
  )

/** All words of a language, by their owners: the key of a text begins with its owner's folder, `appointments.services.title`.
 *  @throws where a text says `$t` of a key without a text. */
export const catalogue = (language: Language): Texts => {
  const texts: Texts = Object.fromEntries(
    Object.entries(wordFiles).flatMap(([path, own]) => {
      const [, owner, spoken] = /([\w-]+)\/locales\/(\w+)\.json$/.exec(path) ?? []
      return spoken === language && owner ? [[owner, own]] : []
    }),
  )
  return completed(texts, textsByKey(texts))
}
