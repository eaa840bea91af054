import { cpSync, existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createSocket } from 'node:net'
import { join } from 'node:path'
import pg from 'pg'
import { inject, TestRunner } from 'vitest'
import { clientDir, compose } from '#apps/compose.ts'
import type { AppDeps } from '#apps/deps.ts'
import { features as shipped } from '#apps/features.ts'
import { publishTenants } from '#apps/publishing.ts'
import { createServer } from '#apps/server.ts'
import { startWorker, sweep } from '#apps/worker.ts'
import type { Feature } from '#features/feature.ts'
import type { Clock } from '#platform/clock.ts'
import type { Config } from '#platform/config.ts'
import { patiently } from '#platform/db/patiently.ts'
import { type LocalMailboxOptions, startLocalMailbox } from '#platform/mail/local-mailbox.ts'
import { type Patience, smtpMailer } from '#platform/mail/mailer.ts'
import { findRunning } from '#register/register.ts'
import { template } from './database.ts'
import { temporaryFolder } from './folder.ts'
import { leaveRunning, usualTenants } from './tenants.ts'

export const publicUrl = 'http://anlaufstelle.test'

/** A clock that stands still until it is moved. Starts on a Monday morning in winter, 09:00 in Germany. */
export const testClock = (start = '2026-11-23T08:00:00Z') => {
  let now = Temporal.Instant.from(start)
  const clock: Clock = () => now
  return {
    clock,
    set: (instant: string | Temporal.Instant) => {
      now = Temporal.Instant.from(instant)
    },
    /** Moves on by an ISO 8601 duration without months or years. */
    move: (duration: string) => {
      now = now.toZonedDateTimeISO('Europe/Berlin').add(Temporal.Duration.from(duration)).toInstant()
    },
  }
}

/** Longer than any test: a round by the machine's clock would find a test's own clock wherever it was just set, and erase
 *  what the next test needs. A test asks for a round with `sweep`. */
const secondsUntilNextRound = 24 * 60 * 60

let databases = 0
let administrator: Promise<pg.Client> | undefined

/** One connection for all databases that this process makes: a new one for each would cost more than the database. */
const connectOnce = async (): Promise<pg.Client> => {
  const client = new pg.Client(inject('postgres'))
  client.on('error', () => {}) // the PostgreSQL ends before this process
  await client.connect()
  return client
}

/** A database of its own, cloned from the migrated template, and a connection as its superuser. */
export const freshDatabase = async () => {
  administrator ??= connectOnce()
  const client = await administrator
  const name = `t_${process.pid}_${databases++}`
  // Copied as files: through the log, as is usual, would take three times as long.
  await client.query(`create database ${name} template ${template} strategy file_copy`)
  return {
    connection: { ...inject('postgres'), database: name },
    drop: async () => {
      // Connections that are just ending would take being cut for a fault.
      const others = 'select from pg_stat_activity where datname = $1'
      for (let i = 0; i < 100 && (await client.query(others, [name])).rowCount !== 0; i++)
        await new Promise((resolve) => setTimeout(resolve, 20))
      await client.query(`drop database ${name} with (force)`)
    },
  }
}

type Options = {
  /** Slugs of the tenants that run. */
  tenants?: readonly string[]
  /** Changes the tenants' files, with activities written out as a whole, before they are loaded:
   *  `{ 'segeberg/tenant.yaml': (text) => … }`; null: the file goes. One that is not there is made of an empty text. */
  edit?: Record<string, (text: string) => string | null>
  /** What the product is made of, if not of all that ships. */
  features?: readonly Feature[]
  config?: Partial<Config>
  start?: string
  /** What the mail server does, by recipient. */
  mailServer?: LocalMailboxOptions
  /** How long to wait for it; else as long as for any. */
  patience?: Patience
  /** Listens on a free port, for browsers, with the local mailbox at `/_mailbox`; `config.publicUrl` is the address. */
  listen?: boolean
  /** Leaves jobs in the queue. */
  withoutWorker?: boolean
  database?: Awaited<ReturnType<typeof freshDatabase>>
  /** Appointments to come for one mail address. Tests book for the same person over and over. */
  perContact?: number
  /** What one connection may take, e.g. `{ holds: 30 }`; what is left out, as much as any test wants. `asDeclared`: as the
   *  tenants' files say. */
  callerLimits?: Partial<Record<keyof typeof noLimits, number>> | 'asDeclared'
}

const noLimits = { holds: 10_000, bookings: 10_000, bookingsWithoutEmail: 10_000, shareOfDay: 100 }

