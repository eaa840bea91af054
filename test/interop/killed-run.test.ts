import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '#test/helpers/folder.ts'
import { eventually } from '#test/helpers/installation.ts'

/* A run of the tests that is killed, as by somebody who is out of patience. */

// A process that has ended stays in the table until process 1 reaps it, which can take minutes on a busy machine; of its
// command line nothing is left by then.
const isThere = (pid: number, data: string): boolean => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(data)
  } catch {
    return false
  }
}

test('a test run that is killed leaves no PostgreSQL and no data behind', async () => {
  const folder = temporaryFolder('killed')
  const { PATH = '', HOME = '' } = process.env
  const run = spawn('vitest', ['run', 'src/platform/mail/mailer.test.ts'], {
    env: { PATH, HOME, TMPDIR: folder },
    stdio: 'ignore',
  })
  const ended = new Promise((resolve) => run.once('exit', (_code, signal) => resolve(signal)))
  try {
    const data = () => {
      const name = readdirSync(folder).find((each) => each.startsWith('anlaufstelle-tests-'))
      return name ? join(folder, name, 'postgres/data/postmaster.pid') : ''
    }
    const pid = await eventually(() => {
      const file = data()
      const pid = existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : 0
      return isThere(pid, folder) ? pid : null
    }, 'the PostgreSQL of the run')
    run.kill('SIGKILL')
    expect(await ended).toBe('SIGKILL')
    await eventually(() => !isThere(pid, folder), 'the end of its PostgreSQL')
    await eventually(
      () => readdirSync(folder).every((name) => !name.startsWith('anlaufstelle-tests-')),
      'its data to go',
    )
  } finally {
    run.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
})
