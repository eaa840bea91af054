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
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { makeBackup } from '#apps/backup/backup.ts'
import { listTables } from '#apps/backup/sql.ts'
import { ConfigError, RefusedError } from '#platform/config.ts'
import { openLedger } from '#vault/ledger/ledger.ts'
import { aMachineRoom, type Place, prepare, type Room } from './helpers/backup.ts'
import { capacityFaults } from './helpers/capacity.ts'
import { endAllServers, freePort, personAt, run, runHere, startServer } from './helpers/command.ts'
import { aDataDir, anEmptyDataDir, type DataDir } from './helpers/data-dir.ts'
import { findTraces, listTables as listAllTables, readFilesBelow } from './helpers/dump.ts'
import { eventually, type Installation, testClock } from './helpers/installation.ts'
import { bookAppointment, codeIn, erika, person } from './helpers/person.ts'
import { copyTenants } from './helpers/tenants.ts'

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
  for await (const line of room.ledger.read(() => {})) if (line.kind === 'erased') ids.push(...line.records)
  return ids
}

beforeAll(async () => {
  room = aMachineRoom()
  place = await room.preparedPlace()
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
})
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
    expect(data.filter((name) => /key|blind_index/.test(name))).toEqual([])
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
    // The queue, versions, and `tenants` above; and what limits count, which is to outlive no day.
    const elsewhere = /^(jobs\.|public\.kysely_migration|app\.(known_tenant|limit_salt|limit_place|web_node)$)/
    const client = new pg.Client(place.connection)
    await client.connect()
    const all = (await listAllTables(client)).filter((table) => !elsewhere.test(table))
    await client.end()
    expect(Object.keys(rows).sort()).toEqual(all)
  })

  test('of a database on which nothing has run yet is refused', async () => {
    await expect(room.backup(await room.newPlace(), clock)).rejects.toThrow('nothing to back up')
    await expect(room.backup(await room.preparedPlace(), clock)).rejects.toThrow(RefusedError)
    expect(readdirSync(room.backups).filter((name) => name.includes('unfinished'))).toEqual([])
  })

  test('into a folder that cannot be written is refused', async () => {
    const ledger = openLedger(copyOfLedger())
    const backup = makeBackup({ ...place, ledger, clock, window: 'P7D' }, join(room.config.ledgerFile, 'below'))
    await expect(backup).rejects.toThrow('Name a folder that the account running this may write')
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
      await db.inTenant(tenantId, (tx) => vault.open(tx, id ?? '', { purpose: 'change', actor: 'person' })),
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
    const shown = await who.send(asked, { code: codeIn(mail.text ?? '') })
    expect(shown.text).toContain('Name von who stays')
    for (const gone of erasedSince) expect(shown.text).not.toContain(`Name von ${gone}<`)
    expect(shown.text.match(/Name von/g)).toHaveLength(1)
  })

  test('times that were given up are free again and can be booked; no time is given twice', async () => {
    const who = person(after)
    for (const gone of ['who cancels', 'who withdraws']) {
      expect(await count('appointment where id = $1', [appointmentIds[gone]])).toBe(0)
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

  test('each visit is counted once: cancelled before the backup or since, or over; who withdrew is not', async () => {
    const { rows } = await after.admin.query(
      'select outcome, sum(visits)::int visits from visit_count group by outcome order by outcome',
    )
    expect(rows).toEqual([
      { outcome: 'cancelled', visits: 2 },
      { outcome: 'past', visits: 1 },
    ])
    for (const who of erasedSince) expect(await count('appointment where id = $1', [appointmentIds[who]]), who).toBe(0)
  })

  test('a withdrawal stands in the proof of the consent, with its own instant; a cancellation is none', async () => {
    const proof = async (who: string): Promise<Date | null> =>
      (await after.admin.query('select withdrawn_at from consent_record where record_id = $1', [recordIds[who]]))
        .rows[0].withdrawn_at
    expect((await proof('who withdraws'))?.getTime()).toBe(atBackup.epochMilliseconds + 5000)
    expect((await proof('who withdraws later'))?.getTime()).toBe(atBackup.epochMilliseconds + 3_605_000)
    for (const who of ['who stays', 'who cancels', 'the one of last month']) expect(await proof(who)).toBeNull()
  })

  test('the time of a proof began when its record was erased, not with the restore', async () => {
    for (const who of erasedSince) {
      const { rows } = await after.admin.query(
        `select c.ended_at, e.erased_at, c.erase_at = c.ended_at + c.kept_for::interval as counted
         from consent_record c join vault.erasure e on c.record_id = any(e.record_ids) where c.record_id = $1`,
        [recordIds[who]],
      )
      expect(rows[0].ended_at, who).toEqual(rows[0].erased_at)
      expect(rows[0].counted, who).toBe(true)
    }
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

/** A copy of the backup to spoil; its folder. */
let copies = 0
const copyOfBackup = (): { folder: string; keys: string; manifest: string } => {
  const dir = join(room.folder, `copy-${copies++}`)
  cpSync(room.backups, dir, { recursive: true })
  const stamp = made.folder.split('/').at(-1) ?? ''
  const folder = join(dir, stamp)
  return { folder, keys: join(dir, 'keys', `${stamp}.keys`), manifest: join(folder, 'manifest.json') }
}
const change = (file: string, by: (text: string) => string): void =>
  writeFileSync(file, by(readFileSync(file, 'latin1')), 'latin1')
const copyOfLedger = (by: (lines: string[]) => string[] = (lines) => lines): string => {
  const file = join(room.folder, `ledger-${copies++}.jsonl`)
  writeFileSync(file, by(readFileSync(room.config.ledgerFile, 'utf8').split('\n')).join('\n'))
  return file
}
const flipped = (text: string): string => text.slice(0, 50) + (text[50] === 'x' ? 'y' : 'x') + text.slice(51)

describe('a restore is refused', () => {
  let empty: Place
  beforeAll(async () => {
    empty = await room.newPlace()
  })

  const refused: [
    string,
    () => { folder?: string; config?: Partial<Installation['config']>; at?: string },
    string,
    'ConfigError'?,
  ][] = [
    ['of a folder that is no backup', () => ({ folder: room.folder }), 'is no backup'],
    [
      'of a damaged list of contents',
      () => {
        const copy = copyOfBackup()
        change(copy.manifest, (text) => text.slice(0, 200))
        return copy
      },
      'is damaged',
    ],
    [
      'of a list of contents that lacks something',
      () => {
        const copy = copyOfBackup()
        change(copy.manifest, (text) => text.replace('"lastMigration"', '"last"'))
        return copy
      },
      'lastMigration',
    ],
    [
      'of a newer arrangement of files',
      () => {
        const copy = copyOfBackup()
        change(copy.manifest, (text) => text.replace('"format": 1', '"format": 2'))
        return copy
      },
      'a newer version made this backup',
    ],
    [
      'of a newer version’s database',
      () => {
        const copy = copyOfBackup()
        change(copy.manifest, (text) => text.replace(/"lastMigration": "[^"]+"/, '"lastMigration": "9999-later"'))
        return copy
      },
      'is of a database at 9999-later, which this program does not know',
    ],
    [
      'when a byte of the data was changed',
      () => {
        const copy = copyOfBackup()
        change(join(copy.folder, 'vault.record.copy'), flipped)
        return copy
      },
      'vault.record.copy is not as it was written',
    ],
    [
      'when a byte of the keys was changed',
      () => {
        const copy = copyOfBackup()
        change(copy.keys, flipped)
        return copy
      },
      '.keys is not as it was written',
    ],
    [
      'when a table is missing',
      () => {
        const copy = copyOfBackup()
        rmSync(join(copy.folder, 'public.cell.copy'))
        return copy
      },
      'public.cell.copy is missing',
    ],
    [
      'without the keys of the same backup',
      () => {
        const copy = copyOfBackup()
        renameSync(copy.keys, `${copy.keys}.elsewhere`)
        return copy
      },
      '.keys is missing',
    ],
    [
      'when its keys should be gone by now',
      () => ({ at: '2026-12-13T08:00:05Z' }),
      'The keys of this backup should be gone since 2026-12-13T08:00:05Z',
    ],
    ['without the ledger', () => ({ config: { ledgerFile: join(room.folder, 'nowhere.jsonl') } }), '--without-ledger'],
    [
      'with the ledger of another installation',
      () => ({ config: { ledgerFile: copyOfLedger(() => []) } }),
      'erasures that are in the backup itself',
    ],
    [
      'with a ledger that lacks its beginning',
      () => ({ config: { ledgerFile: copyOfLedger((lines) => lines.slice(2)) } }),
      'lacks 2 erasures that are in the backup itself',
    ],
    [
      'with a ledger that somebody changed in the middle',
      () => ({
        config: { ledgerFile: copyOfLedger(([one = '', two = '', ...rest]) => [one, two.slice(0, 40), ...rest]) },
      }),
      ':2: is no line of the erasure ledger',
    ],
    [
      'without the master key',
      () => ({ config: { keyFile: join(room.folder, 'nowhere.key') } }),
      'nowhere.key is missing',
      'ConfigError',
    ],
    [
      'with another master key',
      () => {
        const keyFile = join(room.folder, 'other.key')
        writeFileSync(keyFile, Buffer.alloc(32, 7).toString('base64'), { mode: 0o600 })
        return { config: { keyFile } }
      },
      'is not the key the backup’s database was sealed with',
      'ConfigError',
    ],
  ]

  test.each(refused)('%s, and the database stays empty', async (_what, spoil, words, kind) => {
    const { folder = made.folder, config = {}, at } = spoil()
    const restoring = room.restore(empty, folder, at ? testClock(at).clock : clock, { config })
    await expect(restoring).rejects.toThrow(kind ? ConfigError : RefusedError)
    await expect(restoring).rejects.toThrow(words.replace('’', "'"))
    expect(existsSync(join(room.folder, 'nowhere.key'))).toBe(false)
  })

  test('into a database on which a tenant has run, or that is newer than the backup', async () => {
    await expect(room.restore(place, made.folder, clock)).rejects.toThrow('This database is not empty')
    const copy = copyOfBackup()
    change(copy.manifest, (text) => text.replace(/"lastMigration": "[^"]+"/, '"lastMigration": "0002-appointments"'))
    const newer = await room.preparedPlace()
    await expect(room.restore(newer, copy.folder, clock)).rejects.toThrow('This database is newer')
  })

  test('no longer, once what was wrong is put right; a last line that broke off is left out', async () => {
    const ledgerFile = copyOfLedger()
    appendFileSync(ledgerFile, '{"tenant":"9c3bc0ab-982f')
    const done = await room.restore(empty, made.folder, clock, { config: { ledgerFile } })
    expect(done.records).toBe(erasedSince.length)
  })
})

test('a database whose restore did not come to its end is not opened by anything', async () => {
  const half = await room.newPlace()
  const tenantsDir = join(room.folder, 'no-tenants')
  mkdirSync(tenantsDir)
  cpSync('tenants/operator.yaml', join(tenantsDir, 'operator.yaml'))
  await expect(room.restore(half, made.folder, clock, { config: { tenantsDir } })).rejects.toThrow('no tenant')
  await expect(room.start(half, atRestore)).rejects.toThrow('has not come to its end')
  await expect(room.backup(half, clock)).rejects.toThrow(RefusedError)
  await expect(room.restore(half, made.folder, clock)).rejects.toThrow('not empty')
})

test('a backup of an older version is restored at that version and then brought to the newest', async () => {
  const old = await room.newPlace()
  await prepare(old, '0003-mail-and-codes')
  await copyRows(place, old)
  const dir = join(room.folder, 'old')
  mkdirSync(dir)
  const { folder } = await room.backup(old, testClock(atBackup.add({ hours: 2 }).toString()).clock)
  expect(readFileSync(join(folder, 'manifest.json'), 'utf8')).toContain('"lastMigration": "0003-mail-and-codes"')
  const target = await room.newPlace()
  await room.restore(target, folder, clock)
  const after = await room.start(target, atRestore, { withoutWorker: true })
  try {
    expect((await person(after).open(`${linkOf('who stays')}/daten`)).text).toContain('Name von who stays')
    expect((await person(after).open(linkOf('who cancels'))).status).toBe(410)
    await bookAppointment(person(after))
    const sent = await after.admin.query('select sent_at from access_code limit 1')
    expect(sent.fields.map(({ name }) => name)).toEqual(['sent_at'])
  } finally {
    await after.close()
  }
})

/** The rows of one database in another, as far as that has the columns, and under the names they had. */
const copyRows = async (from: Place, to: Place): Promise<void> => {
  const [source, target] = [new pg.Client(from.connection), new pg.Client(to.connection)]
  await Promise.all([source.connect(), target.connect()])
  await target.query('begin')
  for (const table of ['app.known_tenant', ...(await listTables(target)).map(({ name }) => name)]) {
    const row = table.endsWith('.appointment')
      ? "to_jsonb(t) || jsonb_build_object('service_id', service_ids[1])"
      : 'to_jsonb(t)'
    const { rows } = await source.query(`select coalesce(jsonb_agg(${row}), '[]')::text as all from ${table} t`)
    await target.query(`insert into ${table} select * from jsonb_populate_recordset(null::${table}, $1)`, [rows[0].all])
  }
  await target.query('commit')
  await Promise.all([source.end(), target.end()])
}

test('a mail that waited is sent after the restore, once: with its acceptance in the ledger, never again', async () => {
  const other = aMachineRoom()
  try {
    const place = await other.preparedPlace()
    const before = await other.start(place, first, { withoutWorker: true })
    const { manage } = await bookAppointment(person(before))
    const { folder } = await other.backup(place, before.deps.clock)
    await before.close()
    const [one, two] = [await other.newPlace(), await other.newPlace()]
    const { clock } = testClock(first)
    await other.restore(one, folder, clock)
    const sends = await other.start(one, first)
    await eventually(() => sends.mailbox.messages().length === 1, 'the mail')
    await eventually(() => readFileSync(other.config.ledgerFile, 'utf8').includes('"mail.delivery"'), 'the line')
    await sends.close()
    await other.restore(two, folder, clock)
    const silent = await other.start(two, first)
    expect((await person(silent).open(manage)).status).toBe(200)
    const { rows } = await silent.admin.query('select status from mail_delivery')
    expect(rows).toEqual([{ status: 'accepted' }])
    expect((await silent.admin.query(`select from jobs.job where name = 'mail.deliver'`)).rowCount).toBe(0)
    expect(silent.mailbox.messages()).toEqual([])
    await silent.close()
  } finally {
    await other.close()
  }
})

test('an erasure that the ledger lacks is added at the next start of a worker, and by the next backup', async () => {
  const other = aMachineRoom()
  try {
    const place = await other.preparedPlace()
    const running = await other.start(place, first, { withoutWorker: true })
    const cancel = async () => {
      const { manage } = await bookAppointment(person(running))
      await person(running).send(await person(running).open(`${manage}/absagen`))
    }
    const lines = () => readFileSync(other.config.ledgerFile, 'utf8').split('\n').length - 1
    const inDatabase = async () => (await running.admin.query('select from vault.erasure')).rowCount
    await cancel() // its jobs wait: nobody works them off
    await running.admin.query('delete from jobs.job')
    const said: string[] = []
    await other.backup(place, running.deps.clock, (line) => said.push(line))
    expect(lines()).toBe(await inDatabase())
    expect(said).toEqual([`The erasure ledger lacked ${lines()} lines, which are there now.`])
    await cancel()
    await running.admin.query('delete from jobs.job')
    expect(lines()).toBeLessThan((await inDatabase()) ?? 0)
    const works = await other.start(place, first)
    await eventually(async () => lines() === (await inDatabase()), 'every line')
    await works.close()
    appendFileSync(other.config.ledgerFile, '{"tenant":"9c3bc0ab-982f#torn\n')
    running.time.move('PT1S')
    const after: string[] = []
    await other.backup(place, running.deps.clock, (line) => after.push(line))
    expect(after).toEqual([expect.stringMatching(/:\d+: broke off while it was written and is left out\.$/)])
    const faults = vi.spyOn(process.stderr, 'write')
    const calm = await other.start(place, first)
    await calm.close()
    expect(faults.mock.calls.flat().filter((text) => String(text).includes('erasure ledger'))).toEqual([])
    faults.mockRestore()
    rmSync(other.config.ledgerFile) // a new disk
    const again = await other.start(place, first)
    await eventually(async () => lines() === (await inDatabase()), 'every line')
    await again.close()
  } finally {
    await other.close()
  }
})

test('the keys of earlier backups go with the first backup after their window; their data may stay', async () => {
  const other = aMachineRoom()
  try {
    const place = await other.preparedPlace()
    const running = await other.start(place, first, { withoutWorker: true })
    const { clock } = running.deps
    const one = await other.backup(place, clock)
    running.time.move('P6DT23H59M59S')
    const two = await other.backup(place, clock)
    expect([existsSync(one.keys), existsSync(two.keys), two.removedKeys]).toEqual([true, true, []])
    await expect(other.backup(place, clock)).rejects.toThrow('Wait a second')
    running.time.move('PT1S')
    const three = await other.backup(place, clock)
    expect(three.removedKeys).toHaveLength(1)
    expect([existsSync(one.keys), existsSync(two.keys), existsSync(three.keys)]).toEqual([false, true, true])
    expect(existsSync(one.folder)).toBe(true)
  } finally {
    await other.close()
  }
})

describe('the commands', () => {
  afterEach(endAllServers)

  test('bring an installation back on another machine, without what was erased since', async () => {
    const [here, there] = [await aDataDir(), anEmptyDataDir()]
    const dir = join(room.folder, 'by-command')
    const port = await freePort()
    using tenants = copyTenants(['segeberg'])
    const at = (data: DataDir) => ({ DATA_DIR: data.path, PORT: String(port), TENANTS_DIR: tenants.dir })
    try {
      const server = await startServer(at(here))
      const who = personAt(port)
      const stays = await bookAppointment(who)
      const cancels = await bookAppointment(who)
      const saved = await run(['backup', dir], at(here))
      expect([saved.code, saved.err]).toEqual([0, ''])
      expect(saved.out).toContain(`Keys: ${join(dir, 'keys')}`)
      await who.send(await who.open(`${cancels.manage}/absagen`))
      const ledger = join(here.path, 'erasures.jsonl')
      await eventually(() => existsSync(ledger) && readFileSync(ledger, 'utf8').includes('"cancelled"'), 'the line')
      expect(await server.end('SIGTERM')).toBe(0)
      const [stamp = ''] = readdirSync(dir).filter((name) => name !== 'keys')
      for (const name of ['master.key', 'erasures.jsonl']) cpSync(join(here.path, name), join(there.path, name))
      const refused = await runHere(['restore', join(dir, stamp)], at(here))
      expect(refused.code).toBe(1)
      expect(refused.err).toMatch(/^This database is not empty.*\n$/)
      const restored = await run(['restore', join(dir, stamp)], at(there))
      expect([restored.code, restored.err]).toEqual([0, ''])
      expect(restored.out).toMatch(/Restored \d+ rows\.\nRead \d+ erasures and erased [1-9]\d* records again\./)
      const again = await startServer(at(there))
      expect((await who.open(`${stays.manage}/daten`)).text).toContain('Erika Markerfrau')
      expect((await who.open(`${cancels.manage}/daten`)).status).toBe(410)
      expect(await again.end('SIGTERM')).toBe(0)
    } finally {
      await here.remove()
      await there.remove()
    }
  })

  test.each([[['backup']], [['restore']], [['restore', 'a', 'b']], [['backup', '--fast', 'x']]])(
    'say which words are right: %j',
    async (args) => {
      const { code, err } = await runHere(args, { DATA_DIR: room.folder })
      expect(code).toBe(2)
      expect(err).toMatch(/say: (backup|restore)|--fast/)
    },
  )
})
