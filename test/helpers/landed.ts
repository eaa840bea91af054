import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { temporaryFolder } from './folder.ts'
import { replaced } from './tenants.ts'

/** The newest version that installations run, from which an upgrade has to succeed. Whoever lands a version raises it to
 *  that version's commit, in a change of its own that comes after. */
const landed = '3246b2c'

// 3246b2c does not start where both cores are busy: it takes its own start for pressure. That is not what its upgrade is
// about, and such a machine must not fail the test.
const neverBusy = ['maxEventLoopDelay: 2000', 'maxEventLoopDelay: 0'] as const

const git = (...options: string[]) => spawnSync('git', ['-c', 'safe.directory=*', ...options], { maxBuffer: 2 ** 28 })

/** Why the landed version cannot be had here; null where it can. */
export const whyNoLanded = (): string | null =>
  git('cat-file', '-e', `${landed}^{commit}`).status === 0
    ? null
    : `this clone has no history with ${landed}: "git fetch --unshallow" brings it`

/** The landed version, built in a folder of its own, on the packages of this one. */
export const buildLanded = (): string => {
  const folder = temporaryFolder('landed')
  const { status, stdout, stderr } = git('archive', landed)
  if (status !== 0) throw new Error(`${landed} could not be taken from the history: ${stderr}`)
  execFileSync('tar', ['-x', '-C', folder], { input: stdout })
  const server = join(folder, 'src/apps/server.ts')
  writeFileSync(server, replaced(readFileSync(server, 'utf8'), ...neverBusy))
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  for (const options of [[], ['--ssr', 'src/apps/cli.ts']])
    execFileSync(join(folder, 'node_modules/.bin/vite'), ['build', '--logLevel', 'error', ...options], { cwd: folder })
  return folder
}
