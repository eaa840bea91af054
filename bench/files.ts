import { randomBytes } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import pg from 'pg'
import { makeBackup } from '#apps/backup/backup.ts'
import { compose } from '#apps/compose.ts'
import { publishTenants } from '#apps/publishing.ts'
import { systemClock } from '#platform/clock.ts'
import { declareFiles, fileField } from '#test/helpers/files.ts'
import type { BlobRef } from '#vault/index.ts'
import { openLedger } from '#vault/ledger/ledger.ts'
import { cpuOfPostgres } from './postgres.ts'
import { median, printTable, say } from './print.ts'
import { configIn, openStage, type Stage, tenantId } from './stage.ts'

const megabyte = 1024 * 1024
const fileSize = 25 * megabyte
const rounds = 5
const view = 50
const chunk = 256 * 1024

const looking = { purpose: 'rights', actor: 'person' } as const
const booking = {
  name: 'Annegret Musterfrau-Beispiel',
  birthDate: '1984-08-12',
  email: 'annegret.musterfrau@example.org',
  service: 'beratung-vor-ort',
  place: 'kaltenkirchen',
  appointmentAt: '2026-12-01T09:30:00Z',
  bookedAt: '2026-11-23T08:00:00Z',
  reference: 'QK7M-2XHD',
  manageLink: 'Zk3v9QmT1sB8nLx0aWcYeg',
  language: 'de',
  consentGivenAt: '2026-11-23T08:00:00Z',
}

type Cost = { node: number; postgres: number; wall: number }

const measurer = async (admin: pg.Client) => {
  const postgres = await cpuOfPostgres(admin)
  return async (work: () => Promise<unknown>): Promise<Cost> => {
    const [cpu, database, begun] = [process.cpuUsage(), postgres(), performance.now()]
    await work()
    const { user, system } = process.cpuUsage(cpu)
    const node = (user + system) / 1000
    return { node, postgres: (postgres() ?? Number.NaN) - (database ?? 0), wall: performance.now() - begun }
  }
}

function* pieces(bytes: Buffer) {
  for (let i = 0; i < bytes.length; i += 65_536) yield bytes.subarray(i, i + 65_536)
}

const span = (values: readonly number[], digits = 1): string =>
  `${median(values).toFixed(digits)} (${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)})`

const print = (title: string, of: string, costs: ReadonlyMap<string, Cost[]>, divided: number): void => {
  say(title)
  say()
  say(`${rounds} rounds of each, in turns, after one that does not count: median (smallest–largest), ${of}`)
  say()
  printTable(
    ['', 'Node', 'PostgreSQL', 'both'],
    [...costs].map(([name, all]) => [
      name,
      span(all.map(({ node }) => node / divided)),
      span(all.map(({ postgres }) => postgres / divided)),
      span(all.map(({ node, postgres }) => (node + postgres) / divided)),
    ]),
  )
}

const inTurns = async (
  measure: (work: () => Promise<unknown>) => Promise<Cost>,
  ways: Record<string, () => Promise<unknown>>,
): Promise<ReadonlyMap<string, Cost[]>> => {
  const costs = new Map<string, Cost[]>(Object.keys(ways).map((name) => [name, []]))
  for (let round = -1; round < rounds; round++) {
    const order = Object.entries(ways)
    for (const [name, way] of round % 2 === 0 ? order : order.reverse()) {
      const cost = await measure(way)
      if (round >= 0) costs.get(name)?.push(cost)
    }
  }
  return costs
}

const sizeBelow = (folder: string): number =>
  readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)

/** The same bytes as plain rows in one table, by the same driver: what sealing, transactions of their own and row-level
 *  security add to. */
const plainly = async (stage: Stage, bytes: Buffer) => {
  const client = new pg.Client(stage.place.connection)
  await client.connect()
  await client.query('create table plain (number int primary key, bytes bytea not null)')
  await client.query('alter table plain alter column bytes set storage external')
  return {
    write: async () => {
      await client.query('truncate plain')
      for (let i = 0; i < bytes.length; i += chunk)
        await client.query('insert into plain values ($1, $2)', [i / chunk, bytes.subarray(i, i + chunk)])
    },
    read: async () => {
      for (let i = 0; i < bytes.length / chunk; i++)
        await client.query('select bytes from plain where number = $1', [i])
    },
    end: () => client.end(),
  }
}

