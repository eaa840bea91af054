import { join } from 'node:path'
import type { Feature } from '#features/feature.ts'
import { type Clock, shiftedClock, systemClock } from '#platform/clock.ts'
import { type Config, ConfigError } from '#platform/config.ts'
import { type Connection, isInUse, openDb } from '#platform/db/db.ts'
import { type LocalPostgres, startLocalPostgres } from '#platform/db/local-postgres.ts'
import { keepLocalPostgres } from '#platform/db/local-postgres-kept.ts'
import { isCurrent, migrate, refuseOutdated } from '#platform/db/migrate.ts'
import { refuseUnfinishedRestore } from '#platform/db/restoring.ts'
import { memoryFailures } from '#platform/failures.ts'
import { memoryPageCounts } from '#platform/http/page-counts.ts'
import { installJobs, openJobs } from '#platform/jobs/jobs.ts'
import { databaseLimits } from '#platform/limits/limits.ts'
import { openLog } from '#platform/log.ts'
import { type LocalMailbox, startLocalMailbox } from '#platform/mail/local-mailbox.ts'
import { type Mailer, smtpMailer } from '#platform/mail/mailer.ts'
import { guardOutbound, type OperatorHost } from '#platform/outbound.ts'
import { type Random, systemRandom } from '#platform/random.ts'
import { loadAssets } from '#platform/ui/assets.ts'
import { problemLine } from '#register/load/load.ts'
import { findRunning, type Operator } from '#register/register.ts'
import { createVault } from '#vault/create.ts'
import { openMasters } from '#vault/keys.ts'
import { openLedger } from '#vault/ledger/ledger.ts'
import { neverCompacted } from './compaction.ts'
import type { AppDeps } from './deps.ts'
import { reachDeclared } from './destinations.ts'
import { DifferenceError } from './doctor/difference.ts'
import { findUndeclared } from './doctor/hosts.ts'
import { features as shipped } from './features.ts'
import { jobsOf, noteLine } from './ledger.ts'
import { learnKeys } from './publishing.ts'
import { notesAtStart, readRegisterInSteps } from './register.ts'
import { projectRoot } from './root.ts'
import { type CloseTenant, closable, fitToSurroundings } from './surroundings.ts'
import { tables } from './tables.ts'

export const clientDir = join(projectRoot, 'dist/client')
export const migrationsDir = join(projectRoot, 'db/migrations')

/** The clock of this installation: only the embedded demonstration has one that can be moved. */
export const clockOf = (config: Config): Clock =>
  config.databaseUrl === null ? shiftedClock(demoClockFile(config)) : systemClock

export const demoClockFile = (config: Config): string => join(config.dataDir, 'demo-clock')

/** Lets this process connect to declared hosts only from here on, and refuses settings that lead elsewhere before anything
 *  is connected. @throws DifferenceError */
const keepToDeclared = (config: Config, destinations: readonly OperatorHost[]): void => {
  const undeclared = findUndeclared(config, destinations)
  if (undeclared.length > 0) throw new DifferenceError(undeclared)
  const log = openLog(join(config.dataDir, 'log'))
  guardOutbound(destinations, (error) => log.fault(`connection to ${error.host}`, error))
}

/** How to reach the database, as owner and as what the product runs under; starts the embedded one if there is none, and
 *  keeps it running for whoever wants to be told when it is lost. */
export const connect = async (
  config: Config,
  { hosts }: Operator,
  say: (line: string) => void,
  onLost?: (error: Error) => void,
) => {
  keepToDeclared(config, hosts)
  if (config.databaseUrl !== null) {
    const connection: Connection = { connectionString: config.databaseUrl }
    return {
      owner: { connectionString: config.databaseOwnerUrl ?? config.databaseUrl } as Connection,
      connection,
      local: null,
    }
  }
  const own = { dataDir: config.dataDir, say }
  const local: LocalPostgres = await (onLost ? keepLocalPostgres({ ...own, onLost }) : startLocalPostgres(own))
  return { owner: local.url as Connection, connection: local.url as Connection, local }
}

/** Brings tables and queues to the newest version. Returns the names of the migrations that ran. */
export const prepareDatabase = async (owner: Connection): Promise<string[]> => {
  const ran = await migrate(owner, migrationsDir, tables)
  await installJobs(
    owner,
    jobsOf(shipped).map((job) => job.name),
    tables,
  )
  return ran
}

/** Stops the embedded database unless somebody else uses it: the last one out turns off the light, also when it was
 *  left running by a process that was killed. */
export const leave = async (local: LocalPostgres): Promise<void> => {
  if (!local.isRunning() || !(await isInUse(local.url))) await local.stop()
}

const connectChecked = async (config: Config, operator: Operator, options: Options) => {
  const { say = () => {}, serving = false, onLost } = options
  const connected = await connect(config, operator, say, onLost)
  try {
    await refuseUnfinishedRestore(connected.connection)
    // A server needs the owner only when there is something to migrate.
    const asOwner = serving && (connected.local !== null || config.databaseOwnerUrl !== null)
    if (asOwner || (serving && !(await isCurrent(connected.connection, migrationsDir)))) {
      await prepareDatabase(connected.owner)
    } else await refuseOutdated(connected.connection, migrationsDir)
  } catch (error) {
    if (connected.local) await leave(connected.local)
    throw error
  }
  return connected
}

