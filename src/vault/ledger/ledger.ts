import { closeSync, createReadStream, existsSync, mkdirSync, openSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { RefusedError } from '#platform/config.ts'
import type { Db, TenantTx } from '#platform/db/db.ts'
import { formatLine, type LedgerLine, parseLine } from './line.ts'
import { listErasureLines, listLegalHoldLines } from './sql.ts'

/*
 * The erasure ledger outside the database: one JSON line for each row of `vault.erasure` and `vault.hold_change`. A
 * restored backup is older than the last erasures and legal holds, so they are repeated from here before anything opens.
 * It names ids, instants and words from the program's own lists, no person.
 */

/** Ends a line that broke off, e.g. in a power cut, so that it can be told from one that somebody spoiled. */
const torn = '#torn'

/** An empty file counts as one that ends with a line's end. */
const lastByte = async (file: Awaited<ReturnType<typeof open>>): Promise<string> => {
  const { size } = await file.stat()
  if (size === 0) return '\n'
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer.toString('latin1')
}

export type LedgerFile = {
  /** Makes an empty file if there is none, so that a missing one means a lost one. @throws RefusedError if it cannot. */
  make(): void
  /** Adds lines, and resolves when the disk has them. May write a line twice; that does no harm. */
  append(lines: readonly LedgerLine[]): Promise<void>
  /** All lines, oldest first; none when there is no file yet. What broke off is left out and said to `say`.
   *  @throws RefusedError for a line that is none, with file and number: then nobody knows what is missing. */
  read(say: (line: string) => void): AsyncGenerator<LedgerLine>
  exists(): boolean
}

/** The ledger in this file. Several processes may append to it at once. */
export const openLedger = (path: string): LedgerFile => {
  let before: Promise<unknown> = Promise.resolve()
  const make = (): void => {
    try {
      mkdirSync(dirname(path), { recursive: true })
      closeSync(openSync(path, 'a', 0o600))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      throw new RefusedError(
        `ANLAUFSTELLE_LEDGER_FILE: ${path} cannot be written (${code}). Erasures have to be taken down there: make it writable for the account that runs this, or name another file.`,
      )
    }
  }
  const append = async (lines: readonly LedgerLine[]): Promise<void> => {
    make()
    const file = await open(path, 'a+', 0o600)
    try {
      const last = await lastByte(file)
      const text = lines.map((line) => `${formatLine(line)}\n`).join('')
      await file.appendFile(last === '\n' ? text : `${torn}\n${text}`)
      await file.sync()
    } finally {
      await file.close()
    }
  }
  return {
    make,
    append: (lines) => {
      if (lines.length === 0) return Promise.resolve()
      const done = before.then(() => append(lines))
      before = done.catch(() => {})
      return done
    },
    read: async function* (say) {
      if (!existsSync(path)) return
      const file = await open(path)
      const end = await lastByte(file).finally(() => file.close())
      let broken = 0
      let number = 0
      const spoiled = () =>
        new RefusedError(
          `${path}:${broken}: is no line of the erasure ledger. Somebody or something changed it: take the file from another copy, or mend the line.`,
        )
      for await (const text of createInterface({
        input: createReadStream(path),
        crlfDelay: Number.POSITIVE_INFINITY,
      })) {
        number++
        if (broken) throw spoiled()
        if (text.trim() === '') continue
        if (text.endsWith(torn)) {
          // The whole line may stand there: only its end was lost.
          const line = parseLine(text.slice(0, -torn.length))
          if (line) yield line
          else say(`${path}:${number}: broke off while it was written and is left out.`)
          continue
        }
        const line = parseLine(text)
        if (line) yield line
        else broken = number
      }
      if (broken && end === '\n') throw spoiled()
      if (broken) say(`${path}:${broken}: broke off while it was written and is left out.`)
    },
    exists: () => existsSync(path),
  }
}

/** How far back the file has to be complete for a backup made at this instant: the declared window of backups, and two days
 *  for clocks and for restores that took their time. */
export const ledgerReach = (at: Temporal.Instant, window: string): Temporal.Instant =>
  at.toZonedDateTimeISO('UTC').subtract(window).subtract({ days: 2 }).toInstant()

const portion = 1000

/** Lines after a given one, by instant and id, oldest first. */
type List = (tx: TenantTx, after: { at: Temporal.Instant; id: string }, limit: number) => Promise<readonly LedgerLine[]>

/** Writes down what the file lacks of the erasures and changes by legal holds since then, e.g. after a disk was full. Returns how many lines it added.
 *  @throws RefusedError for a spoiled file. */
export const completeLedger = async (
  db: Db,
  ledger: LedgerFile,
  since: Temporal.Instant,
  say: (line: string) => void,
): Promise<number> => {
  ledger.make()
  const written = new Set<string>()
  for await (const line of ledger.read(say)) if (Temporal.Instant.compare(line.at, since) >= 0) written.add(line.id)
  let added = 0
  const complete = async (tenantId: string, list: List) => {
    let after = { at: since, id: '00000000-0000-0000-0000-000000000000' }
    for (;;) {
      const lines = await db.inTenant(tenantId, (tx) => list(tx, after, portion))
      const missing = lines.filter(({ id }) => !written.has(id))
      await ledger.append(missing)
      for (const { id } of missing) written.add(id)
      added += missing.length
      const last = lines.at(-1)
      // Instants lose their microseconds on the way here, so the next portion begins with lines that are known already.
      if (!last || lines.length < portion) break
      after = last
    }
  }
  for (const tenantId of await db.knownTenants()) {
    for (const list of [listLegalHoldLines, listErasureLines]) await complete(tenantId, list)
  }
  return added
}
