import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '#platform/clock.ts'
import { RefusedError } from '#platform/config.ts'
import { type Connection, openDb } from '#platform/db/db.ts'
import { refuseUnfinishedRestore } from '#platform/db/restoring.ts'
import { completeLedger, type LedgerFile, ledgerReach } from '#vault/ledger/ledger.ts'
import {
  type BackupPart,
  endOfKeys,
  format,
  instantOfStamp,
  keysSuffix,
  keyTables,
  type Manifest,
  stampOf,
} from './manifest.ts'
import {
  type Client,
  inTransaction,
  listMigrations,
  listTables,
  listTenants,
  oneSnapshot,
  readRows,
  setTenant,
  type Table,
  withClient,
} from './sql.ts'

/** Writes the rows of all tenants to the end of a file and says what was written. */
const writePart = async (
  client: Client,
  table: Table,
  tenants: readonly string[],
  to: { handle: FileHandle; name: string; start: number },
): Promise<BackupPart> => {
  const hash = createHash('sha256')
  let bytes = 0
  let rows = 0
  for (const tenant of tenants) {
    await setTenant(client, tenant)
    for await (const piece of readRows(client, table, tenant, () => rows++)) {
      hash.update(piece)
      bytes += piece.length
      await to.handle.writeFile(piece)
    }
  }
  return {
    table: table.name,
    columns: table.columns,
    file: to.name,
    start: to.start,
    bytes,
    rows,
    sha256: hash.digest('hex'),
  }
}

/** Runs `work` on a new file for its owner's eyes only; the disk has it when this resolves. */
const intoFile = async <T>(path: string, work: (handle: FileHandle) => Promise<T>): Promise<T> => {
  const handle = await open(path, 'wx', 0o600)
  try {
    const result = await work(handle)
    await handle.sync()
    return result
  } finally {
    await handle.close()
  }
}

const removeOldKeys = (folder: string, window: string, now: Temporal.Instant): string[] => {
  const old = readdirSync(folder).filter((name) => {
    const madeAt = instantOfStamp(name)
    return madeAt !== null && Temporal.Instant.compare(endOfKeys(madeAt, window), now) <= 0
  })
  for (const name of old) rmSync(join(folder, name))
  return old
}

type Made = { folder: string; keys: string; rows: number; removedKeys: string[] }

/** Writes a backup below `dir`: data and keys apart, from one moment, while everything goes on. Completes the ledger
 *  outside the database and removes the keys of earlier backups that are older than `window` (ISO 8601).
 *  @throws RefusedError when there is nothing to back up, or the ledger is spoiled. */
export const makeBackup = async (
  place: { owner: Connection; connection: Connection; ledger: LedgerFile; clock: Clock; window: string },
  dir: string,
  say: (line: string) => void = () => {},
): Promise<Made> => {
  await refuseUnfinishedRestore(place.owner)
  const now = place.clock()
  const stamp = stampOf(now)
  const folder = join(dir, stamp)
  const keys = join(dir, 'keys', `${stamp}${keysSuffix}`)
  if (existsSync(folder)) throw new RefusedError(`${folder} is there already. Wait a second.`)
  try {
    mkdirSync(join(dir, 'keys'), { recursive: true, mode: 0o700 })
    // Under another name until it is whole: a backup that was interrupted is none.
    mkdirSync(`${folder}.unfinished`, { mode: 0o700 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new RefusedError(`${dir} cannot be written (${code}). Name a folder that the account running this may write.`)
  }
  const parts = await withClient(place.owner, (client) =>
    inTransaction(client, oneSnapshot, async () => {
      const lastMigration = (await listMigrations(client)).at(-1)
      const tenants = await listTenants(client)
      if (lastMigration === undefined || tenants.length === 0) {
        throw new RefusedError('There is nothing to back up: no tenant has run on this database yet.')
      }
      await writeLedger(place, now, say)
      const tables = await listTables(client)
      const parts = new Map<string, BackupPart>()
      await intoFile(`${keys}.unfinished`, async (handle) => {
        let start = 0
        for (const table of tables.filter(({ name }) => keyTables.includes(name))) {
          const part = await writePart(client, table, tenants, { handle, name: `${stamp}${keysSuffix}`, start })
          parts.set(table.name, part)
          start += part.bytes
        }
      })
      for (const table of tables.filter(({ name }) => !keyTables.includes(name))) {
        const name = `${table.name}.copy`
        const write = (handle: FileHandle) => writePart(client, table, tenants, { handle, name, start: 0 })
        parts.set(table.name, await intoFile(join(`${folder}.unfinished`, name), write))
      }
      const inOrder = tables.flatMap(({ name }) => parts.get(name) ?? [])
      const manifest: Manifest = { format, madeAt: now.toString(), lastMigration, tenants, parts: inOrder }
      await intoFile(join(`${folder}.unfinished`, 'manifest.json'), (handle) =>
        handle.writeFile(`${JSON.stringify(manifest, null, 2)}\n`),
      )
      return inOrder
    }),
  ).catch((error: unknown) => {
    rmSync(`${folder}.unfinished`, { recursive: true, force: true })
    rmSync(`${keys}.unfinished`, { force: true })
    throw error
  })
  renameSync(`${keys}.unfinished`, keys)
  renameSync(`${folder}.unfinished`, folder)
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  return { folder, keys, rows, removedKeys: removeOldKeys(join(dir, 'keys'), place.window, now) }
}

// After the snapshot has begun, so that every erasure in the backup stands in the file: that is how a restore knows the
// file is the right one.
const writeLedger = async (
  place: { connection: Connection; ledger: LedgerFile; window: string },
  now: Temporal.Instant,
  say: (line: string) => void,
): Promise<void> => {
  const db = openDb(place.connection, 1)
  try {
    const added = await completeLedger(db, place.ledger, ledgerReach(now, place.window), say)
    if (added > 0) say(`The erasure ledger lacked ${added} lines, which are there now.`)
  } finally {
    await db.close()
  }
}
