import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { systemClock } from '#platform/clock.ts'
import { startLocalPostgres } from '#platform/db/local-postgres.ts'
import { startLocalMailbox } from '#platform/mail/local-mailbox.ts'
import { endAllServers, freePort, personAt, run, runHere, startServer } from './helpers/command.ts'
import { anEmptyDataDir, isPostgresRunning } from './helpers/data-dir.ts'
import { freshDatabase } from './helpers/installation.ts'
import { bookAppointment } from './helpers/person.ts'
import { copyTenants, nextVersion, replaced } from './helpers/tenants.ts'

/* What a tenant's files promise is published once and for good. So only a server does it, and only when nothing speaks
 * against it; every other command leaves the database as it finds it. */

const booking = 'segeberg/activities/appointments-booking.yaml'
const data = anEmptyDataDir()
const tenants = copyTenants()
let environment: Record<string, string>

/** Asks the database below the data folder as its owner. */
const asOwner = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const local = await startLocalPostgres({ dataDir: data.path })
  const client = new pg.Client(local.url)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
    await local.stop()
  }
}

const promises = {
  versions: 'select number, hash, effective_from from notice_version order by 2',
  declarations: 'select tenant_id, declaration, version, content from published_declaration order by 1, 2, 3',
  records: 'select id, register_version, erase_at, promise from vault.record order by id',
  keys: 'select tenant_id, generation from vault.tenant_key order by 1, 2',
  migrations: 'select name from kysely_migration order by 1',
}

/** What the database holds of promises. */
const stored = () =>
  asOwner(async (client) => {
    const state: Record<string, unknown> = {}
    for (const [what, select] of Object.entries(promises)) state[what] = (await client.query(select)).rows
    return state
  })

beforeAll(async () => {
  environment = { DATA_DIR: data.path, PORT: String(await freePort()), TENANTS_DIR: tenants.dir }
})
afterEach(endAllServers)
afterAll(async () => {
  tenants[Symbol.dispose]()
  await data.remove()
})

test('a database that no server has prepared is left alone by what only looks, which says what to do', async () => {
  for (const command of [['doctor'], ['retention', 'status'], ['mail', 'status']]) {
    const { code, err } = await runHere(command, environment)
    expect(err).toBe(
      'The database is not at the version of this program. Bring it there first: start the server, or npx anlaufstelle migrate.\n',
    )
    expect(code).toBe(1)
  }
  expect(await asOwner((client) => client.query(`select from pg_tables where schemaname = 'vault'`))).toMatchObject({
    rowCount: 0,
  })
  expect(isPostgresRunning(data.path)).toBe(false)
})

test('a stricter draft is looked at without being published; a server that finds a difference publishes nothing either', async () => {
  const first = await startServer(environment)
  await bookAppointment(personAt(Number(environment.PORT)), { fields: { 'f.email': '' } })
  expect(await first.end('SIGTERM')).toBe(0)
  const before = await stored()

  const draft = replaced(nextVersion(tenants.read(booking)), 'period: P14D', 'period: P7D')
  tenants.write(booking, draft)
  for (const [command, code] of [
    [['doctor'], 0],
    [['retention', 'status'], 0],
    [['retention', 'run'], 0],
    [['mail', 'status'], 0],
    [['statistics', 'segeberg'], 0],
    [['notice', 'segeberg', '--at', '2026-11-15'], 0],
  ] as const) {
    const ended = await runHere(command, environment)
    expect([command, ended.code, ended.err]).toEqual([command, code, ''])
  }
  expect(await stored()).toEqual(before)

  await asOwner((client) => client.query('alter table appointment add column phone text'))
  const refused = await run(['serve'], environment)
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('appointment.phone')])
  expect(await stored()).toEqual(before)

  await asOwner((client) => client.query('alter table appointment drop column phone'))
  const second = await startServer(environment)
  expect(await second.end('SIGTERM')).toBe(0)
  const after = await stored()
  for (const what of ['versions', 'declarations', 'records']) expect(after[what]).not.toEqual(before[what])
})

test('a command that fails on its way leaves nothing running', async () => {
  await asOwner((client) => client.query('revoke usage on schema vault from anlaufstelle_app'))
  const { code, err } = await run(['doctor'], environment)
  expect([code, err]).toEqual([1, expect.stringContaining('permission denied for schema vault')])
  expect(isPostgresRunning(data.path)).toBe(false)
  await asOwner((client) => client.query('grant usage on schema vault to anlaufstelle_app'))
})

test('a setting that leads to a host nobody declared is refused before anything is connected', async () => {
  for (const command of [['mail', 'status'], ['backup', data.path], ['migrate'], ['serve']]) {
    const elsewhere = { DATABASE_URL: 'postgres://app:pw@db.example/anlaufstelle', SMTP_URL: 'smtp://localhost:25' }
    const { code, err } = await run(command, { ...environment, ...elsewhere })
    expect(err).toContain('DATABASE_URL: the host db.example is not declared in operator.yaml')
    expect([code, err]).toEqual([1, expect.not.stringContaining('    at ')])
  }
})

test('a server whose database is current runs under a role that owns nothing; before that it says what it lacks', async () => {
  const { connection, drop } = await freshDatabase()
  const mailbox = await startLocalMailbox(systemClock)
  const admin = new pg.Client(connection)
  await admin.connect()
  await admin.query(`create role plain_login login password 'plain'`)
  try {
    const url = `postgres://plain_login:plain@localhost/${connection.database}?host=${encodeURIComponent(connection.host)}`
    const asRole = { ...environment, DATABASE_URL: url, SMTP_URL: mailbox.url, DATA_DIR: join(data.path, 'plain') }
    const stranger = await run(['serve'], asRole)
    expect([stranger.code, stranger.err]).toEqual([
      78,
      expect.stringMatching(/^DATABASE_OWNER_URL: .*permission denied/),
    ])
    expect(stranger.err).not.toContain('    at ')
    await admin.query('grant anlaufstelle_app to plain_login')
    const server = await startServer(asRole)
    await bookAppointment(personAt(Number(environment.PORT)))
    expect(await server.end('SIGTERM')).toBe(0)
    expect(server.heard.err).toBe('')
    await admin.query('delete from kysely_migration where name = (select max(name) from kysely_migration)')
    const outdated = await run(['serve'], asRole)
    expect([outdated.code, outdated.err]).toEqual([78, expect.stringMatching(/^DATABASE_OWNER_URL: /)])
  } finally {
    await admin.end()
    await mailbox.close()
    await drop()
  }
})
