import type { Language } from '#platform/i18n/translate.ts'
import type { Problem } from '../register.ts'
import { nameOf } from './name-of.ts'
import type { Path, YamlFile } from './yaml.ts'

/** Every text for people in data that fit their schema: nothing else there has words under a key `de`. */
const textsIn = (data: unknown, path: Path = []): { path: Path; text: Record<string, unknown> }[] => {
  if (typeof data !== 'object' || data === null) return []
  if (Array.isArray(data)) return data.flatMap((one, index) => textsIn(one, [...path, index]))
  const node = data as Record<string, unknown>
  return typeof node.de === 'string'
    ? [{ path, text: node }]
    : Object.entries(node).flatMap(([key, value]) => textsIn(value, [...path, key]))
}

/** Texts of a file that lack a language in which people are promised to read them, or have one in which nobody would.
 *  `languages` are those of the tenant, or all of the product where the file speaks for every tenant. */
export const checkLanguages = (yaml: YamlFile, languages: readonly Language[]): Problem[] =>
  textsIn(yaml.data).flatMap(({ path, text }) => {
    const at = (language: string, message: string, remedy: string) =>
      yaml.at([...path, language], `${nameOf(yaml.data, [...path, language])}: ${message}`, remedy)
    return [
      ...languages
        .filter((language) => text[language] === undefined)
        .map((language) => at(language, 'missing', `add '${language}:' with the text in this language`)),
      ...Object.keys(text)
        .filter((language) => !languages.some((each) => each === language))
        .map((language) =>
          at(
            language,
            'nobody would read it, as the tenant does not speak this language',
            `remove it, or add '${language}' to 'languages' in tenant.yaml and to every other text`,
          ),
        ),
    ]
  })
