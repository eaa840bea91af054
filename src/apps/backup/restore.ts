import { existsSync } from 'node:fs'
import type { Feature } from '#features/feature.ts'
import { type Config, ConfigError, RefusedError } from '#platform/config.ts'
import type { Connection } from '#platform/db/db.ts'
import { listAllMigrations, migrate } from '#platform/db/migrate.ts'
import { markRestoring, unmarkRestoring } from '#platform/db/restoring.ts'
import { systemRandom } from '#platform/random.ts'
import { unwrap } from '#vault/keyring/keyring.ts'
import { type Masters, openMasters } from '#vault/keys.ts'
import { type LedgerFile, ledgerReach, openLedger } from '#vault/ledger/ledger.ts'
import { compareChanges, type ErasureLine, type LegalHoldLine } from '#vault/ledger/line.ts'
import { TamperedError } from '#vault/seal.ts'
import { type Composed, clockOf, compose, migrationsDir, type Options, prepareDatabase } from '../compose.ts'
import type { AppDeps } from '../deps.ts'
import { features } from '../features.ts'
import { declaredOperator } from '../register.ts'
import { tables } from '../tables.ts'
import { type Backup, endOfKeys, openPart, readManifest, verifyParts } from './manifest.ts'
import {
  type Client,
  checkNow,
  findWrappedKey,
  insertTenants,
  inTransaction,
  listErasureIds,
  listMigrations,
  listTables,
  listTenants,
  loadRows,
  setTenant,
  takeOver,
  withClient,
} from './sql.ts'

const refuseOldKeys = (backup: Backup, window: string, now: Temporal.Instant): void => {
  const end = endOfKeys(Temporal.Instant.from(backup.madeAt), window)
  if (Temporal.Instant.compare(end, now) <= 0) {
    throw new RefusedError(
      `The keys of this backup should be gone since ${end}: the notice promises it. Remove ${backup.keys} and take a newer backup.`,
    )
  }
  if (!existsSync(backup.keys)) {
    throw new RefusedError(`${backup.keys} is missing: without the keys of the same backup its data open nothing.`)
  }
}

const refuseUnknownVersion = (backup: Backup): void => {
  const known = listAllMigrations(migrationsDir)
  if (known.includes(backup.lastMigration)) return
  throw new RefusedError(
    `The backup is of a database at ${backup.lastMigration}, which this program does not know (it ends at ${known.at(-1)}): a newer version made it. Restore it with that version.`,
  )
}

const refuseUnlessEmpty = async (client: Client, backup: Backup): Promise<void> => {
  if ((await listTenants(client)).length > 0) {
    throw new RefusedError(
      'This database is not empty: tenants have run on it. Restore into a new one, e.g. after "create database", or with another DATA_DIR.',
    )
  }
  const ahead = (await listMigrations(client)).filter((name) => name > backup.lastMigration)
  if (ahead.length > 0) {
    throw new RefusedError(
      `This database is newer (${ahead.at(-1)}) than the backup (${backup.lastMigration}). Restore into a new one without tables; it is brought to the newest version afterwards.`,
    )
  }
}

type Written = { ids: Set<string>; changes: LegalHoldLine[] }

/** Ids of the lines in reach of the backup, and all changes by legal holds in their order: several jobs write the file, each when
 *  it comes to it. The whole file is read, so that a spoiled line is found before anything happens. */
const readLedger = async (
  ledger: LedgerFile,
  config: Config,
  since: Temporal.Instant,
  say: (line: string) => void,
): Promise<Written> => {
  if (!ledger.exists()) {
    throw new RefusedError(
      `ANLAUFSTELLE_LEDGER_FILE: ${config.ledgerFile} is missing. Without it, what was erased after the backup would come back, and legal holds placed since would be lost. If it is lost for good: --without-ledger, and erase and hold by hand what you know of.`,
    )
  }
  const ids = new Set<string>()
  const changes: LegalHoldLine[] = []
  for await (const line of ledger.read(say)) {
    if (Temporal.Instant.compare(line.at, since) >= 0) ids.add(line.id)
    if (line.kind !== 'erased') changes.push(line)
  }
  return { ids, changes: changes.sort(compareChanges) }
}

const refuseOtherMaster = (masters: Masters, tenant: string, wrapped: Buffer | null, config: Config): void => {
  try {
    if (wrapped) unwrap(masters, tenant, wrapped)
  } catch (error) {
    if (!(error instanceof TamperedError)) throw error
    throw new ConfigError(
      `ANLAUFSTELLE_KEY_FILE: ${config.keyFile} is not the key the backup's database was sealed with. Put the right file there.`,
    )
  }
}

/** Loads all tables in one transaction: all of it, or nothing. `check` may refuse a tenant's rows when they are in. */
const load = (client: Client, backup: Backup, check: (tenant: string) => Promise<void>): Promise<void> =>
  inTransaction(client, '', async () => {
    const there = new Set((await listTables(client)).map(({ name }) => name))
    const tables = backup.parts.map((part) => ({ name: part.table, columns: part.columns, part }))
    const unknown = tables.filter(({ name }) => !there.has(name)).map(({ name }) => name)
    if (unknown.length > 0) throw new RefusedError(`The backup has tables that are not known: ${unknown.join(', ')}.`)
    for (const table of tables) await loadRows(client, table, openPart(backup, table.part))
    await insertTenants(client, backup.tenants)
    const taken = new Map<string, number>()
    for (const tenant of backup.tenants) {
      await setTenant(client, tenant)
      for (const table of tables) {
        taken.set(table.name, (taken.get(table.name) ?? 0) + (await takeOver(client, table, tenant)))
      }
      await checkNow(client)
      await check(tenant)
    }
    const lost = tables.filter(({ name, part }) => taken.get(name) !== part.rows).map(({ name }) => name)
    if (lost.length > 0) throw new RefusedError(`The backup has rows of tenants it does not name: ${lost.join(', ')}.`)
  })