const withCallerLimits = (text: string, given: Options['callerLimits'] = {}): string => {
  if (given === 'asDeclared') return text
  const lines = Object.entries({ ...noLimits, ...given }).map(([name, most]) => `  ${name}: ${most}\n`)
  const raised = lines.join('')
  return /^limits:\n/m.test(text) ? text.replace(/^limits:\n/m, `$&${raised}`) : `${text}\nlimits:\n${raised}`
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const socket = createSocket().listen(0, '127.0.0.1', () => {
      const address = socket.address()
      socket.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })

/** Which test came last to which tenant: a fact of a tenant is shown by a test that drove it (test/helpers/fact.ts). */
const noteDriven = () => {
  const last = new Map<string, string>()
  return {
    by: (slug?: string) => {
      const test = TestRunner.getCurrentTest()
      if (slug && test) last.set(slug, test.id)
    },
    isDriven: (slug: string): boolean => last.has(slug) && last.get(slug) === TestRunner.getCurrentTest()?.id,
  }
}

/** The whole product on a database, a mail server and a folder of its own. `using` it tidies up. */
export const startInstallation = async (options: Options = {}) => {
  const { features = shipped } = options
  const folder = temporaryFolder('test')
  const tenantsDir = join(folder, 'tenants')
  cpSync(inject('wholeTenants'), tenantsDir, { recursive: true })
  leaveRunning(tenantsDir, options.tenants ?? usualTenants)
  for (const path of globSync('*/tenant.yaml', { cwd: tenantsDir })) {
    const file = join(tenantsDir, path)
    const limited = `$&  maxPerContact: ${options.perContact ?? 1000}\n`
    const raised = readFileSync(file, 'utf8').replace(/^booking:\n/m, limited)
    writeFileSync(file, withCallerLimits(raised, options.callerLimits))
  }
  for (const [path, change] of Object.entries(options.edit ?? {})) {
    const file = join(tenantsDir, path)
    const changed = change(existsSync(file) ? readFileSync(file, 'utf8') : '')
    if (changed === null) rmSync(file)
    else writeFileSync(file, changed)
  }
  const port = options.listen ? await freePort() : 0
  const config: Config = {
    port,
    host: '127.0.0.1',
    dataDir: folder,
    tenantsDir,
    keyFile: join(folder, 'master.key'),
    secretsDir: join(folder, 'secrets'),
    ledgerFile: join(folder, 'erasures.jsonl'),
    publicUrl: options.listen ? `http://localhost:${port}` : publicUrl,
    databaseUrl: 'postgres://of-the-test',
    databaseOwnerUrl: null,
    smtpUrl: 'smtp://of-the-test',
    tls: null,
    trustedProxies: ['127.0.0.1'],
    metricsToken: null,
    metricsPort: null,
    ...options.config,
  }
  const time = testClock(options.start)
  const database = options.database ?? (await freshDatabase())
  const mailbox = await startLocalMailbox(time.clock, options.mailServer)
  const mailer = smtpMailer(mailbox.url, options.patience)
  const said: string[] = []
  const { deps: own, close } = await compose(config, {
    clock: time.clock,
    mailer,
    database: database.connection,
    features,
    say: (line) => said.push(line),
  })
  await publishTenants(own)
  await sweep(own, features)
  const driven = noteDriven()
  // The worker keeps its own: what it does by itself is nothing that a test drove.
  const deps: AppDeps = {
    ...own,
    db: {
      ...own.db,
      inTenant: (id, work) => {
        driven.by(findRunning(own.register, id)?.tenant.slug)
        return own.db.inTenant(id, work)
      },
    },
  }
  const app = await createServer(deps, features, clientDir, options.listen ? { mailbox } : {})
  app.addHook('onRequest', async ({ url }) => driven.by(/^\/([\w-]+)/.exec(url)?.[1]))
  if (options.listen) await app.listen({ host: config.host, port })
  const worker = options.withoutWorker ? null : await startWorker(own, features, secondsUntilNextRound)
  const admin = new pg.Client(database.connection)
  await admin.connect()
  return {
    app,
    deps,
    /** Whether the test that runs now has asked this tenant for a page, or worked in its name. */
    isDriven: driven.isDriven,
    time,
    mailbox,
    folder,
    said,
    config,
    database,
    /** A superuser's connection, past row-level security: to look at what is really stored. */
    admin,
    /** Takes things out of the tables, all of it or nothing, also while a worker has some of them in hand. */
    wipe: (text: string) =>
      patiently(async () => {
        try {
          await admin.query(`begin; ${text}; commit`)
        } catch (error) {
          await admin.query('rollback')
          throw error
        }
      }),
    /** Erases what is due at the clock's time, and everything else a worker does by the minute. */
    sweep: () => sweep(own, features),
    close: async () => {
      await app.close()
      await worker?.stop()
      await close()
      await mailbox.close()
      await admin.end()
      if (!options.database) await database.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export type Installation = Awaited<ReturnType<typeof startInstallation>>

/** Waits until `find` gives something, looking often. @throws after two minutes: nothing here takes that long, however busy
 *  the machine is. */
export const eventually = async <T>(
  find: () => T | Promise<T>,
  what = 'what the test waits for',
): Promise<NonNullable<T>> => {
  const end = performance.now() + 120_000
  for (;;) {
    const found = await find()
    if (found !== null && found !== undefined && found !== false) return found
    if (performance.now() > end) throw new Error(`${what} did not come`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
