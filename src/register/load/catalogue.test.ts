import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { lineOf } from '#test/helpers/faults.ts'
import { claims, runningTenant } from '#test/helpers/tenants.ts'
import { contentHash } from '../canonical.ts'
import { createCatalogue, isMissing, type Kind, shippedCatalogue } from './catalogue.ts'
import { loadRegister, problemLine } from './load.ts'
import { silentChanges } from './silent-change.ts'
import { mapTexts, toData } from './tree.ts'

const folder = 'src/register/catalogue'
const filesOf = (folders: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    globSync(folders.map((each) => `${each}/**/*.yaml`)).map((path) => [path, readFileSync(path, 'utf8')]),
  )
/** What the product declares, and with it what examples of features do. */
const ofProduct = filesOf([folder, 'src/features/*/catalogue'])
const files = { ...ofProduct, ...filesOf(['test/fixtures/features/*/catalogue']) }

/** The catalogue with one place of one file changed. */
const changed = (path: string, from: string, to: string) => {
  const file = `${folder}/${path}`
  const text = files[file] ?? ''
  expect(text).toContain(from)
  return createCatalogue({ ...files, [file]: text.replace(from, to) })
}

const load = (catalogue = shippedCatalogue()) => loadRegister('tenants', claims, undefined, undefined, catalogue)

const wholeEntries = (catalogue = shippedCatalogue()): Record<string, unknown> => {
  const kinds: Kind[] = ['activity', 'part']
  return Object.fromEntries(
    kinds.flatMap((kind) =>
      catalogue.names(kind).map((name) => {
        const found = catalogue.find(kind, name)
        if (isMissing(found)) throw new Error(found.message)
        return [name, found]
      }),
    ),
  )
}

test('the catalogue that ships is the one in the folder, without a fault, and no name stands twice', () => {
  const names = Object.keys(wholeEntries())
  expect(names.sort()).toEqual(
    [...createCatalogue(files).names('activity'), ...createCatalogue(files).names('part')].sort(),
  )
  expect(new Set(names).size).toBe(
    shippedCatalogue().names('activity').length + shippedCatalogue().names('part').length,
  )
  expect(names.filter((name) => !/^[a-zA-Z.]+@[1-9]\d*$/.test(name))).toEqual([])
})

test('every text of the catalogue is there in every language', () => {
  const spoken = new Set<string>()
  for (const entry of Object.values(wholeEntries()))
    mapTexts(entry as Parameters<typeof mapTexts>[0], (text) => {
      spoken.add([...text.entries.keys()].join())
      return text
    })
  expect([...spoken]).toEqual(['de,en,ar'])
})

// A tenant has promised what a version says: somebody else must not change it. What shall be otherwise is a new version.
// A new entry gets its line in the `published.json` beside it, as the test prints it.
test('no version of an entry has changed since it was published', () => {
  const lists = globSync('src/**/catalogue/published.json').map((path) => JSON.parse(readFileSync(path, 'utf8')))
  const known = Object.assign({}, ...lists)
  const now = Object.entries(wholeEntries(createCatalogue(ofProduct))).map(([name, entry]) => [
    name,
    contentHash(toData(entry as Parameters<typeof toData>[0])).slice(0, 16),
  ])
  expect(known).toEqual(Object.fromEntries(now))
})

test('every entry is taken by a tenant or by another entry, in one version or another', () => {
  const all = Object.values({ ...ofProduct, ...filesOf(['tenants']) })
  const taken = new Set([...all.join('\n').matchAll(/(?:use|extends): ([\w.]+)@/g)].map(([, id]) => id))
  const ids = new Set(Object.keys(wholeEntries(createCatalogue(ofProduct))).map((name) => name.split('@')[0]))
  expect(ids.size).toBeGreaterThan(50)
  expect([...ids.difference(taken)]).toEqual([])
})

describe('a change of the catalogue', () => {
  const slip = changed('parts/remains.yaml', 'use: randomNumber@1', 'use: erasureLog@1')
  const shorter = changed('web.delivery@1.yaml', 'period: P7D', 'period: P3D')

  test('under the same version is found as a silent change, at the line that takes it', () => {
    const before = runningTenant('segeberg', load())
    const after = runningTenant('segeberg', load(shorter))
    const found = silentChanges(after.declarations, (id) => before.declarations.find((one) => one.id === id)?.content)
    const line = lineOf(files[`${folder}/web.delivery@1.yaml`] ?? '', 'period: P7D')
    expect(found.map(problemLine)).toEqual([
      `tenants/segeberg/activities/web-delivery.yaml:1: retention.log.period: is P3D, but version 3 was published with P7D (from web.delivery@1, ${folder}/web.delivery@1.yaml:${line}) → raise 'version' (it is '3'), or take the change back`,
    ])
  })

  test('changes the hash of the tenants that take it, and of no other', () => {
    const hashes = (catalogue?: ReturnType<typeof createCatalogue>) =>
      [...load(catalogue).running.values()].map(({ hash }) => hash)
    expect(hashes(slip).filter((hash) => hashes().includes(hash))).toEqual([])
    const draft = changed('appointments.draft@1.yaml', 'period: PT30M', 'period: PT20M')
    const left = [...load(draft).running].filter(([slug, { hash }]) => load().running.get(slug)?.hash === hash)
    expect(left.map(([slug]) => slug)).toEqual(['duesseldorf'])
  })

  test('reaches a tenant only with the version that it names', () => {
    const next = { [`${folder}/web.delivery@2.yaml`]: 'extends: web.delivery@1\nretention: { log: { period: P1D } }' }
    const { running } = load(createCatalogue({ ...files, ...next }))
    expect(running.get('segeberg')?.activities).toEqual(load().running.get('segeberg')?.activities)
  })
})

describe('a fault in what a tenant takes', () => {
  test('stands at the line that takes it, and names the line of the catalogue', () => {
    const broken = load(changed('web.delivery@1.yaml', 'period: P7D', 'period: soon'))
    const line = lineOf(files[`${folder}/web.delivery@1.yaml`] ?? '', 'period: P7D')
    expect(broken.quarantined.get('segeberg')?.problems.map(problemLine)).toEqual([
      expect.stringMatching(
        new RegExp(
          `^tenants/segeberg/activities/web-delivery\\.yaml:1: retention\\.log\\.period: expected .* found 'soon' \\(from web\\.delivery@1, ${folder}/web\\.delivery@1\\.yaml:${line}\\) → write P14D`,
        ),
      ),
    ])
    // It says itself how long.
    expect([...broken.running.keys()]).toEqual(['duesseldorf'])
  })
})
