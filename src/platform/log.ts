import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { faultText } from './fault-text.ts'

/** One line of a tenant's access log. Its fields are the ones that the activity `web.delivery` declares. */
export type AccessLine = {
  time: string
  page: string
  status: number
  address: string
  browser: string
  operatingSystem: string
}

/** Where lines go. Access lines stand in one file per tenant and day; faults of the program go to standard error. */
export type Log = {
  access(slug: string, line: AccessLine): void
  /** Erases a tenant's access lines older than `before`, to the line. */
  eraseAccessBefore(slug: string, before: Temporal.Instant): void
  /** Erases access lines older than `before` of all tenants but these: nobody says any more how long they may stay. */
  eraseAccessOfOthers(slugs: readonly string[], before: Temporal.Instant): void
  /** When the oldest access line of each tenant that has any was written; to the day where it cannot be read. */
  oldestAccess(): Map<string, Temporal.Instant>
  /** A fault. The text names code and state, never what a person typed. */
  fault(where: string, error: unknown): void
  /** A warning in our own words: nothing of it comes from a request. */
  warn(text: string): void
}

/** An access line as it stands in its file. */
export const accessText = (line: AccessLine): string => JSON.stringify(line)

/** Opens the log in `dir`, one folder per tenant. */
export const openLog = (
  dir: string,
  write: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
): Log => {
  const known = new Set<string>()
  const eraseBefore = (slug: string, before: Temporal.Instant): void => {
    const folder = join(dir, slug)
    if (!existsSync(folder)) return
    const limit = before.toString()
    for (const name of daysOf(folder)) {
      const path = join(folder, name)
      if (name.slice(0, 10) < limit.slice(0, 10)) rmSync(path)
      else if (name.slice(0, 10) === limit.slice(0, 10)) keepFrom(path, before)
    }
  }
  return {
    access: (slug, line) => {
      const folder = join(dir, slug)
      if (!known.has(slug)) {
        mkdirSync(folder, { recursive: true, mode: 0o700 })
        known.add(slug)
      }
      appendFileSync(join(folder, `${line.time.slice(0, 10)}.jsonl`), `${accessText(line)}\n`, { mode: 0o600 })
    },
    eraseAccessBefore: eraseBefore,
    eraseAccessOfOthers: (slugs, before) => {
      if (!existsSync(dir)) return
      for (const slug of readdirSync(dir)) if (!slugs.includes(slug)) eraseBefore(slug, before)
    },
    oldestAccess: () => {
      const folders = existsSync(dir) ? readdirSync(dir, { withFileTypes: true }) : []
      const slugs = folders.filter((each) => each.isDirectory()).map(({ name }) => name)
      return new Map(
        slugs.flatMap((slug): [string, Temporal.Instant][] => {
          const oldest = daysOf(join(dir, slug))
            .sort()
            .find((name) => statSync(join(dir, slug, name)).size > 0)
          return oldest ? [[slug, firstTime(join(dir, slug, oldest), oldest)]] : []
        }),
      )
    },
    fault: (where, error) => write(faultText(where, error)),
    warn: write,
  }
}

/** A folder's files of access lines, one a day; what a crash left of rewriting one is another. */
const daysOf = (folder: string): string[] => readdirSync(folder).filter((file) => /^\d{4}-\d\d-\d\d\.jsonl/.test(file))

/** When the first line of a day's file was written, out of its first bytes: files of busy days are large. */
const firstTime = (path: string, name: string): Temporal.Instant => {
  const handle = openSync(path, 'r')
  try {
    const head = Buffer.alloc(4096)
    const text = head.subarray(0, readSync(handle, head)).toString()
    return timeOf(text.split('\n')[0] ?? '') ?? Temporal.Instant.from(`${name.slice(0, 10)}T00:00:00Z`)
  } finally {
    closeSync(handle)
  }
}

/** When a line was written; null for one that a crash or a full disk has torn. */
const timeOf = (line: string): Temporal.Instant | null => {
  try {
    return Temporal.Instant.from((JSON.parse(line) as AccessLine).time)
  } catch {
    return null
  }
}

// The limit's day is at least a day old for every period in use, so nobody appends to this file any more.
const keepFrom = (path: string, before: Temporal.Instant): void => {
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean)
  const kept = lines.filter((line) => {
    const time = timeOf(line)
    return time !== null && Temporal.Instant.compare(time, before) > 0
  })
  if (kept.length === lines.length) return
  writeFileSync(`${path}.new`, kept.map((line) => `${line}\n`).join(''), { mode: 0o600 })
  renameSync(`${path}.new`, path)
}
