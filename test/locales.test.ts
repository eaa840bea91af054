import { readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import { catalogue as catalogueOf, textsByKey, withoutPlural } from '#platform/i18n/catalogue.ts'
import { type Language, languages } from '#platform/i18n/translate.ts'
import { isMissing, shippedCatalogue } from '#register/load/catalogue.ts'
import { toData } from '#register/load/tree.ts'
import type { Activity } from '#register/register.ts'
import { asShipped, exampleFeatures, filesBelow, type Node, readSources, textsOf } from './helpers/sources.ts'
import { allTenants, runningTenant } from './helpers/tenants.ts'

const catalogue = (language: Language): ReadonlyMap<string, string> => textsByKey(catalogueOf(language))

const german = catalogue('de')
const namespaces = [...new Set([...german.keys()].map((key) => key.split('.')[0]))]
const placeholders = (text = ''): string[] => [...text.matchAll(/\{\{\s*(\w+)/g)].map(([, name = '']) => name).sort()

// Languages have different plural forms; what they have in common is the key without them.
const keysOf = (texts: ReadonlyMap<string, string>): string[] => [...new Set([...texts.keys()].map(withoutPlural))]

describe.each(languages.filter((language) => language !== 'de'))('%s', (language) => {
  const texts = catalogue(language)

  test('has a text wherever German has one, and no other', () => {
    expect(keysOf(texts).sort()).toEqual(keysOf(german).sort())
  })

  test('fills in the same values as German; a number may be a word of its own where there are none, one or two', () => {
    const different = [...texts].filter(([key, text]) => {
      const counterpart = german.get(key) ?? german.get(`${withoutPlural(key)}_other`) ?? ''
      const isWord = /_(zero|one|two)$/.test(key)
      const [own, expected] = [text, counterpart].map((each) => placeholders(each).filter((name) => name !== 'count'))
      if (key.endsWith('_zero')) return own?.some((name) => !expected?.includes(name))
      return (
        own?.join() !== expected?.join() ||
        (!isWord && text.includes('{{count}}') !== counterpart.includes('{{count}}'))
      )
    })
    expect(different.map(([key]) => key)).toEqual([])
  })
})

describe.each(languages)('%s', (language) => {
  const texts = catalogue(language)

  test('leaves nothing empty and has no blanks around a text', () => {
    // What stands before a title, or between the parts of a list, brings its blank along.
    const joins = ['platform.errorPrefix', 'platform.listComma', 'platform.listSemicolon']
    const loose = [...texts].filter(
      ([key, text]) => text.trim() === '' || (text !== text.trim() && !joins.includes(key)),
    )
    expect(loose.map(([key]) => key)).toEqual([])
  })

  test('has each text with a number in every plural of the language, and in no other', () => {
    const rules = new Intl.PluralRules(language)
    const forms = new Set(Array.from({ length: 1000 }, (_, number) => rules.select(number)))
    const plurals = Map.groupBy(
      [...texts.keys()].filter((key) => key !== withoutPlural(key)),
      withoutPlural,
    )
    const wrong = [...plurals].filter(
      ([key, found]) =>
        found
          .map((each) => each.slice(key.length + 1))
          .sort()
          .join() !== [...forms].sort().join(),
    )
    expect(plurals.size).toBeGreaterThan(10)
    expect(wrong.map(([key]) => key)).toEqual([])
    const counted = [...texts].filter(([key, text]) => text.includes('{{count}}') && !plurals.has(withoutPlural(key)))
    expect(counted.map(([key]) => key)).toEqual([])
  })
})

describe('ar', () => {
  const texts = [...catalogue('ar')].filter(([key]) => key !== 'apps.home.name')
  // What is a name everywhere: of a format, a standard, a technique, a command; and what stands on letters in German.
  const names =
    /\{\{?\w+\}?\}|\u2068[^\u2069]*\u2069|anlaufstelle (retention hold|doctor)|[A-Z][\w-]*(?: [A-Z][\w-]*)*|axe|https|row level security/g

  test('speaks Arabic: what is left of Latin letters are names', () => {
    const foreign = texts.filter(([, text]) => /[A-Za-zÄÖÜäöüß]/.test(text.replace(names, '')))
    expect(foreign.map(([key]) => key)).toEqual([])
    const silent = texts.filter(
      ([, text]) =>
        !/\p{Script=Arabic}/u.test(text.replace(names, '')) && /\p{L}/u.test(text.replace(/\{\{?\w+\}?\}/g, '')),
    )
    expect(silent.map(([key]) => key)).toEqual([])
  })

  test('uses Arabic punctuation, and Latin digits as everything else does', () => {
    const wrong = texts.filter(([, text]) => /[?,;"“”„]|[\u0660-\u0669\u06f0-\u06f9]/.test(text.replace(names, '')))
    expect(wrong.map(([key]) => key)).toEqual([])
  })

  test('has no invisible mark but those that keep an address apart, each of them ended', () => {
    const marks = texts.map(([key, text]) => [key, text.replace(/\u2068[^\u2066-\u2069]*\u2069/g, '')] as const)
    expect(marks.filter(([, text]) => /[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/.test(text))).toEqual([])
  })
})

test.each(languages)('%s: what happens at once is said in other words than what happens after a period', (language) => {
  const texts = catalogue(language)
  const atOnce = [...texts].filter(([key]) => /^[\w-]+\.trigger\..*\.atOnce$/.test(key))
  expect(atOnce.length).toBeGreaterThan(0)
  const same = atOnce.filter(([key, text]) => text === texts.get(key.replace(/atOnce$/, 'after')))
  expect(same.map(([key]) => key)).toEqual([])
})

const sources = readSources()
const germanFiles = ['src', exampleFeatures].flatMap((folder) => filesBelow(folder, /^de\.json$/))

// A text in the program that begins with a catalogue's name and a dot is a key, or with holes a family of keys.
const hole = '\u0000'
const isKey = new RegExp(`^(${namespaces.join('|')})\\.[\\w.${hole}-]+$`)
const inSources = sources.flatMap((source) =>
  textsOf(source, hole)
    .filter(({ text }) => isKey.test(text))
    .map(({ text, node }) => ({
      text,
      path: source.path,
      where: `${source.path}:${source.lineOf(node)} ${text.replaceAll(hole, '…')}`,
    })),
)
/** What German texts say by `$t(key)`. */
const inTexts = germanFiles.flatMap((path) =>
  [...readFileSync(path, 'utf8').matchAll(/\$t\(([\w.-]+)\)/g)].map(([, text = '']) => ({
    text,
    path: asShipped(path),
    where: `${path} ${text}`,
  })),
)
const asked = [...inSources, ...inTexts]
const pattern = (text: string): RegExp => new RegExp(`^${text.split(hole).map(RegExp.escape).join('.+')}$`)
const keys = keysOf(german)

/** Texts that are asked for by their whole key with named values: `t('…', { name })`. */
const filledIn = sources.flatMap((source) =>
  source.nodes.flatMap(({ type, arguments: given }) => {
    if (type !== 'CallExpression') return []
    const [key, values] = given as Node[]
    if (key?.type !== 'Literal' || !keys.includes(String(key.value)) || values?.type !== 'ObjectExpression') return []
    const properties = values.properties as Node[]
    if (properties.some((each) => each.type !== 'Property')) return []
    const names = properties.map((each) => String((each.key as Node).name ?? (each.key as Node).value))
    return [{ key: String(key.value), names, where: `${source.path}:${source.lineOf(key)} ${key.value}` }]
  }),
)

test('who asks for a text fills in what it names, and nothing else', () => {
  expect(filledIn.length).toBeGreaterThan(100)
  const wrong = filledIn.filter(({ key, names }) => {
    const counted = german.has(`${key}_other`)
    const named = new Set(placeholders(german.get(key) ?? german.get(`${key}_other`)))
    if (counted) named.add('count')
    return [...named].sort().join() !== [...names].sort().join()
  })
  expect(wrong.map(({ where }) => where)).toEqual([])
})

/** The owner of a key, as a path: of `appointments.…`, `src/features/appointments`. */
const homes = new Map(
  germanFiles.map(asShipped).map((path) => [basename(dirname(dirname(path))), dirname(dirname(path))]),
)
const homeOf = (key: string): string => homes.get(key.split('.')[0] ?? '') ?? ''

test('a layer says words of its own and of the layers below, never those of a feature above it', () => {
  const layers = ['platform', 'register', 'vault', 'features', 'apps']
  const height = (path: string): number => layers.indexOf(path.split('/')[1] ?? '')
  const breaches = asked.filter(
    ({ path, text }) => height(path) < height(homeOf(text)) && keys.some((key) => pattern(text).test(key)),
  )
  expect(breaches.map(({ where }) => where)).toEqual([])
})

test('a word that one feature alone says is among its own', () => {
  const families = asked.map(({ text, path }) => ({ family: pattern(text), path }))
  const featureOf = (path: string): string | undefined => /^src\/features\/[\w-]+(?=\/)/.exec(path)?.[0]
  const strayed = keys.filter((key) => {
    const features = new Set(families.filter(({ family }) => family.test(key)).map(({ path }) => featureOf(path)))
    const [only] = features
    return features.size === 1 && only !== undefined && !homeOf(key).startsWith('src/features/')
  })
  // On a button of any page, whichever feature happens to have one.
  expect(strayed.filter((key) => key !== 'platform.back')).toEqual([])
})

/** The triggers that rules begin with, and the activities, of shipped tenants and of the catalogue: what features say of them
 *  is found whosever it is. */
const wholeActivities = () => {
  const catalogue = shippedCatalogue()
  const entries = catalogue.names('activity').map((name) => catalogue.find('activity', name))
  const ofCatalogue = entries.flatMap((found) => (isMissing(found) ? [] : [toData(found) as Activity]))
  return [...ofCatalogue, ...allTenants.flatMap((slug) => [...runningTenant(slug).activities.values()])]
}
const heard = new Set(
  wholeActivities().flatMap(({ id, retention }) => [id, ...retention.map(({ trigger }) => trigger)]),
)

test('every text is asked for somewhere', () => {
  const families = asked.map(({ text }) => pattern(text))
  const ofWhat = /^[\w-]+\.(?:trigger\.(.+)\.(?:after|atOnce)|activity\.(.+)\.(?:erase|erasing))$/
  const isHeard = (key: string) => {
    const [, trigger, activity] = ofWhat.exec(key) ?? []
    return heard.has(trigger ?? activity ?? '')
  }
  expect(keys.filter((key) => !isHeard(key) && !families.some((family) => family.test(key)))).toEqual([])
})
