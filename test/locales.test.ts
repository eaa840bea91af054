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

  test('fills in the same values as German', () => {
    const different = [...texts].filter(([key, text]) => {
      const counterpart = german.get(key) ?? german.get(`${withoutPlural(key)}_other`)
      return counterpart !== undefined && placeholders(text).join() !== placeholders(counterpart).join()
    })
    expect(different.map(([key]) => key)).toEqual([])
  })

  test('leaves nothing empty', () => {
    expect([...texts, ...german].filter(([, text]) => text.trim() === '').map(([key]) => key)).toEqual([])
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
