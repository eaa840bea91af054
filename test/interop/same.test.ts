import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../helpers/folder.ts'
import { buildLanded, whyNoLanded } from '../helpers/landed.ts'
import { type Renderings, render } from '../helpers/renderings.ts'

/* Every page, mail, calendar entry and paper of the shipped tenants, at the landed version and now. */

/** What has changed on purpose since, by the beginning of its name; emptied when that has landed. */
const changed: readonly string[] = []

const runner = `
import { writeFileSync } from 'node:fs'
import { test } from 'vitest'
import { render } from './helpers/renderings.ts'
test('what there is to read', { timeout: 1_800_000 }, async () => {
  writeFileSync(process.env.RENDERINGS, JSON.stringify(await render()))
})`

const renderLanded = (): Renderings => {
  const root = buildLanded()
  const file = join(temporaryFolder('renderings'), 'landed.json')
  copyFileSync('test/helpers/renderings.ts', join(root, 'test/helpers/renderings.ts'))
  writeFileSync(join(root, 'test/renderings.test.ts'), runner)
  const bin = join(root, 'node_modules/.bin')
  const env = { PATH: `${bin}:${process.env.PATH}`, RENDERINGS: file } // with a PostgreSQL of its own
  execFileSync(join(bin, 'vitest'), ['run', 'test/renderings.test.ts'], { cwd: root, env, stdio: 'inherit' })
  return JSON.parse(readFileSync(file, 'utf8'))
}

/** Where two texts part, with a little of what stands around it. */
const partOf = (text: string | undefined, other: string | undefined): string | null => {
  if (text === undefined || other === undefined) return text ?? null
  let from = 0
  while (text[from] === other[from]) from++
  return text.slice(Math.max(0, from - 80), from + 120)
}

test.skipIf(whyNoLanded() !== null)(
  'people and authorities read the same as in the landed version',
  { timeout: 1_800_000 },
  async () => {
    const before = renderLanded()
    const now = await render()
    const names = new Set([...Object.keys(before), ...Object.keys(now)])
    const differing = [...names].filter((name) => before[name] !== now[name])
    const found = differing.filter((name) => !changed.some((each) => name.startsWith(each)))
    expect(Object.keys(before).length).toBeGreaterThan(600)
    expect(
      found.map((name) => ({ name, landed: partOf(before[name], now[name]), now: partOf(now[name], before[name]) })),
    ).toEqual([])
  },
)
