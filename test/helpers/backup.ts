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

let databases = 0

/** An empty database as an administrator makes it for us: its owner is no superuser, so that row-level security holds
 *  for the owner, too. `connection` is a superuser's, as elsewhere in the tests. */
export const emptyDatabase = async () => {
  const admin = inject('postgres')
  const name = `e_${process.pid}_${databases++}`
  const role = `${name}_owner`
  const client = new pg.Client(admin)
  await client.connect()
  await client.query(`create role ${role} login password 'of-the-test' nosuperuser nobypassrls`)
  await client.query(`create database ${name} owner ${role} template template0`)
  const direct = new pg.Client({ ...admin, database: name })
  await direct.connect()
  await direct.query(`alter schema public owner to ${role}`)
  await direct.end()
  const connection = { ...admin, database: name }
  return {
    connection,
    owner: { ...connection, user: role, password: 'of-the-test' },
    drop: async () => {
      await client.query(`drop database if exists ${name} with (force)`)
      await client.query(`drop role ${role}`)
      await client.end()
    },
  }
}

export type Place = Awaited<ReturnType<typeof emptyDatabase>>

/** Brings a database to a version, the newest one if none is named. */
export const prepare = async (place: Place, last?: string): Promise<void> => {
  await migrate(place.owner, migrationsDir, tables, last)
  const jobs = jobsOf(features).map(({ name }) => name)
  await installJobs(place.owner, jobs, tables)
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
  const newPlace = async (): Promise<Place> => {
    const place = await emptyDatabase()
    places.push(place)
    return place
  }
  return {
    folder,
    backups,
    config,
    newPlace,
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
