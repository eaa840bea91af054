import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeBackup } from '#apps/backup/backup.ts'
import { restoreBackup } from '#apps/backup/restore.ts'
import { ConfigError } from '#platform/config.ts'
import { completeLedger, ledgerReach } from '#vault/ledger/ledger.ts'
import { findTraces } from '../helpers/dump.ts'
import { freshDatabase, type Installation, startInstallation } from '../helpers/installation.ts'
import { bookAppointment, person } from '../helpers/person.ts'

/* What pg_dump of Debian's PostgreSQL writes of a database in use. */

type Connection = Awaited<ReturnType<typeof freshDatabase>>['connection']

const call = (program: string, { host, user, password, database }: Connection, options: string[]): Buffer =>
  execFileSync(
    join(process.env.TEST_POSTGRES_BIN ?? '', program),
    ['-h', host, '-U', user, '-d', database, ...options],
    {
      env: { ...process.env, PGPASSWORD: password },
      maxBuffer: 2 ** 28,
    },
  )

const emptyDatabase = async () => {
  const { connection, drop } = await freshDatabase()
  const maintenance = { ...connection, database: 'postgres' }
  const name = connection.database
  call('psql', maintenance, ['-qc', `drop database ${name}`, '-c', `create database ${name} template template0`])
  return { connection, drop }
}

/** Which of the values can be read in a dump, as text, as bytes or in some common encoding. */
const foundIn = (dump: Buffer, values: readonly string[]): string[] =>
  findTraces(new Map([['dump', dump]]), Object.fromEntries(values.map((value) => [value, value]))).map((trace) =>
    trace.replace('dump: ', ''),
  )

let installation: Installation
let folder: string
let manage: string
let markers: string[]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'anlaufstelle-dump-'))
  installation = await startInstallation({ withoutWorker: true }) // so that mails stay in their envelopes
  const who = person(installation)
  const byPhone = { service: 'beratung-telefon', fields: { 'f.phone': '+49 30 23125 777' } }
  const booked = await bookAppointment(who, byPhone)
  expect(booked.booked.status).toBe(200)
  manage = booked.manage
  const { rows } = await installation.admin.query(
    `select count(*)::int n from vault.record group by activity order by 1`,
  )
  expect(rows.length).toBe(2) // the booking and its mail
  await who.send(await who.open('/segeberg/meine-daten'), { email: 'erika.markerfrau@example.org' })
  markers = [
    'Erika',
    'Markerfrau',
    '1984-08-12',
    '131A0990815',
    'erika.markerfrau@example.org',
    '+49 30 23125 777',
    'Zetermordio',
    booked.token,
  ]
})

afterAll(async () => {
  await installation.close()
  rmSync(folder, { recursive: true })
})

test.each([
  ['plain', ['--format=plain']],
  ['plain, as INSERT', ['--format=plain', '--column-inserts']],
  ['custom, uncompressed', ['--format=custom', '--compress=0']],
])('a dump holds nothing that a person typed (%s)', (_name, options) => {
  const dump = call('pg_dump', installation.database.connection, options)
  expect(dump.includes('appointments.booking')).toBe(true)
  expect(foundIn(dump, markers)).toEqual([])
})

test('the search finds what stands there in clear, as text or as bytes', async () => {
  await using other = await emptyDatabase().then((database) => ({ ...database, [Symbol.asyncDispose]: database.drop }))
  const script = (statement: string) => call('psql', other.connection, ['-v', 'ON_ERROR_STOP=1', '-qc', statement])
  const list = markers.map((marker) => `('${marker}')`).join(', ')
  script(`create table spoiled (said text); insert into spoiled values ${list}`)
  expect(foundIn(call('pg_dump', other.connection, []), markers)).toEqual(markers)
  script(`alter table spoiled alter said type bytea using convert_to('x' || said || 'y', 'UTF8')`)
  expect(foundIn(call('pg_dump', other.connection, []), markers)).toEqual(markers)
  expect(foundIn(call('pg_dump', other.connection, ['--column-inserts']), markers)).toEqual(markers)
  script(`alter table spoiled alter said type text using replace(encode(said, 'base64'), E'\\n', '')`)
  expect(foundIn(call('pg_dump', other.connection, []), markers)).toEqual(markers)
})

test('a dump together with the key file is a whole installation; without the key it opens nothing', async () => {
  const file = join(folder, 'dump')
  call('pg_dump', installation.database.connection, ['--format=custom', '--file', file])
  const restored = await emptyDatabase()
  try {
    call('pg_restore', restored.connection, ['--exit-on-error', file])
    const keyFile = installation.config.keyFile
    const second = await startInstallation({ database: restored, withoutWorker: true, config: { keyFile } })
    try {
      const page = await person(second).open(`${manage}/daten`)
      expect(page.text).toContain('Erika Markerfrau')
    } finally {
      await second.close()
    }
    await expect(startInstallation({ database: restored, withoutWorker: true })).rejects.toThrow(ConfigError)
  } finally {
    await restored.drop()
  }
})

test('by the guide: data and keys dumped apart, put together aside, backed up and restored, show nothing erased since', async () => {
  const who = person(installation)
  const cancels = await bookAppointment(who)
  const { connection } = installation.database
  const [data, keys] = [join(folder, 'data.dump'), join(folder, 'keys.dump')]
  await installation.admin.query('begin isolation level repeatable read')
  const { rows } = await installation.admin.query('select pg_export_snapshot() as snapshot')
  const tables = ['vault.*key', 'vault.blind_index']
  const common = ['--no-unlogged-table-data', '--format=custom', `--snapshot=${rows[0].snapshot}`]
  call('pg_dump', connection, [...common, ...tables.map((name) => `--exclude-table-data=${name}`), '--file', data])
  call('pg_dump', connection, [...common, '--data-only', ...tables.map((name) => `--table=${name}`), '--file', keys])
  await installation.admin.query('commit')
  await who.send(await who.open(`${cancels.manage}/absagen`))
  const { deps, config, time } = installation
  await completeLedger(deps.db, deps.ledger, ledgerReach(deps.clock(), 'P7D'), () => {})
  const [aside, target] = [await emptyDatabase(), await emptyDatabase()]
  try {
    const load = (section: string, file: string) =>
      call('pg_restore', aside.connection, ['--exit-on-error', `--section=${section}`, file])
    load('pre-data', data)
    load('data', data)
    const count = () =>
      call('psql', aside.connection, [
        '-Atc',
        'select (select count(*) from vault.key) + (select count(*) from vault.blind_index)',
      ]).toString()
    expect(count().trim()).toBe('0')
    load('data', keys)
    load('post-data', data)
    expect(Number(count())).toBeGreaterThan(2)
    const place = { owner: aside.connection, connection: aside.connection }
    const made = await makeBackup(
      { ...place, ledger: deps.ledger, clock: time.clock, window: 'P7D' },
      join(folder, 'backups'),
    )
    const into = { owner: target.connection, connection: target.connection }
    const done = await restoreBackup(into, config, made.folder, { clock: time.clock })
    expect(done.records).toBeGreaterThan(0)
    const options = { database: target, withoutWorker: true, config: { keyFile: config.keyFile } }
    const second = await startInstallation(options)
    try {
      expect((await person(second).open(`${manage}/daten`)).text).toContain('Erika Markerfrau')
      expect((await person(second).open(cancels.manage)).status).toBe(410)
    } finally {
      await second.close()
    }
  } finally {
    await aside.drop()
    await target.drop()
  }
})
