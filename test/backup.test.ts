import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConfigError, RefusedError } from '#platform/config.ts'
import { aMachineRoom, type Place, prepare, type Room } from './helpers/backup.ts'
import { capacityFaults } from './helpers/capacity.ts'
import { findTraces, readFilesBelow } from './helpers/dump.ts'
import { eventually, type Installation, testClock } from './helpers/installation.ts'
import { bookAppointment, erika, person } from './helpers/person.ts'

/* A backup brings back what was there, and nothing of what was erased since. */

type Booked = Awaited<ReturnType<typeof bookAppointment>>

const first = '2026-11-23T08:00:00Z'
const atBackup = Temporal.Instant.from('2026-12-06T08:00:00Z')
const atRestore = Temporal.Instant.from('2026-12-10T08:00:00Z')

let room: Room
let place: Place
let before: Installation
let made: Awaited<ReturnType<Room['backup']>>
const bookings: Record<string, Booked> = {}
const recordIds: Record<string, string> = {}
const appointmentIds: Record<string, string> = {}

/** Books the time at this place in the list of the coming days. */
const book = async (who: string, nth: number): Promise<void> => {
  const visitor = person(before)
  const start = visitor.starts(await visitor.open('/segeberg/termin/zeit?leistung=beratung-vor-ort')).at(nth) ?? ''
  bookings[who] = await bookAppointment(visitor, { start, fields: { 'f.name': `Name von ${who}` } })
  expect(bookings[who].booked.status).toBe(200)
  const { rows } = await before.admin.query(
    `select r.id as record, a.id as appointment from vault.record r join appointment a on a.record_id = r.id
     order by r.created_at desc limit 1`,
  )
  recordIds[who] = rows[0].record
  appointmentIds[who] = rows[0].appointment
}
const linkOf = (who: string): string => bookings[who]?.manage ?? ''
const startOf = (who: string): string => bookings[who]?.start ?? ''

const written = async (): Promise<string[]> => {
  const ids: string[] = []
  for await (const line of room.ledger.read(() => {})) ids.push(...line.records)
  return ids
}

beforeAll(async () => {
  room = aMachineRoom()
  place = await room.newPlace()
  await prepare(place)
  before = await room.start(place, first)
  await book('the one of last month', 0)
  before.time.set(atBackup)
  await before.sweep()
  for (const who of ['who stays', 'who cancels', 'who withdraws', 'who withdraws later', 'who cancelled before']) {
    before.time.move('PT1S')
    await book(who, -1)
  }
  await person(before).send(await person(before).open(`${linkOf('who cancelled before')}/absagen`))
  const waiting = `select from mail_delivery where status = 'queued'`
  await eventually(async () => (await before.admin.query(waiting)).rowCount === 0, 'every mail')
  made = await room.backup(place, before.deps.clock)
  const max = person(before)
  await max.send(await max.open(`${linkOf('who cancels')}/absagen`))
  await max.send(await max.open(`${linkOf('who withdraws')}/widerrufen`))
  before.time.move('PT1H')
  await max.send(await max.open(`${linkOf('who withdraws later')}/widerrufen`))
  before.time.set(atRestore)
  await before.sweep() // the one of last month is over for fourteen days now
  await eventually(async () => (await written()).includes(recordIds['the one of last month'] ?? ''), 'the ledger')
  await before.close()
}, 120_000)
afterAll(() => room.close())

const erasedSince = ['the one of last month', 'who cancels', 'who withdraws', 'who withdraws later'] as const
const clock = testClock(atRestore.toString()).clock

describe('a backup', () => {
  test('holds nothing of what a person typed, and opens nothing: its keys lie apart, for their owner’s eyes only', () => {
    const files = readFilesBelow(room.backups)
    expect([...files.keys()].filter((path) => path.endsWith('.copy')).length).toBeGreaterThanOrEqual(8)
    const values = { ...erika, 'manage link': bookings['who stays']?.token ?? '', 'a name': 'Name von' }
    expect(findTraces(files, values)).toEqual([])
    const data = readdirSync(made.folder)
    expect(data).toContain('vault.record.copy')
    expect(data.filter((name) => /key/.test(name))).toEqual([])
    for (const path of files.keys()) expect(statSync(path).mode & 0o777, path).toBe(0o600)
    expect(made.keys).toBe(join(room.backups, 'keys', `${made.folder.split('/').at(-1)}.keys`))
  })

  test('names what there is: version, tenants, and each table with its rows and its hash', async () => {
    const manifest = JSON.parse(readFileSync(join(made.folder, 'manifest.json'), 'utf8'))
    expect(manifest).toMatchObject({
      format: 1,
      lastMigration: readdirSync('db/migrations').sort().at(-1)?.slice(0, -4),
    })
    expect(manifest.tenants).toHaveLength(2)
    const rows = Object.fromEntries(
      manifest.parts.map((part: { table: string; rows: number }) => [part.table, part.rows]),
    )
    expect(rows).toMatchObject({ 'vault.record': 5, 'vault.key': 5, 'vault.tenant_key': 2, 'public.consent_record': 6 })
    expect(rows['public.cell']).toBeGreaterThan(1000)
  })

  test('of a database on which nothing has run yet is refused', async () => {
    const empty = await room.newPlace()
    await expect(room.backup(empty, clock)).rejects.toThrow('nothing to back up')
    await prepare(empty)
    await expect(room.backup(empty, clock)).rejects.toThrow(RefusedError)
    expect(readdirSync(room.backups).filter((name) => name.includes('unfinished'))).toEqual([])
  })
})

