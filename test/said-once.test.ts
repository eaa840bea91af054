import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

/*
 * What is said to citizens stands once in the repository: in the catalogue, among the words of the program, or where a tenant
 * says it in its own.
 * German is held against German, as it is decisive: where it differs, two things are said, even if a translation has the
 * same words for both. `published.yaml` is left out: it quotes what a real notice says, and is judged only.
 */

const files = [
  ...globSync('tenants/{operator.yaml,*/tenant.yaml,*/activities/*.yaml}'),
  ...globSync('{src,test/fixtures/features}/**/catalogue/**/*.yaml'),
  ...globSync('{src,test/fixtures/features}/**/locales/de.json'),
]

/** What stands twice for a reason. */
const twice: Record<string, string> = {
  'Bei jedem Aufruf schreiben wir eine Zeile in ein Protokoll':
    'Two tenants have published it with different translations, which a version keeps.',
  'Der Eingang hat keine Stufen': 'Each of the houses has an entrance of its own.',
  'Sie können Ihre Einwilligung jederzeit widerrufen':
    'The words that people agree to stand by themselves: a hash of them is kept as evidence.',
}

type Said = { text: string; place: string }

/** Everything under a key `de`; in a file of German words, everything. The plurals of one text are one text. */
const germanIn = (data: unknown, place: string, isGerman: boolean): Said[] => {
  if (typeof data === 'string') return isGerman ? [{ text: data, place: place.replace(/_(one|other)$/, '') }] : []
  if (typeof data !== 'object' || data === null) return []
  return Object.entries(data).flatMap(([key, value]) => germanIn(value, `${place} ${key}`, isGerman || key === 'de'))
}

/** The sentences of five words and more; `$t(…)` puts in what is said elsewhere. */
const sentencesIn = ({ text, place }: Said) =>
  text
    .replace(/\$t\([^)]*\)/g, '')
    .split(/(?<=[.!?])\s+(?=[\p{Lu}{„])/u)
    .map((each) => ({ sentence: each.trim().replace(/[.!?]+$/, ''), place }))
    .filter(({ sentence }) => (sentence.match(/[\p{L}\p{N}][\p{L}\p{N}'’-]*|\{+[^}]*\}+/gu) ?? []).length >= 5)

test('no sentence for citizens stands twice', () => {
  const said = files.flatMap((file) =>
    germanIn(parse(readFileSync(file, 'utf8')), file, file.endsWith('de.json')).flatMap(sentencesIn),
  )
  expect(said.length).toBeGreaterThan(700)
  const again = [...Map.groupBy(said, ({ sentence }) => sentence)]
    .map(([sentence, all]) => [sentence, ...new Set(all.map(({ place }) => place))])
    .filter((each) => each.length > 2)
  expect(again.filter(([sentence = '']) => !Object.hasOwn(twice, sentence))).toEqual([])
  expect(Object.keys(twice).filter((sentence) => !again.some(([each]) => each === sentence))).toEqual([])
})
