import { globSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { makeBackup } from '#apps/backup/backup.ts'
import { systemClock } from '#platform/clock.ts'
import { openLedger } from '#vault/ledger/ledger.ts'
import { futureStarts } from './fill.ts'
import { printTable, say } from './print.ts'
import { openStage, replaced, type Stage } from './stage.ts'
import { endOf, inLanes, onwards, startsOf, steps, visitor } from './visitor.ts'

const appointments = 200

/** Bytes of all files that a pattern matches. */
const weigh = (folder: string, pattern: string): number =>
  globSync(pattern, { cwd: folder }).reduce((sum, path) => {
    const found = statSync(join(folder, path))
    return sum + (found.isFile() ? found.size : 0)
  }, 0)

/** What lies on disks now, in bytes; `wal` counts what was ever written. */
const look = async ({ admin, folder }: Stage) => {
  const { rows } = await admin.query<{ wal: string; database: string }>(
    `select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') as wal, pg_database_size(current_database()) as database`,
  )
  return {
    wal: Number(rows[0]?.wal),
    database: Number(rows[0]?.database),
    logs: weigh(folder, 'log/**'),
    ledger: weigh(folder, 'erasures.jsonl'),
  }
}

const book = async (origin: string, day: string): Promise<string> => {
  const who = visitor(origin)
  const times = await steps.times(who, day)
  const starts = startsOf(times)
  const details = await onwards(who, await steps.hold(who, times, starts[who.number % starts.length] ?? ''))
  const held = endOf(details)
  if (held === 'taken') return book(origin, day) // somebody else was faster
  if (held !== 'done') throw new Error(`not held: ${held}`)
  const check = await steps.check(who, await steps.consent(who, details))
  const booked = await onwards(who, await steps.confirm(who, check))
  if (endOf(booked) !== 'done') throw new Error(`not booked: ${booked.status}`)
  return booked.path.split('?')[0] ?? ''
}

const cancel = async (origin: string, link: string): Promise<void> => {
  const who = visitor(origin)
  const done = await who.send(await who.get(`${link}/absagen`), { sicher: 'yes' })
  if (done.status !== 200) throw new Error(`not cancelled: ${done.status}`)
}

/** Waits until there is nothing of this in the database. */
const untilGone = async ({ admin }: Stage, what: string): Promise<void> => {
  while ((await admin.query(`select from ${what} limit 1`)).rowCount) await pause(200)
}
const untilMailsAreGone = (stage: Stage) => untilGone(stage, `mail_delivery where status = 'queued'`)

/** Bytes of a backup made now. */
const weighBackup = async (stage: Stage, name: string): Promise<number> => {
  const dir = join(stage.folder, name)
  mkdirSync(dir)
  const ledger = openLedger(join(stage.folder, 'erasures.jsonl'))
  await makeBackup({ ...stage.place, ledger, clock: systemClock, window: 'P7D' }, dir)
  return weigh(dir, '**/*')
}

/** What appointments need on disks: while they are booked, looked at and confirmed by mail, and when they are cancelled and
 *  erased again. Half of them are, so that the backup has something in it. */
export const measureDisk = async (): Promise<boolean> => {
  await using stage = await openStage({
    servers: 1,
    edit: (text) => replaced(text, /desks: \{.*\}/, 'desks: { public: 6, internal: 0 }'),
  })
  const [server] = stage.servers
  if (!server) throw new Error('no server')
  await server.sweep()
  await server.work()
  const days = [...new Set((await futureStarts(stage.admin)).map((start) => start.slice(0, 10)))].slice(0, 10)
  if (days.length === 0) throw new Error('no times were laid out')
  const empty = await weighBackup(stage, 'empty')
  await stage.admin.query('checkpoint')
  const before = await look(stage)
  const each = Array.from({ length: appointments }, (_, i) => days[i % days.length] ?? '')
  const links = await inLanes(each, (day) => book(server.origin, day))
  await untilMailsAreGone(stage)
  const booked = await look(stage)
  await inLanes(links.slice(0, appointments / 2), (link) => cancel(server.origin, link))
  await untilMailsAreGone(stage)
  await server.sweep()
  await untilGone(stage, 'vault.erasure where written_at is null')
  const cancelled = await look(stage)
  const full = await weighBackup(stage, 'full')

  const perOne = (bytes: number, count: number) => (bytes / count / 1000).toFixed(1)
  const names = ['wal', 'database', 'logs', 'ledger'] as const
  say(`## disk: ${appointments} appointments booked, half of them cancelled; kB for each`)
  say()
  printTable(
    ['kB', 'booked', 'cancelled and erased'],
    names.map((name) => [
      name,
      perOne(booked[name] - before[name], appointments),
      perOne(cancelled[name] - booked[name], appointments / 2),
    ]),
  )
  say(
    `A backup: ${perOne(empty, 1)} kB before, and ${perOne(full - empty, appointments / 2)} kB more for each that is left.`,
  )
  say()
  return true
}
