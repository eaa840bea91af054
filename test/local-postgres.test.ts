import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type LocalPostgres, startLocalPostgres } from '#platform/db/local-postgres.ts'
import { keepLocalPostgres } from '#platform/db/local-postgres-kept.ts'
import { putDatabase } from './helpers/data-dir.ts'
import { eventually } from './helpers/installation.ts'

const isRoot = process.getuid?.() === 0
let base: string
let started: LocalPostgres[]
let elsewhere: string[]

beforeEach(() => {
  base = mkdtempSync('/tmp/anlaufstelle-test-')
  chmodSync(base, 0o711)
  started = []
  elsewhere = []
})

afterEach(async () => {
  for (const postgres of started.reverse()) await postgres.stop()
  for (const folder of [base, ...elsewhere]) rmSync(folder, { recursive: true })
})

/** Starts one on data that are there already. */
const startAgain = async (): Promise<LocalPostgres> => {
  await putDatabase(base)
  return start(base)
}

const start = async (dataDir: string): Promise<LocalPostgres> => {
  const postgres = await startLocalPostgres({ dataDir })
  started.push(postgres)
  return postgres
}

const ask = async (connection: LocalPostgres['url'], question: string): Promise<string> => {
  const client = new pg.Client(connection)
  client.on('error', () => {}) // the test that kills PostgreSQL cuts this connection
  await client.connect()
  try {
    const { rows } = await client.query(question)
    return String(Object.values(rows[0] ?? {})[0])
  } finally {
    await client.end()
  }
}

const processOf = (postgres: LocalPostgres): number =>
  Number(readFileSync(join(dirname(postgres.url.host), 'data', 'postmaster.pid'), 'utf8').split('\n')[0])

test('a local PostgreSQL comes up on new data, answers, and stops', async () => {
  const lines: string[] = []
  const postgres = await startLocalPostgres({
    dataDir: base,
    settings: { work_mem: '5MB' },
    say: (line) => lines.push(line),
  })
  started.push(postgres)
  expect(postgres.adopted).toBe(false)
  expect(await ask(postgres.url, 'select 1')).toBe('1')
  expect(await ask(postgres.url, 'show work_mem')).toBe('5MB')
  expect(await ask(postgres.url, 'show fsync')).toBe('on')
  expect(await ask(postgres.url, 'show listen_addresses')).toBe('')
  expect(await ask(postgres.url, 'show server_encoding')).toBe('UTF8')
  expect(await ask(postgres.url, "select upper('ä')")).toBe('Ä')
  await postgres.stop()
  await expect(ask(postgres.url, 'select 1')).rejects.toThrow()
  expect(lines.join('\n')).toContain('Creating the database')
  expect(lines.join('\n')).not.toContain(postgres.url.password)
})

test('a wrong password is refused, and the right one lies in a file that only its owner reads', async () => {
  const { url } = await startAgain()
  await expect(ask({ ...url, password: 'wrong' }, 'select 1')).rejects.toThrow('password authentication failed')
  expect(statSync(join(base, 'postgres', 'password')).mode & 0o777).toBe(0o600)
})

test('a second start uses the PostgreSQL that still runs, and can stop it', async () => {
  const first = await startAgain()
  const second = await start(base)
  expect([first.adopted, second.adopted]).toEqual([false, true])
  expect(second.url).toEqual(first.url)
  await second.stop()
  await expect(ask(first.url, 'select 1')).rejects.toThrow()
})

test('two starts at the same time make one PostgreSQL', async () => {
  const both = await Promise.all([start(base), start(base)])
  expect(both.map((postgres) => postgres.adopted).sort()).toEqual([false, true])
  expect(await ask(both[1].url, 'select 1')).toBe('1')
})

test('after its process is killed, PostgreSQL starts again with what was committed', async () => {
  const first = await startAgain()
  await ask(first.url, "create table kept as select 'still here' as what")
  process.kill(processOf(first), 'SIGKILL')
  await eventually(() => !first.isRunning(), 'its end')
  const second = await start(base)
  expect(second.adopted).toBe(false)
  expect(await ask(second.url, 'select what from kept')).toBe('still here')
})

test('of two that keep it running, one starts it again and the other goes on with it', async () => {
  await putDatabase(base)
  const said: string[] = []
  const keep = () =>
    keepLocalPostgres({ dataDir: base, say: (line) => said.push(line), onLost: (error) => said.push(error.message) })
  const [first, second] = [await keep(), await keep()]
  started.push(first, second)
  const before = processOf(first)
  process.kill(before, 'SIGKILL')
  const line = 'PostgreSQL had ended, and was started again.'
  await eventually(() => said.filter((each) => each === line).length === 2, 'PostgreSQL')
  expect([first.isRunning(), second.isRunning()]).toEqual([true, true])
  expect(processOf(first)).not.toBe(before)
  expect(await ask(second.url, 'select 1')).toBe('1')
})

test('a stop while PostgreSQL starts anew waits for its turn', async () => {
  const first = await startAgain()
  const [, second] = await Promise.all([first.stop(), start(base)])
  expect(second.adopted).toBe(false)
  expect(await ask(second.url, 'select 1')).toBe('1')
})

test('a path too long for a socket puts the socket into a private folder in /tmp', async () => {
  const dataDir = join(base, 'long'.repeat(25))
  mkdirSync(dataDir)
  await putDatabase(dataDir)
  const first = await start(dataDir)
  // Killed, it comes back where those who were connected look for it.
  const note = join(dataDir, 'postgres', 'data', 'postmaster.pid')
  process.kill(Number(readFileSync(note, 'utf8').split('\n')[0]), 'SIGKILL')
  await eventually(() => !first.isRunning(), 'its end')
  const postgres = await start(dataDir)
  expect([postgres.adopted, postgres.url]).toEqual([false, first.url])
  expect(postgres.url.host).toMatch(/^\/tmp\/anlaufstelle-[^/]+$/)
  expect(statSync(postgres.url.host).mode & 0o777).toBe(0o700)
  expect(await ask(postgres.url, 'select 1')).toBe('1')
  await postgres.stop()
  expect(() => statSync(postgres.url.host)).toThrow('ENOENT')
})

test.runIf(isRoot)(
  'below a folder that only root may enter, root gets a PostgreSQL too, and gets the same one again',
  async () => {
    const dataDir = join(base, 'private')
    mkdirSync(dataDir, { mode: 0o700 })
    const first = await start(dataDir)
    elsewhere.push(readFileSync(join(dataDir, 'postgres', 'elsewhere'), 'utf8'))
    expect(await ask(first.url, 'select 1')).toBe('1')
    await ask(first.url, 'create table kept as select 1 as what')
    await first.stop()
    const second = await start(dataDir)
    expect(second.url).toEqual(first.url)
    expect(await ask(second.url, 'select what from kept')).toBe('1')
  },
)

test('data without their password are left alone, with a plain message', async () => {
  const postgres = await start(base)
  await postgres.stop()
  const file = join(base, 'postgres', 'password')
  execFileSync('mv', [file, `${file}.away`])
  await expect(startLocalPostgres({ dataDir: base })).rejects.toThrow(`${file} is missing`)
})
