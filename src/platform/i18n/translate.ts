import i18next from 'i18next'
import { catalogue, textsByKey, withoutPlural } from './catalogue.ts'
import { isolate } from './direction.ts'
import { type Language, languages } from './languages.ts'
import type { Word } from './words.ts'

export { type Language, languages }

/** How a language writes numbers, dates and lists: Latin digits and the Gregorian calendar, as on every letter of a
 *  Jobcenter. Arabic as in Syria, where most people at a Jobcenter who read it come from: its months (كانون الأول) are said
 *  in Iraq, Jordan, Lebanon and Palestine, too, and those of Egypt (ديسمبر) would be foreign there. */
export const formats: Record<Language, string> = {
  de: 'de-DE-u-ca-gregory-nu-latn',
  en: 'en-GB-u-ca-gregory-nu-latn',
  ar: 'ar-SY-u-ca-gregory-nu-latn',
}

/** Looks a text up in the person's language. Values are inserted as they are; the view escapes. A text that depends on a
 *  number has one form for each of the language's plurals, and the number is called `count`. */
export type Translate = (key: Word, values?: Record<string, string | number>) => string

const i18n = i18next.createInstance()
await i18n.init({
  resources: Object.fromEntries(languages.map((language) => [language, { translation: catalogue(language) }])),
  lng: 'de',
  fallbackLng: false,
  interpolation: { escapeValue: false }, // Preact escapes
  saveMissing: true,
  missingKeyHandler: (_languages, _namespace, key) => {
    throw new Error(`no text for ${key}`)
  },
})

/** Works out what belongs to a text once and keeps it; for texts out of the program and its files, of which there are not
 *  many. */
const once = <K extends string, T>(find: (text: K) => T): ((text: K) => T) => {
  const found = new Map<K, T>()
  return (text) => {
    const known = found.get(text)
    if (known !== undefined) return known
    const value = find(text)
    found.set(text, value)
    return value
  }
}

/** A phone number does not end a line in its middle: "030 23125 001". */
const unbroken = (value: string): string => (/^\+?\d[\d ()/-]*$/.test(value) ? value.replaceAll(' ', '\u00A0') : value)

const kept = (values: Record<string, string | number>, language: Language) =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'string' ? isolate(unbroken(value), language) : value,
    ]),
  )

/** A text into which nothing is inserted is looked up once: pages consist of them, and looking up takes as long as
 *  rendering. */
const translators = new Map<Language, Translate>(
  languages.map((language) => {
    const t = i18n.getFixedT(language)
    const plain = once((key: Word) => t(key))
    return [language, (key, values) => (values ? t(key, kept(values, language)) : plain(key))]
  }),
)

/** The texts of one language.
 *  @throws on a key without a text, so that a missing translation is a failing test and not a blank page. */
export const translator = (language: Language): Translate => translators.get(language) as Translate

/** All plural forms of a text, by their names in CLDR, with `{n}` for the number: for the browser, which counts by itself. */
export const pluralForms = (key: Word, language: Language): Record<string, string> =>
  Object.fromEntries(
    new Intl.PluralRules(language).resolvedOptions().pluralCategories.map((form) => {
      const text = i18n.getResource(language, 'translation', `${key}_${form}`)
      if (typeof text !== 'string') throw new Error(`no text for ${key}_${form}`)
      return [form, text.replace('{{count}}', '{n}')]
    }),
  )

const words = new Set([...textsByKey(catalogue('de')).keys()].map(withoutPlural))

/** Whether there is a text by this key. That all languages have what German has, the compiler knows (`words.ts`). */
export const hasText = (key: string): key is Word => words.has(key)

const byOwn = Map.groupBy(words, (key) => key.slice(key.indexOf('.') + 1))

/** The key of a text by what its owner calls it, whosever it is: `trigger.code.used.after`. Null where nobody has it, or
 *  more than one. */
export const ownedWord = (own: string): Word | null => {
  const [key, ...others] = byOwn.get(own) ?? []
  return key !== undefined && others.length === 0 && hasText(key) ? key : null
}

/** The key of a text that is made of what stands in a file.
 *  @throws where there is no such text. */
export const knownWord = (key: string): Word => {
  if (hasText(key)) return key
  throw new Error('no text for a word of a file')
}

// Making one takes longer than all else on a small page, and so does using it.
const durations = new Map(
  languages.map((each) => {
    const format = new Intl.DurationFormat(formats[each], { style: 'long' })
    const inWords = (period: string): string => {
      const duration = Temporal.Duration.from(period)
      return duration.blank ? translator(each)('platform.atOnce') : format.format(duration)
    }
    return [each, once(inWords)]
  }),
)

/** An ISO 8601 period in words: `P14D` is "14 Tage", `PT24H` "24 hours", a period of zero "sofort". */
export const periodInWords = (period: string, language: Language): string =>
  (durations.get(language) as (period: string) => string)(period)