export type Composed = {
  deps: AppDeps
  /** How the product reaches its database. */
  connection: Connection
  mailbox: LocalMailbox | undefined
  /** Says when a tenant's pages were found to agree with its register; the notice shows it. */
  noteChecked: (slug: string, at: Temporal.Instant) => void
  closeTenant: CloseTenant
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
  /** True for a server, which brings the database to its version; everything else leaves it as it is. */
  serving?: boolean
  /** What the product is made of; without it, of all that `apps/features.ts` lists. */
  features?: readonly Feature[]
  /** Told when the embedded database has ended and cannot be brought back. */
  onLost?: (error: Error) => void
}

/** Puts the product together and changes nothing by it. Everything that reaches outside, clock, randomness, database and
 *  mail, is made here. */
export const compose = async (config: Config, options: Options = {}): Promise<Composed> => {
  // It ends in the other order than it was opened in, also when something fails on the way: open connections would keep
  // the process from ending.
  const opened: (() => unknown)[] = []
  const close = async () => {
    for (const end of opened.splice(0).reverse()) await end()
  }
  try {
    return { ...(await open(config, options, opened)), close }
  } catch (error) {
    await close()
    throw error
  }
}

const open = async (config: Config, options: Options, opened: (() => unknown)[]): Promise<Omit<Composed, 'close'>> => {
  const { say = () => {}, clock = clockOf(config), random = systemRandom, features = shipped } = options
  const loaded = await readRegisterInSteps(config, clock, features)
  if (loaded.operator === null || loaded.problems.length > 0) {
    throw new ConfigError(
      `TENANTS_DIR: nothing can run until this is mended:\n  ${loaded.problems.map(problemLine).join('\n  ')}`,
    )
  }
  const masters = openMasters(config.keyFile, random)
  const assets = loadAssets(clientDir)
  if (options.database && !options.restoring) await refuseUnfinishedRestore(options.database)
  const { connection, local } = options.database
    ? { connection: options.database, local: null }
    : await connectChecked(config, loaded.operator, options)
  if (local) opened.push(() => leave(local))
  const db = openDb(connection)
  opened.push(db.close)
  const { register, closeTenant } = closable(await fitToSurroundings(loaded, db, config, clock()))
  const closed = [...register.quarantined.values()].flatMap(({ slug, problems }) => [
    `Tenant ${slug} does not run until this is mended:`,
    ...problems.map((problem) => `  ${problemLine(problem)}`),
  ])
  if (register.running.size === 0) {
    throw new ConfigError([`TENANTS_DIR: no tenant in ${config.tenantsDir} can run`, ...closed].join('\n'))
  }
  for (const line of [...closed, ...notesAtStart(register)]) say(line)
  const log = openLog(join(config.dataDir, 'log'))
  const mailbox = config.smtpUrl === null && !options.mailer ? await startLocalMailbox(clock) : undefined
  if (mailbox) opened.push(mailbox.close)
  const mailer = options.mailer ?? smtpMailer(config.smtpUrl ?? mailbox?.url ?? '')
  const jobs = await openJobs(connection, (error) => log.fault('queue', error))
  // Jobs still in hand when the queue has stopped end with the mailer, and write down how, before the database closes.
  opened.push(jobs.settled, mailer.close, jobs.stop)
  const { vault, keeper } = createVault({
    masters,
    tenants: register.running.values(),
    clock,
    random,
    onLine: noteLine(jobs),
  })
  const checked = new Map<string, Temporal.Instant>()
  const deps: AppDeps = {
    config,
    register,
    db,
    vault,
    keeper,
    ledger: openLedger(config.ledgerFile),
    clock,
    random,
    jobs,
    mailer,
    log,
    assets,
    formKeys: new Map(),
    reach: reachDeclared(config.secretsDir),
    limits: databaseLimits({
      clock,
      random,
      timeZoneOf: (id) => findRunning(register, id)?.tenant.timeZone ?? 'UTC',
    }),
    pageCounts: memoryPageCounts(),
    failures: memoryFailures(),
    compaction: neverCompacted(),
    inForce: new Map(),
    contributed: features,
    checkedAt: (slug) => checked.get(slug) ?? null,
  }
  await learnKeys(deps)
  const noteChecked: Composed['noteChecked'] = (slug, at) => void checked.set(slug, at)
  return { deps, connection, mailbox, noteChecked, closeTenant }
}

/** Puts the product together, does the work, and leaves nothing open. */
export const withComposed = async <T>(
  config: Config,
  options: Options,
  work: (composed: Composed) => Promise<T>,
): Promise<T> => {
  const composed = await compose(config, options)
  try {
    return await work(composed)
  } finally {
    await composed.close()
  }
}
