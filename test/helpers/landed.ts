import { execFileSync, spawnSync } from 'node:child_process'
import { temporaryFolder } from './folder.ts'

/** The newest version that installations run, from which an upgrade has to succeed. Whoever lands a version raises it to
 *  that version's commit, in a change of its own that comes after. */
const landed = 'ec517de'

const git = (...options: string[]) => spawnSync('git', ['-c', 'safe.directory=*', ...options], { maxBuffer: 2 ** 28 })

/** Why the landed version cannot be had here; null where it can. */
export const whyNoLanded = (): string | null =>
  git('cat-file', '-e', `${landed}^{commit}`).status === 0
    ? null
    : `this clone has no history with ${landed}: "git fetch --unshallow" brings it`

/** The landed version, installed and built in a folder of its own. */
export const buildLanded = (): string => {
  const folder = temporaryFolder('landed')
  const { status, stdout, stderr } = git('archive', landed)
  if (status !== 0) throw new Error(`${landed} could not be taken from the history: ${stderr}`)
  execFileSync('tar', ['-x', '-C', folder], { input: stdout })
  // It installs its own packages, as on anybody's machine.
  execFileSync('node', ['scripts/prepare.mjs'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  return folder
}
