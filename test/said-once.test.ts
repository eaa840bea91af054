import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

/*
 * What is said to citizens stands once in the repository: in the catalogue, or where a tenant says it in its own words.
 * German is held against German, as it is decisive: where it differs, two things are said, even if a translation has the
 * same words for both. `published.yaml` is left out: it quotes what a real notice says, and is judged only.
 */

const files = [
  ...globSync('tenants/{operator.yaml,*/tenant.yaml,*/activities/*.yaml}'),
  ...globSync('src/register/catalogue/**/*.yaml'),
]

/** What stands twice for a reason. */
const twice: Record<string, string> = {
  'Bei jedem Aufruf schreiben wir eine Zeile in ein Protokoll.':
    'Two tenants have published it with different translations, which a version keeps.',
  'Der Eingang hat keine Stufen.': 'Each of the houses has an entrance of its own.',
}

/** Everything under a key `de`, with its file. */
const germanIn = (data: unknown): string[] => {
  if (typeof data !== 'object' || data === null) return []
  return Object.entries(data).flatMap(([key, value]) =>
    key === 'de' && typeof value === 'string' ? [value] : germanIn(value),
  )
}

const sentencesIn = (text: string): string[] =>
  text
    .split(/(?<=[.!?])\s+(?=[\p{Lu}„])/u)
    .map((each) => each.trim())
    .filter((each) => each.split(/\s+/).length >= 5)

test('no sentence for citizens stands twice', () => {
  const said = files.flatMap((file) =>
    germanIn(parse(readFileSync(file, 'utf8')))
      .flatMap(sentencesIn)
      .map((sentence) => ({ sentence, file })),
  )
  expect(said.length).toBeGreaterThan(300)
  const again = [...Map.groupBy(said, ({ sentence }) => sentence)].filter(([, places]) => places.length > 1)
  const unexplained = again.filter(([sentence]) => !Object.hasOwn(twice, sentence))
  expect(unexplained.map(([sentence, places]) => [sentence, ...places.map(({ file }) => file)])).toEqual([])
  expect(Object.keys(twice).filter((sentence) => !again.some(([each]) => each === sentence))).toEqual([])
})
