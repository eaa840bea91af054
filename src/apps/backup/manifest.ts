import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { RefusedError } from '#platform/config.ts'

/*
 * A backup is a folder `<stamp>` of data that open nothing, and beside it, in a folder of its own, one file of keys:
 *
 *   <dir>/20261123T080000Z/manifest.json     what there is, how much, and the hash of each part
 *   <dir>/20261123T080000Z/<table>.copy      rows as PostgreSQL's COPY writes them
 *   <dir>/keys/20261123T080000Z.keys         the rows of the tables with keys, one after the other
 */

/** Version of this arrangement. */
export const format = 1

/** Rows of one table: so many bytes of a file, from `start` on. */
const BackupPart = z.object({
  table: z.string().regex(/^\w+\.\w+$/),
  columns: z.array(z.string().regex(/^\w+$/)),
  file: z.string(),
  start: z.number().int().min(0),
  bytes: z.number().int().min(0),
  rows: z.number().int().min(0),
  sha256: z.string(),
})
export type BackupPart = z.infer<typeof BackupPart>

const Manifest = z.object({
  format: z.literal(format),
  /** Instant at which the clock stood when it was made. */
  madeAt: z.string(),
  /** The newest migration of the database it was made from. */
  lastMigration: z.string(),
  tenants: z.array(z.uuid()),
  /** In an order in which they can be loaded. */
  parts: z.array(BackupPart),
})
export type Manifest = z.infer<typeof Manifest>

/** Tables whose rows open others, or tell which of them are of one person. They go into the file of keys. */
export const keyTables: readonly string[] = [
  'vault.tenant_key',
  'vault.retired_key',
  'vault.signing_key',
  'vault.key',
  'vault.blind_index',
]

/** How the file of keys ends. */
export const keysSuffix = '.keys'

/** The instant as a name of a folder, to the second. */
export const stampOf = (at: Temporal.Instant): string =>
  at.round({ smallestUnit: 'second', roundingMode: 'floor' }).toString().replaceAll(/[-:]/g, '')

export const instantOfStamp = (stamp: string): Temporal.Instant | null => {
  const found = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(stamp)
  if (!found) return null
  const [, year, month, day, hour, minute, second] = found
  try {
    return Temporal.Instant.from(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  } catch {
    return null
  }
}

/** When the keys of a backup made at this instant have to be gone. */
export const endOfKeys = (madeAt: Temporal.Instant, window: string): Temporal.Instant =>
  madeAt.toZonedDateTimeISO('UTC').add(window).toInstant()

export type Backup = Manifest & { folder: string; keys: string }

const problems = (error: z.ZodError): string =>
  error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ')

/** Reads what stands in a backup's folder.
 *  @throws RefusedError when it is no backup, or one that a newer version made. */
export const readManifest = (folder: string): Backup => {
  const path = join(folder, 'manifest.json')
  if (!existsSync(path)) {
    throw new RefusedError(`${folder} is no backup: it has no manifest.json. Name the folder of one backup.`)
  }
  let data: unknown
  try {
    data = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    throw new RefusedError(`${path} is damaged. Take the backup from another copy, or another backup.`)
  }
  const { format: found } = data as { format?: unknown }
  if (typeof found === 'number' && found > format) {
    throw new RefusedError(
      `${path} has format ${found}, this program knows ${format}: a newer version made this backup. Restore it with that version.`,
    )
  }
  const parsed = Manifest.safeParse(data)
  if (!parsed.success) {
    throw new RefusedError(`${path} is damaged (${problems(parsed.error)}). Take the backup from another copy.`)
  }
  return { ...parsed.data, folder, keys: join(dirname(folder), 'keys', `${basename(folder)}${keysSuffix}`) }
}

/** Where a part's rows are: the manifest says it, so that a backup stays readable when another table moves to the keys. */
export const pathOf = (backup: Backup, part: BackupPart): string =>
  part.file.endsWith(keysSuffix) ? backup.keys : join(backup.folder, basename(part.file))

/** The bytes of a part. */
export const openPart = (backup: Backup, part: BackupPart): AsyncIterable<Buffer> =>
  part.bytes === 0
    ? (async function* () {})()
    : createReadStream(pathOf(backup, part), { start: part.start, end: part.start + part.bytes - 1 })

/** Reads every part once. @throws RefusedError naming the first file that is not as it was written. */
export const verifyParts = async (backup: Backup): Promise<void> => {
  for (const part of backup.parts) {
    const hash = createHash('sha256')
    const path = pathOf(backup, part)
    if (!existsSync(path)) throw new RefusedError(`${path} is missing. Take the backup from another copy.`)
    for await (const piece of openPart(backup, part)) hash.update(piece)
    if (hash.digest('hex') !== part.sha256) {
      throw new RefusedError(`${path} is not as it was written (${part.table}). Take the backup from another copy.`)
    }
  }
}
