import { join } from 'node:path'
import type { Deps } from '#features/feature.ts'
import { noteErasure } from '#features/ledger/index.ts'
import { findSilentChanges, keepNotice } from '#features/website/index.ts'
import { type Clock, shiftedClock, systemClock } from '#platform/clock.ts'
import { type Config, ConfigError } from '#platform/config.ts'
import { type Connection, type Db, isInUse, openDb } from '#platform/db/db.ts'
import { type LocalPostgres, startLocalPostgres } from '#platform/db/local-postgres.ts'
import { migrate } from '#platform/db/migrate.ts'
import { refuseUnfinishedRestore } from '#platform/db/restoring.ts'
import { memoryLimits } from '#platform/http/limits.ts'
import { memoryPageCounts } from '#platform/http/page-counts.ts'
import { installJobs, openJobs } from '#platform/jobs/jobs.ts'
import { openLog } from '#platform/log.ts'
import { type LocalMailbox, startLocalMailbox } from '#platform/mail/local-mailbox.ts'
import { type Mailer, smtpMailer } from '#platform/mail/mailer.ts'
import { type Random, systemRandom } from '#platform/random.ts'
import { loadAssets } from '#platform/ui/assets.ts'
import { loadRegister, problemLine, shownPath } from '#register/load/load.ts'
import { quarantine, type Register } from '#register/register.ts'
import { createVault, storedFields } from '#vault/index.ts'
import { openMasters } from '#vault/keys.ts'
import { openLedger } from '#vault/ledger.ts'
import { TamperedError } from '#vault/seal.ts'
import { compareRecords } from './doctor/records.ts'
import { features, needs } from './features.ts'
import { learnFormKeys } from './form-keys.ts'
import { projectRoot } from './root.ts'

export const clientDir = join(projectRoot, 'dist/client')
export const migrationsDir = join(projectRoot, 'db/migrations')

/** The clock of this installation: only the embedded demonstration has one that can be moved. */
export const clockOf = (config: Config): Clock =>
  config.databaseUrl === null ? shiftedClock(demoClockFile(config)) : systemClock

export const demoClockFile = (config: Config): string => join(config.dataDir, 'demo-clock')

/** How to reach the database, as owner and as what the product runs under; starts the embedded one if there is none. */
export const connect = async (config: Config, say: (line: string) => void) => {
  if (config.databaseUrl !== null) {
    const connection: Connection = { connectionString: config.databaseUrl }
    return {
      owner: { connectionString: config.databaseOwnerUrl ?? config.databaseUrl } as Connection,
      connection,
      local: null,
    }
  }
  const local: LocalPostgres = await startLocalPostgres({ dataDir: config.dataDir, say })
  return { owner: local.url as Connection, connection: local.url as Connection, local }
}

/** Brings tables and queues to the newest version. Returns the names of the migrations that ran. */
export const prepareDatabase = async (owner: Connection): Promise<string[]> => {
  const ran = await migrate(owner, migrationsDir)
  await installJobs(
    owner,
    features.flatMap((feature) => feature.jobs ?? []).map((job) => job.name),
  )
  return ran
}

/** Stops the embedded database unless somebody else uses it: the last one out turns off the light, also when it was
 *  left running by a process that was killed. */
export const leave = async (local: LocalPostgres): Promise<void> => {
  if (!(await isInUse(local.url))) await local.stop()
}

const connectPrepared = async (config: Config, say: (line: string) => void) => {
  const connected = await connect(config, say)
  try {
    await refuseUnfinishedRestore(connected.owner)
    await prepareDatabase(connected.owner)
  } catch (error) {
    if (connected.local) await leave(connected.local)
    throw error
  }
  return connected
}

export type Composed = {
  deps: Deps
  /** How the product reaches its database. */
  connection: Connection
  mailbox: LocalMailbox | undefined
  /** Says that the running system has just been found to agree with the register; the notice shows when. */
  noteChecked: () => void
  close: () => Promise<void>
}

export type Options = {
  say?: (line: string) => void
  clock?: Clock
  random?: Random
  mailer?: Mailer
  /** A database that is prepared already, instead of the configured one. */
  database?: Connection
  /** True for the restore itself, which opens a database that is not fit for anybody else. */
  restoring?: boolean
}

