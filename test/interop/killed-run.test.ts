import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '#test/helpers/folder.ts'
import { eventually } from '#test/helpers/installation.ts'

/* A run of the tests that is killed, as by somebody who is out of patience. */

const isThere = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
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
      return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : null
    }, 'the PostgreSQL of the run')
    run.kill('SIGKILL')
    expect(await ended).toBe('SIGKILL')
    await eventually(() => !isThere(pid), 'the end of its PostgreSQL')
    await eventually(
      () => readdirSync(folder).every((name) => !name.startsWith('anlaufstelle-tests-')),
      'its data to go',
    )
  } finally {
    run.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
})
