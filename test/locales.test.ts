import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, test } from 'vitest'
import { languages } from '#platform/i18n/translate.ts'
import { chain, filesBelow, type Node, readSources, textsOf } from './helpers/sources.ts'

type Texts = { [key: string]: string | Texts }

const flat = (texts: Texts, start: string): [string, string][] =>
  Object.entries(texts).flatMap(([key, text]) =>
    typeof text === 'string' ? [[`${start}.${key}`, text] as [string, string]] : flat(text, `${start}.${key}`),
  )

const catalogue = (language: string): Map<string, string> =>
  new Map(
    filesBelow(`locales/${language}`, /\.json$/).flatMap((path) =>
      flat(JSON.parse(readFileSync(path, 'utf8')) as Texts, basename(path, '.json')),
    ),
  )

const german = catalogue('de')
const namespaces = [...new Set([...german.keys()].map((key) => key.split('.')[0]))]
const placeholders = (text = ''): string[] => [...text.matchAll(/\{\{\s*(\w+)/g)].map(([, name = '']) => name).sort()

// Languages have different plural forms; what they have in common is the key without them.
const withoutPlural = (key: string): string => key.replace(/_(zero|one|two|few|many|other)$/, '')
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
    const joins = ['common.errorPrefix', 'common.listComma', 'common.listSemicolon']
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
  const texts = [...catalogue('ar')].filter(([key]) => key !== 'home.name')
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
  const atOnce = [...texts].filter(([key]) => /^register\.trigger\..*\.atOnce$/.test(key))
  expect(atOnce.length).toBeGreaterThan(0)
  const same = atOnce.filter(([key, text]) => text === texts.get(key.replace(/atOnce$/, 'after')))
  expect(same.map(([key]) => key)).toEqual([])
})

const sources = readSources()

// A text in the program that begins with a catalogue's name and a dot is a key, or with holes a family of keys.
const hole = '\u0000'
const isKey = new RegExp(`^(${namespaces.join('|')})\\.[\\w.${hole}-]+$`)
const written = sources.flatMap((source) =>
  textsOf(source, hole)
    .filter(({ text }) => isKey.test(text))
    .map(({ text, node }) => ({ text, where: `${source.path}:${source.lineOf(node)} ${text.replaceAll(hole, '…')}` })),
)
const pattern = (text: string): RegExp => new RegExp(`^${text.split(hole).map(RegExp.escape).join('.+')}$`)
const keys = keysOf(german)

/** The texts that stand where a key is expected: `t('…')`, `context.t('…')`, `translator(language)('…')`. */
const asked = sources.flatMap((source) =>
  source.nodes
    .filter(({ type, callee }) => {
      if (type !== 'CallExpression') return false
      const name = chain(callee)
      return name === 't' || name.endsWith('.t') || chain((callee as Node).callee) === 'translator'
    })
    .flatMap(({ arguments: given }) => {
      const first = (given as Node[])[0]
      const branches = first?.type === 'ConditionalExpression' ? [first.consequent, first.alternate] : [first]
      const nodes = branches.filter((node): node is Node => node !== undefined)
      return textsOf({ ...source, nodes }, hole).map(({ text, node }) => ({
        text,
        where: `${source.path}:${source.lineOf(node)} ${text.replaceAll(hole, '…')}`,
      }))
    }),
)

test('every key that the program asks for has a text', () => {
  expect(asked.length).toBeGreaterThan(100)
  expect(asked.filter(({ text }) => !keys.some((key) => pattern(text).test(key))).map(({ where }) => where)).toEqual([])
})

test('every text is asked for somewhere', () => {
  const families = written.map(({ text }) => pattern(text))
  expect(keys.filter((key) => !families.some((family) => family.test(key)))).toEqual([])
})