/** Puts the product together. Everything that reaches outside, clock, randomness, database and mail, is made here. */
export const compose = async (config: Config, options: Options = {}): Promise<Composed> => {
  const { say = () => {}, clock = clockOf(config), random = systemRandom } = options
  const loaded = loadRegister(config.tenantsDir, needs)
  if (loaded.problems.length > 0) {
    throw new ConfigError(
      `TENANTS_DIR: nothing can run until this is mended:\n  ${loaded.problems.map(problemLine).join('\n  ')}`,
    )
  }
  const masters = openMasters(config.keyFile, random)
  const assets = loadAssets(clientDir)
  if (options.database && !options.restoring) await refuseUnfinishedRestore(options.database)
  const { connection, local } = options.database
    ? { connection: options.database, local: null }
    : await connectPrepared(config, say)
  const db = openDb(connection)
  const register = await fitToRecords(loaded, db, config.tenantsDir)
  for (const tenant of register.quarantined.values()) {
    say(`Tenant ${tenant.slug} does not run until this is mended:`)
    for (const problem of tenant.problems) say(`  ${problemLine(problem)}`)
  }
  if (register.running.size === 0) {
    await db.close()
    if (local) await leave(local)
    throw new ConfigError(`TENANTS_DIR: no tenant in ${config.tenantsDir} can run`)
  }
  const log = openLog(join(config.dataDir, 'log'))
  const jobs = await openJobs(connection, (error) => log.fault('queue', error))
  const vault = createVault({
    masters,
    tenants: register.running.values(),
    clock,
    random,
    onErased: noteErasure(jobs),
  })
  const mailbox = config.smtpUrl === null && !options.mailer ? await startLocalMailbox(clock) : undefined
  const mailer = options.mailer ?? smtpMailer(config.smtpUrl ?? mailbox?.url ?? '')
  let checkedAt: Temporal.Instant | null = null
  const deps: Deps = {
    config,
    register,
    db,
    vault,
    ledger: openLedger(config.ledgerFile),
    clock,
    random,
    jobs,
    mailer,
    log,
    assets,
    formKeys: new Map(),
    limits: memoryLimits(clock),
    pageCounts: memoryPageCounts(),
    inForce: new Map(),
    checkedAt: () => checkedAt,
  }
  const close = async () => {
    await jobs.stop()
    mailer.close()
    await mailbox?.close()
    await db.close()
    if (local) await leave(local)
  }
  try {
    await prepareTenants(deps)
  } catch (error) {
    await close() // or open connections would keep the process from ending
    throw error
  }
  const noteChecked = () => {
    checkedAt = clock()
  }
  return { deps, connection, mailbox, noteChecked, close }
}

/** Takes out tenants whose files no longer fit what is stored for them, or what was published under the same version. */
const fitToRecords = async (loaded: Register, db: Db, tenantsDir: string): Promise<Register> => {
  let register = loaded
  for (const [slug, running] of loaded.running) {
    const folder = join(shownPath(tenantsDir), slug, 'activities')
    const problems = await db.inTenant(running.tenant.id, async (tx) => [
      ...compareRecords(folder, running, await storedFields(tx)),
      ...(await findSilentChanges(tx, running)),
    ])
    if (problems.length > 0) register = quarantine(register, slug, problems)
  }
  return register
}

const prepareTenants = async (deps: Deps): Promise<void> => {
  const { register, db, vault, config, clock, inForce } = deps
  for (const running of register.running.values()) {
    const { tenant } = running
    try {
      const version = await db.inTenant(tenant.id, async (tx) => {
        await vault.prepare(tx)
        await vault.applyStricterPeriods(tx)
        return keepNotice(tx, running, clock())
      })
      inForce.set(tenant.slug, version)
      await learnFormKeys(deps, running)
    } catch (error) {
      if (!(error instanceof TamperedError)) throw error
      throw new ConfigError(
        `ANLAUFSTELLE_KEY_FILE: ${config.keyFile} is not the key this database was sealed with. Put the right file back; without it nothing in the database can be read.`,
      )
    }
  }
}
