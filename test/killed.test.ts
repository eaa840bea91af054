import { spawn } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { emptyDatabase, type Place, preparedDatabase } from './helpers/backup.ts'
import { endAllServers, freePort, personAt, run, runHere, startServer } from './helpers/command.ts'
import { aDataDir, type DataDir } from './helpers/data-dir.ts'
import { temporaryFolder } from './helpers/folder.ts'
import { eventually } from './helpers/installation.ts'
import { bookAppointment } from './helpers/person.ts'
import { copyTenants } from './helpers/tenants.ts'

/* A restore that ends in its middle, as when a machine loses its power. */

let data: DataDir
const tenants = copyTenants(['segeberg'])
const backups = temporaryFolder('backups')
beforeAll(async () => {
  data = await aDataDir()
})
afterAll(async () => {
  endAllServers()
  await data.remove()
  tenants[Symbol.dispose]()
  rmSync(backups, { recursive: true })
})

const urlOf = ({ user, password, database, host }: Place['owner']): string =>
  `postgres://${user}:${password}@localhost/${database}?host=${encodeURIComponent(host)}`

test('a killed restore keeps servers out and says what to do; into a new database it succeeds', async () => {
  const environment = { DATA_DIR: data.path, PORT: String(await freePort()), TENANTS_DIR: tenants.dir }
  const server = await startServer(environment)
  const who = personAt(Number(environment.PORT))
  const { manage } = await bookAppointment(who)
  expect((await runHere(['backup', backups], environment)).code).toBe(0)
  expect(await server.end('SIGTERM')).toBe(0)
  const folder = join(backups, readdirSync(backups).find((name) => name !== 'keys') ?? '')

  const [first, second] = [await preparedDatabase(), await emptyDatabase()]
  const onto = (place: Place) => ({
    ...environment,
    SMTP_URL: 'smtp://127.0.0.1:9',
    DATABASE_OWNER_URL: urlOf(place.owner),
    DATABASE_URL: urlOf(place.connection),
  })
  const holder = new pg.Client(first.connection)
  const watcher = new pg.Client(first.connection)
  try {
    await holder.connect()
    await watcher.connect()
    await holder.query('begin; lock table vault.record in access exclusive mode')
    const restore = spawn(process.execPath, ['bin/anlaufstelle.mjs', 'restore', folder], {
      env: { PATH: process.env.PATH ?? '', ...onto(first) },
      stdio: 'ignore',
    })
    const gone = new Promise((resolve) => restore.once('exit', (_code, signal) => resolve(signal)))
    const waiting = `select from pg_locks where not granted and relation = 'vault.record'::regclass`
    await eventually(async () => (await watcher.query(waiting)).rowCount || null, 'the restore to come to the records')
    restore.kill('SIGKILL')
    expect(await gone).toBe('SIGKILL')
    await holder.query('rollback')

    const refused = await run(['serve'], onto(first))
    expect([refused.code, refused.err]).toEqual([
      1,
      'A restore into this database has not come to its end, and erased data could be in it. Wait for it; if it failed, make a new, empty database and restore again.\n',
    ])
    const again = await runHere(['restore', folder], onto(second))
    expect([again.code, again.err]).toEqual([0, ''])
    const restored = await startServer(onto(second))
    expect((await who.open(`${manage}/daten`)).text).toContain('Markerfrau')
    expect(await restored.end('SIGTERM')).toBe(0)
  } finally {
    await holder.end()
    await watcher.end()
    await first.drop()
    await second.drop()
  }
})