describe('after a restore', () => {
  let after: Installation
  let done: Awaited<ReturnType<Room['restore']>>
  let target: Place
  beforeAll(async () => {
    target = await room.newPlace()
    done = await room.restore(target, made.folder, clock)
    after = await room.start(target, atRestore)
  })
  afterAll(() => after.close())

  const count = async (question: string, values: unknown[] = []): Promise<number> =>
    Number((await after.admin.query(`select count(*) from ${question}`, values)).rows[0].count)

  test('who stayed has everything as it was', async () => {
    const page = await person(after).open(`${linkOf('who stays')}/daten`)
    expect(page.status).toBe(200)
    expect(page.text).toContain('Name von who stays')
    expect(page.text).toContain('Zetermordio')
    const moved = person(after)
    const times = await moved.open(`${linkOf('who stays')}/verschieben`)
    expect((await moved.send(times, { beginn: moved.starts(times).at(-1) ?? '' })).status).toBe(200)
  })

  test.each(erasedSince)('nothing is left of %s: no page, no record, no key, no check value', async (who) => {
    for (const path of ['', '/daten', '/termin.ics', '/absagen', '/widerrufen']) {
      const page = await person(after).open(linkOf(who) + path)
      expect(page.status, path).toBe(410)
      expect(page.text).not.toContain('Name von')
    }
    const id = recordIds[who]
    const { vault, db, register } = after.deps
    const tenantId = register.running.get('segeberg')?.tenant.id ?? ''
    expect(
      await db.inTenant(tenantId, (tx) => vault.open(tx, id ?? '', { purpose: 'test', actor: 'person' })),
    ).toBeNull()
    for (const table of ['vault.key', 'vault.blind_index', 'vault.access', 'appointment'])
      expect(await count(`${table} where record_id = $1`, [id]), table).toBe(0)
    expect(await count('vault.erasure where $1 = any(record_ids)', [id])).toBe(1)
  })

  test('the person is shown what is still stored, and nothing else', async () => {
    const who = person(after)
    const asked = await who.send(await who.open('/segeberg/meine-daten'), { email: erika['f.email'] })
    const mail = await eventually(
      () => after.mailbox.messages().find(({ subject }) => subject === 'Ihr Code'),
      'the code',
    )
    const shown = await who.send(asked, { code: /\b\d{4} \d{4}\b/.exec(mail.text ?? '')?.[0] ?? '' })
    expect(shown.text).toContain('Name von who stays')
    for (const gone of erasedSince) expect(shown.text).not.toContain(`Name von ${gone}<`)
    expect(shown.text.match(/Name von/g)).toHaveLength(1)
  })

  test('times that were given up are free again and can be booked; no time is given twice', async () => {
    const who = person(after)
    for (const gone of ['who cancels', 'who withdraws']) {
      expect(await count(`appointment where id = $1 and status = 'cancelled'`, [appointmentIds[gone]])).toBe(1)
      expect(await count('cell where appointment_id = $1', [appointmentIds[gone]])).toBe(0)
      const again = await bookAppointment(who, { start: startOf(gone), fields: { 'f.email': '' } })
      expect(again.booked.status, gone).toBe(200)
      expect(again.token).not.toBe('')
    }
    expect(await capacityFaults(after.admin)).toEqual({
      'double bookings': 0,
      'without all cells': 0,
      'cells booked for nobody': 0,
    })
  })

  test('a withdrawal stands in the proof of the consent, with its own instant; a cancellation is none', async () => {
    const proof = async (who: string): Promise<Date | null> =>
      (await after.admin.query('select withdrawn_at from consent_record where record_id = $1', [recordIds[who]]))
        .rows[0].withdrawn_at
    expect((await proof('who withdraws'))?.getTime()).toBe(atBackup.epochMilliseconds + 5000)
    expect((await proof('who withdraws later'))?.getTime()).toBe(atBackup.epochMilliseconds + 3_605_000)
    for (const who of ['who stays', 'who cancels', 'the one of last month']) expect(await proof(who)).toBeNull()
  })

  test('it is said what was done, and the ledger is whole again', async () => {
    expect(done.records).toBe(erasedSince.length)
    const inFile = new Set(await written())
    const inDatabase = (await after.admin.query('select unnest(record_ids) id from vault.erasure')).rows
    expect(inDatabase.length).toBeGreaterThanOrEqual(erasedSince.length + 7) // mails, too
    await eventually(async () => {
      const ids = new Set(await written())
      return inDatabase.every(({ id }) => ids.has(id))
    }, 'every line')
    expect([...inFile].filter((id) => !inDatabase.some((row) => row.id === id))).toEqual([])
  })

  test('no mail goes out a second time', () => {
    const subjects = after.mailbox.messages().map(({ subject }) => subject)
    expect(subjects.filter((subject) => /bestätigt|gebucht|abgesagt/i.test(subject)).length).toBeLessThanOrEqual(1) // the move above
  })

  test('with nothing repeated the same backup would have shown it, so that the tests before mean something', async () => {
    const careless = await room.newPlace()
    await room.restore(careless, made.folder, clock, { withoutLedger: true })
    const shows = await room.start(careless, atRestore.subtract({ hours: 90 }), { withoutWorker: true })
    try {
      for (const who of ['who cancels', 'who withdraws']) {
        const page = await person(shows).open(`${linkOf(who)}/daten`)
        expect(page.text).toContain(`Name von ${who}`)
      }
    } finally {
      await shows.close()
    }
  })
})