/** A view of many records, and a file in, out, into a backup, and erased. */
export const measureFiles = async (): Promise<boolean> => {
  await using stage = await openStage({ servers: 0 })
  const { deps, close } = await compose(configIn(stage.folder), { database: stage.place.connection })
  await using _closing = { [Symbol.asyncDispose]: close }
  await publishTenants(deps)
  declareFiles({ deps }, 'segeberg', { maxBytes: fileSize, most: 10, unfinished: 'PT24H' })
  const measure = await measurer(stage.admin)
  const inTenant = <T>(work: Parameters<typeof deps.db.inTenant<T>>[1]) => deps.db.inTenant(tenantId, work)
  const put = () => inTenant((tx) => deps.vault.put(tx, 'appointments.booking', booking))

  const ids: string[] = []
  for (let i = 0; i < view; i++) ids.push(await put())
  const looks = await inTurns(measure, {
    [`${view} times open, in one transaction`]: () =>
      inTenant(async (tx) => {
        for (const id of ids) await deps.vault.open(tx, id, looking)
      }),
    [`openMany of ${view}`]: () => inTenant((tx) => deps.vault.openMany(tx, ids, looking)),
  })
  print(`## files: a view of ${view} records`, 'CPU milliseconds', looks, 1)

  const bytes = randomBytes(fileSize)
  const plain = await plainly(stage, bytes)
  const record = await put()
  let newest: BlobRef | null = null
  const write = async () => {
    const file = await inTenant((tx) => deps.vault.blobs.begin(tx, record, fileField))
    if (!file) throw new Error('no file could be begun')
    await deps.vault.blobs.append(inTenant, file, 0, Readable.from(pieces(bytes)))
    await inTenant((tx) => deps.vault.blobs.finish(tx, file))
    newest = file
    return file
  }
  const before = process.memoryUsage().rss
  let most = 0
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss - before)
  }, 20)
  const files = await inTurns(measure, {
    'in, sealed': write,
    'in, the same bytes as plain rows': plain.write,
    'out, opened': async () => {
      const file = newest ?? (await write())
      const reading = await deps.vault.blobs.read(inTenant, file, looking)
      for await (const _bytes of reading?.bytes ?? []) if (most < 0) return
    },
    'out, the same bytes as plain rows': plain.read,
  })
  clearInterval(watch)
  print(`## files: one of ${fileSize / megabyte} MB`, 'CPU milliseconds for each MB', files, fileSize / megabyte)
  await plain.end()

  const { rows } = await stage.admin.query(
    `select pg_total_relation_size('vault.blob_chunk')::float8 as size, (select sum(size)::float8 from vault.blob) as held`,
  )
  const held = rows[0].held / megabyte
  const ledger = openLedger(join(stage.folder, 'erasures.jsonl'))
  const to = join(stage.folder, 'backups')
  let folder = ''
  const backup = await measure(async () => {
    const made = await makeBackup({ ...stage.place, ledger, clock: systemClock, window: 'P7D' }, to)
    folder = made.folder
  })
  const erasing = await measure(() =>
    inTenant((tx) => deps.vault.happened(tx, record, 'appointment.cancelled', deps.clock())),
  )
  printTable(
    [`of ${held} MB of files`, ''],
    [
      ['more memory than before, at most, MB', (most / megabyte).toFixed(0)],
      ['in the database, MB for each MB', (rows[0].size / rows[0].held).toFixed(3)],
      ['in a backup, MB for each MB', (sizeBelow(folder) / rows[0].held).toFixed(3)],
      ['making a backup, CPU ms for each MB', ((backup.node + backup.postgres) / held).toFixed(1)],
      ['making a backup, ms for each MB', (backup.wall / held).toFixed(1)],
      ['erasing, CPU ms for each MB', ((erasing.node + erasing.postgres) / held).toFixed(2)],
      ['erasing, ms for each MB', (erasing.wall / held).toFixed(2)],
    ],
  )
  return true
}
