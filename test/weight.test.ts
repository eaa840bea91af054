import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientDir } from '#apps/compose.ts'
import { type AssetEntry, loadAssets } from '#platform/ui/assets.ts'
import { type Installation, startInstallation } from './helpers/installation.ts'
import { openEveryPage } from './helpers/pages.ts'
import { person } from './helpers/person.ts'
import { filesBelow } from './helpers/sources.ts'

/* What a phone with little data has to load, in bytes as they travel. */

/** Of every page; its script alone; its own text. */
const ofEveryPage = { files: 40_000, script: 10_000, html: 20_000 }

/** What an island may add to a page, with whatever it shares with others. Each has its line. */
const ofIslands: Record<string, number> = { 'appointments/receipt': 6_000 }

const packed = (bytes: Uint8Array | string): number => brotliCompressSync(bytes).length

const assets = loadAssets(clientDir)

/** A file and what it loads at once in its turn. */
const withImports = (url: string, seen = new Set<string>()): Set<string> => {
  seen.add(url)
  const text = readFileSync(join(clientDir, url), 'utf8')
  for (const [, name = ''] of text.matchAll(/(?:from|import) ?["']\.\/([\w.-]+)["']/g))
    if (!seen.has(`/assets/${name}`)) withImports(`/assets/${name}`, seen)
  return seen
}

const weightOf = ({ script, styles }: AssetEntry): number =>
  [...withImports(script), ...styles].reduce((sum, url) => sum + packed(readFileSync(join(clientDir, url))), 0)

test('what every page loads stays within its budget', () => {
  expect(weightOf(assets)).toBeLessThan(ofEveryPage.files)
  expect(weightOf({ ...assets, styles: [] })).toBeLessThan(ofEveryPage.script)
})

test('each island has a budget, and keeps to it', () => {
  const there = filesBelow('src/features', /\.tsx?$/).flatMap(
    (path) => /features\/([\w-]+)\/browser\/([\w-]+)\.tsx?$/.exec(path)?.slice(1).join('/') ?? [],
  )
  expect(Object.keys(ofIslands).sort()).toEqual(there.sort())
  for (const [name, most] of Object.entries(ofIslands))
    expect({ name, isWithin: weightOf(assets.island(name)) < most }).toEqual({ name, isWithin: true })
})

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ tenants: ['segeberg'], withoutWorker: true })
})
afterAll(() => installation.close())

test('no page that anybody can open is too heavy', async () => {
  const all = await openEveryPage(person(installation), 'segeberg')
  const pages = all.filter(({ headers }) => String(headers['content-type']).startsWith('text/html'))
  const heavy = pages.filter(({ html }) => packed(html) > ofEveryPage.html)
  expect(heavy.map(({ url }) => url)).toEqual([])
  expect(pages.length).toBeGreaterThan(10)
})