/** Repeats what legal holds changed and the backup does not know. Before the erasures: one of a held record followed a
 *  release, and a withdrawal keeps the instant at which it restricted. Returns how many records it concerned. */
const replayLegalHolds = async (
  deps: AppDeps,
  all: readonly Feature[],
  changes: readonly LegalHoldLine[],
): Promise<number> => {
  const changed = new Set<string>()
  for (const line of changes) {
    await deps.db.inTenant(line.tenant, async (tx) => {
      if (!(await deps.keeper.changeAgain(tx, line))) return
      changed.add(line.record)
      if (line.kind !== 'restricted') return
      for (const { restored } of all) {
        await restored?.restricted?.(deps, tx, { records: [line.record], trigger: line.cause, at: line.at })
      }
    })
  }
  return changed.size
}

async function* onlyErasures(ledger: LedgerFile): AsyncGenerator<ErasureLine> {
  for await (const line of ledger.read(() => {})) if (line.kind === 'erased') yield line
}

/** Repeats erasures, as far as their records are in the database, and lets features come out consistent. */
const replay = async (
  deps: AppDeps,
  all: readonly Feature[],
  erasures: AsyncIterable<ErasureLine> | Iterable<ErasureLine>,
): Promise<{ lines: number; records: number }> => {
  let lines = 0
  let records = 0
  const eraseAgain = (tenantId: string, portion: readonly ErasureLine[]) =>
    deps.db.inTenant(tenantId, async (tx) => {
      let count = 0
      for (const line of portion) {
        const { present, trigger } = await deps.keeper.findErased(tx, line)
        if (present.length > 0) {
          for (const { restored } of all) {
            await restored?.erased?.(deps, tx, { records: present, trigger, at: line.at })
          }
        }
        await deps.keeper.eraseAgain(tx, line)
        count += present.length
      }
      return count
    })
  let portion: ErasureLine[] = []
  const flush = async () => {
    for (const [tenantId, of] of Map.groupBy(portion, ({ tenant }) => tenant)) records += await eraseAgain(tenantId, of)
    lines += portion.length
    portion = []
  }
  for await (const line of erasures) {
    portion.push(line)
    if (portion.length === 200) await flush()
  }
  await flush()
  for (const tenantId of await deps.db.knownTenants()) {
    await deps.db.inTenant(tenantId, async (tx) => {
      for (const { restored } of all) await restored?.ended?.(deps, tx)
    })
  }
  return { lines, records }
}

/** `records`: erased again. `legalHolds`: records on which a legal hold changed something since. */
export type Restored = { rows: number; lines: number; records: number; legalHolds: number }

type Connections = { owner: Connection; connection: Connection }
type Choices = Omit<Options, 'database' | 'restoring'> & { withoutLedger?: boolean }

/** Loads a backup into an empty database, brings it to the newest version, holds again what was held since, and
 *  erases again what was erased since. No server opens the database before the end: a mark in it says that it is not fit
 *  yet.
 *  @throws RefusedError and ConfigError; as long as nothing was loaded, the database stays empty and unmarked. */
export const restoreBackup = async (
  { owner, connection }: Connections,
  config: Config,
  folder: string,
  { withoutLedger = false, ...options }: Choices & { clock: NonNullable<Options['clock']> },
): Promise<Restored> => {
  const { say = () => {}, clock } = options
  const backup = readManifest(folder)
  refuseUnknownVersion(backup)
  const { window } = declaredOperator(config, clockOf(config)).backup
  refuseOldKeys(backup, window, clock())
  if (!existsSync(config.keyFile)) {
    throw new ConfigError(
      `ANLAUFSTELLE_KEY_FILE: ${config.keyFile} is missing: put the master key there with which the backup's database was sealed`,
    )
  }
  const masters = openMasters(config.keyFile, systemRandom)
  const reach = ledgerReach(Temporal.Instant.from(backup.madeAt), window)
  const written = withoutLedger ? null : await readLedger(openLedger(config.ledgerFile), config, reach, say)
  await verifyParts(backup)
  await withClient(owner, async (client) => {
    await refuseUnlessEmpty(client, backup)
    await markRestoring(client)
    const check = async (tenant: string) => {
      refuseOtherMaster(masters, tenant, await findWrappedKey(client, tenant), config)
      const unwritten = written && (await listErasureIds(client, tenant, reach)).filter((id) => !written.ids.has(id))
      if (unwritten && unwritten.length > 0) {
        throw new RefusedError(
          `ANLAUFSTELLE_LEDGER_FILE: ${config.ledgerFile} lacks ${unwritten.length} erasures that are in the backup itself: it is another installation's, or not whole. Take the right one.`,
        )
      }
    }
    try {
      await migrate(owner, migrationsDir, tables, backup.lastMigration)
      await load(client, backup, check)
    } catch (error) {
      await unmarkRestoring(client).catch(() => {}) // nothing came in
      throw error
    }
  })
  await prepareDatabase(owner)
  const composed: Composed = await compose(config, { ...options, database: connection, restoring: true })
  const { deps } = composed
  const again = async () => {
    const legalHolds = written ? await replayLegalHolds(deps, features, written.changes) : 0
    return { legalHolds, ...(await replay(deps, features, written ? onlyErasures(deps.ledger) : [])) }
  }
  const done = await again().finally(composed.close)
  await withClient(owner, unmarkRestoring)
  return { rows: backup.parts.reduce((sum, part) => sum + part.rows, 0), ...done }
}
