import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, renameSync } from 'node:fs'
import { resolve } from 'node:path'

/** The newest version that installations run, from which an upgrade has to succeed. Whoever lands a version raises it to
 *  that version's commit, in a change of its own that comes after. */
const landed = '3b945df'

const git = (...options: string[]) => spawnSync('git', ['-c', 'safe.directory=*', ...options], { maxBuffer: 2 ** 28 })

/** Why the landed version cannot be had here; null where it can. */
export const whyNoLanded = (): string | null =>
  git('cat-file', '-e', `${landed}^{commit}`).status === 0
    ? null
    : `this clone has no history with ${landed}: "git fetch --unshallow" brings it`

/** The landed version, installed and built in a folder that is made once. */
export const buildLanded = (): string => {
  const folder = resolve('dist', `landed-${landed}`)
  if (existsSync(folder)) return folder
  const { status, stdout, stderr } = git('archive', landed)
  if (status !== 0) throw new Error(`${landed} could not be taken from the history: ${stderr}`)
  const begun = mkdtempSync(resolve('dist', 'landed-'))
  execFileSync('tar', ['-x', '-C', begun], { input: stdout })
  // It installs its own packages, as on anybody's machine.
  execFileSync('node', ['scripts/prepare.mjs'], { cwd: begun, stdio: ['ignore', 'ignore', 'inherit'] })
  renameSync(begun, folder)
  return folder
}
