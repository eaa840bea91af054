import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { inject } from 'vitest'
import { makeBackup } from '#apps/backup/backup.ts'
import { restoreBackup } from '#apps/backup/restore.ts'
import { migrationsDir } from '#apps/compose.ts'
import { features } from '#apps/features.ts'
import { jobsOf } from '#apps/ledger.ts'
import { tables } from '#apps/tables.ts'
import type { Clock } from '#platform/clock.ts'
import { migrate } from '#platform/db/migrate.ts'
import { installJobs } from '#platform/jobs/jobs.ts'
import { openLedger } from '#vault/ledger/ledger.ts'
import { temporaryFolder } from './folder.ts'
import { type Installation, startInstallation } from './installation.ts'

const ownerRole = `e_${process.pid}_owner`
const ownerOf = (database: string) => ({ ...inject('postgres'), database, user: ownerRole, password: 'of-the-test' })

let databases = 0
const once = new Map<string, Promise<unknown>>()

/** What `work` made the first time that this process asked for it. */
const madeOnce = <T>(name: string, work: () => Promise<T>): Promise<T> => {
  const made = (once.get(name) as Promise<T> | undefined) ?? work()
  once.set(name, made)
  return made
}

/** One connection for all databases of this process, and the role that owns them: it is no superuser, so that row-level
 *  security holds for the owner, too. */
const administrator = (): Promise<pg.Client> =>
  madeOnce('administrator', async () => {
    const client = new pg.Client(inject('postgres'))
    client.on('error', () => {}) // the PostgreSQL ends before this process
    await client.connect()
    await client.query(`create role ${ownerRole} login password 'of-the-test' nosuperuser nobypassrls`)
    return client
  })

const copy = async (name: string, template: string): Promise<void> => {
  const client = await administrator()
  await client.query(`create database ${name} owner ${ownerRole} template ${template} strategy file_copy`)
}

/** A database that the others are copied from, because to make one takes longer than most tests do. */
const templateOf = (kind: 'empty' | 'prepared'): Promise<string> =>
  madeOnce(kind, async () => {
    const name = `e_${process.pid}_${kind}`
    await copy(name, kind === 'empty' ? 'template0' : await templateOf('empty'))
    if (kind === 'prepared') await prepare({ owner: ownerOf(name) })
    else {
      const client = new pg.Client({ ...inject('postgres'), database: name })
      await client.connect()
      await client.query(`alter schema public owner to ${ownerRole}`)
      await client.end()
    }
    return name
  })

/** A database as an administrator makes it for us, empty, or at the newest version. `connection` is a superuser's, as
 *  elsewhere in the tests. */
const aDatabase = async (kind: 'empty' | 'prepared') => {
  const name = `e_${process.pid}_${databases++}`
  await copy(name, await templateOf(kind))
  return {
    connection: { ...inject('postgres'), database: name },
    owner: ownerOf(name),
    drop: async () => void (await (await administrator()).query(`drop database if exists ${name} with (force)`)),
  }
}

export type Place = Awaited<ReturnType<typeof aDatabase>>

export const emptyDatabase = (): Promise<Place> => aDatabase('empty')
export const preparedDatabase = (): Promise<Place> => aDatabase('prepared')

/** Brings a database to a version, the newest one if none is named. */
export const prepare = async ({ owner }: Pick<Place, 'owner'>, last?: string): Promise<void> => {
  await migrate(owner, migrationsDir, tables, last)
  const jobs = jobsOf(features).map(({ name }) => name)
  await installJobs(owner, jobs, tables)
}

/** What outlives a database: a folder with key file, ledger and backups, and the databases that a test makes. */
export const aMachineRoom = () => {
  const folder = temporaryFolder('room')
  const places: Place[] = []
  const running = new Set<Installation>()
  const config = {
    keyFile: join(folder, 'master.key'),
    secretsDir: join(folder, 'secrets'),
    ledgerFile: join(folder, 'ledger', 'erasures.jsonl'),
  }
  const backups = join(folder, 'backups')
  mkdirSync(backups)
  const kept = async (making: Promise<Place>): Promise<Place> => {
    const place = await making
    places.push(place)
    return place
  }
  return {
    folder,
    backups,
    config,
    /** An empty database. */
    newPlace: () => kept(emptyDatabase()),
    /** One at the newest version. */
    preparedPlace: () => kept(preparedDatabase()),
    ledger: openLedger(config.ledgerFile),
    /** The product on this database, with the room's key and ledger. */
    start: async (
      place: Place,
      at: string | Temporal.Instant,
      options: { withoutWorker?: boolean; keyFile?: string } = {},
    ) => {
      const database = { connection: place.connection, drop: async () => {} }
      const { keyFile = config.keyFile, ...others } = options
      const installation = await startInstallation({
        database,
        config: { ...config, keyFile },
        start: String(at),
        ...others,
      })
      running.add(installation)
      return {
        ...installation,
        close: async () => {
          if (running.delete(installation)) await installation.close()
        },
      }
    },
    backup: (place: Place, clock: Clock, say?: (line: string) => void) =>
      makeBackup({ ...place, ledger: openLedger(config.ledgerFile), clock, window: 'P7D' }, backups, say),
    restore: (
      place: Place,
      folder: string,
      clock: Clock,
      options: { withoutLedger?: boolean; config?: Partial<Installation['config']> } = {},
    ) => {
      const whole = {
        port: 0,
        host: '127.0.0.1',
        dataDir: join(folder, '..', '..', 'data'),
        tenantsDir: 'tenants',
        publicUrl: 'http://anlaufstelle.test',
        databaseUrl: 'postgres://of-the-test',
        databaseOwnerUrl: null,
        smtpUrl: 'smtp://of-the-test',
        tls: null,
        metricsToken: null,
        metricsPort: null,
        trustedProxies: [],
        ...config,
        ...options.config,
      }
      return restoreBackup(place, whole, folder, { clock, withoutLedger: options.withoutLedger ?? false })
    },
    close: async () => {
      for (const installation of running) await installation.close()
      for (const place of places) await place.drop()
      rmSync(folder, { recursive: true })
    },
  }
}

export type Room = ReturnType<typeof aMachineRoom>
