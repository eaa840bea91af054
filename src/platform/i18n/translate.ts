import i18next from 'i18next'

/** Languages the product speaks. German comes first: it is decisive, and its pages have no language in the path. */
export const languages = ['de', 'en'] as const
export type Language = (typeof languages)[number]

/** Looks a text up in the person's language. Values are inserted as they are; the view escapes. */
export type Translate = (key: string, values?: Record<string, string | number>) => string

// locales/<language>/<namespace>.json; the key of a text begins with its file's name: `appointments.service.title`.
const files = import.meta.glob<Record<string, unknown>>('../../../locales/*/*.json', { eager: true, import: 'default' })
const catalogue = (language: Language) =>
  Object.fromEntries(
    Object.entries(files).flatMap(([path, texts]) => {
      const [, folder, namespace] = /locales\/(\w+)\/(\w+)\.json$/.exec(path) ?? []
      return folder === language && namespace ? [[namespace, texts]] : []
    }),
  )

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

const translators = new Map(languages.map((language) => [language, i18n.getFixedT(language)]))

/** The texts of one language.
 *  @throws on a key without a text, so that a missing translation is a failing test and not a blank page. */
export const translator = (language: Language): Translate => translators.get(language) as unknown as Translate

/** Whether every language has this text; for keys that come out of a file. */
export const hasText = (key: string): boolean => languages.every((language) => i18n.exists(key, { lng: language }))

// Making one takes longer than all else on a small page.
const durations = new Map(languages.map((each) => [each, new Intl.DurationFormat(each, { style: 'long' })]))

/** An ISO 8601 period in words: `P14D` is "14 Tage", `PT24H` "24 hours", a period of zero "sofort". */
export const periodInWords = (period: string, language: Language): string => {
  const duration = Temporal.Duration.from(period)
  return duration.blank
    ? translator(language)('common.atOnce')
    : (durations.get(language) as Intl.DurationFormat).format(duration)
}
