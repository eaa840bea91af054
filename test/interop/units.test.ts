import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../helpers/folder.ts'

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0

test.runIf(hasSystemd).each(['web', 'worker'])('systemd has nothing to say against the unit of a %s', (kind) => {
  const folder = temporaryFolder('units')
  const file = join(folder, `anlaufstelle-${kind}@1.service`)
  const text = readFileSync(`docs/operating/anlaufstelle-${kind}@.service`, 'utf8')
  writeFileSync(file, text.replace('/opt/anlaufstelle/node_modules/.bin/node', process.execPath))
  const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' })
  rmSync(folder, { recursive: true })
  expect([status, stdout, stderr]).toEqual([0, '', ''])
})
