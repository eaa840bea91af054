import { chmodSync, rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { prepareDatabase } from '#apps/compose.ts'
import { features } from '#apps/features.ts'
import { startWorker } from '#apps/worker.ts'
import { type LocalPostgres, startLocalPostgres } from '#platform/db/local-postgres.ts'
import { dump, findTraces, listTables, readFilesBelow } from './helpers/dump.ts'
import { temporaryFolder } from './helpers/folder.ts'
import { eventually, type Installation, startInstallation } from './helpers/installation.ts'
import { bookAppointment, codeIn, erika, person, referenceOn } from './helpers/person.ts'

/*
 * One person goes the whole way, with values that occur nowhere else. Then everything that was written is searched for
 * them: every table as a dump shows it, PostgreSQL's own files and log, and what lies in the data folder. The PostgreSQL is
 * one of this test's own, so that its files hold nothing else.
 */

let base: string
let postgres: LocalPostgres
let installation: Installation
let worker: { stop: () => Promise<void> } | undefined

const values: Record<string, string | Buffer> = {
  name: 'Markerfrau',
  'birth date': '1984-08-12',
  'birth date in words': '12. August 1984',
  'customer number': erika['f.customerOrBgNumber'],
  email: erika['f.email'],
  'free text': 'Zetermordio',
  phone: '030 23125 777',
}

beforeAll(async () => {
  base = temporaryFolder('leaks')
  chmodSync(base, 0o711)
  postgres = await startLocalPostgres({ dataDir: base, settings: { synchronous_commit: 'off' } })
  await prepareDatabase(postgres.url)
  installation = await startInstallation({
    database: { connection: postgres.url, drop: async () => {} },
    withoutWorker: true,
  })
})
afterAll(async () => {
  await worker?.stop()
  await installation.close()
  await postgres.stop()
  rmSync(base, { recursive: true })
})

/** Something of nobody, to try the search itself. */
const planted = 'Kornblumenblau'

const tracesInTables = async () => findTraces(await dump(installation.admin), values)
const remember = (what: string, token: string) => {
  values[`${what} link`] = token
  values[`${what} link's bits`] = Buffer.from(token, 'base64url')
}

test('a search finds a value however it is stored, so that finding none means something', async () => {
  const { admin } = installation
  await admin.query('create table planted (text text, bytes bytea)')
  const ways = [`'x${planted}y'`, `encode('x${planted}y', 'base64')`, `encode('x${planted}y', 'hex')`]
  for (const value of ways) {
    await admin.query(`delete from planted; insert into planted values (${value}, null)`)
    expect(findTraces(await dump(admin), { planted }), value).toEqual(['public.planted: planted'])
    await admin.query(`delete from planted; insert into planted values (null, convert_to(${value}, 'UTF8'))`)
    expect(findTraces(await dump(admin), { planted }), `${value} as bytes`).toEqual(['public.planted: planted'])
  }
  await admin.query('drop table planted')
  expect((await listTables(admin)).filter((table) => table.startsWith('jobs.')).length).toBeGreaterThan(3)
})

test('while bookings stand and their mails wait, nothing of the person can be read in any table', async () => {
  const who = person(installation)
  const inPerson = await bookAppointment(who)
  const byPhone = await bookAppointment(who, {
    service: 'beratung-telefon',
    language: 'en',
    fields: { 'f.phone': '030 23125 777' },
  })
  const withdrawn = await bookAppointment(who, { slug: 'musterstadt' })
  remember('first', inPerson.token)
  remember('second', byPhone.token)
  remember('third', withdrawn.token)
  values.reference = referenceOn(inPerson.booked.text)
  expect(values.reference).toHaveLength(9)
  await who.send(await who.open('/segeberg/meine-daten'), { email: erika['f.email'] })
  const tables = await dump(installation.admin)
  for (const table of ['vault.record', 'vault.blind_index', 'mail_delivery', 'access_code', 'consent_record']) {
    expect(tables.get(table.includes('.') ? table : `public.${table}`)?.length, table).toBeGreaterThan(0)
  }
  expect(tables.get('jobs.job_common')?.toString() ?? [...tables.keys()].join()).toContain('mail.deliver')
  expect(findTraces(tables, values)).toEqual([])
})

test('the payload of a job is two ids and nothing else', async () => {
  const { rows } = await installation.admin.query('select name, data from jobs.job')
  expect(new Set(rows.map((row) => row.name))).toEqual(new Set(['mail.deliver', 'rights.sendCode']))
  for (const { data } of rows) {
    expect(Object.keys(data).sort()).toEqual(['id', 'tenantId'])
    for (const id of Object.values(data)) expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  }
})

test('nor after the mails went out, a code was used, and the appointments were moved, cancelled and withdrawn', async () => {
  worker = await startWorker(installation.deps, features)
  const mails = () => installation.mailbox.messages()
  await eventually(() => mails().length >= 4, 'three confirmations and a code')
  const code = codeIn(mails().find((mail) => mail.subject === 'Ihr Code')?.text ?? '')
  values.code = code.replaceAll(' ', '')
  values['code as it is shown'] = code
  expect(values.code).toMatch(/^\d{12}$/)
  const who = person(installation)
  const asked = await who.send(await who.open('/segeberg/meine-daten'), { email: erika['f.email'] })
  const shown = await who.send(asked, { code })
  expect(shown.text).toContain('Markerfrau')
  const exported = await who.send(shown)
  expect(exported.html).toContain('Zetermordio')
  expect(await tracesInTables()).toEqual([])

  const [first = '', byPhone = '', third = ''] = ['first', 'second', 'third'].map((name) => values[`${name} link`])
  const times = await who.open(`/segeberg/termin/verwalten/${first}/verschieben`)
  await who.send(times, { beginn: who.starts(times).at(-1) ?? '' })
  await eventually(() => mails().length >= 5, 'a move') // before a cancellation makes a mail about it needless
  await who.send(await who.open(`/segeberg/termin/verwalten/${first}/absagen`))
  await who.send(await who.open(`/segeberg/en/termin/verwalten/${byPhone}/absagen`))
  await who.send(await who.open(`/musterstadt/termin/verwalten/${third}/widerrufen`))
  await eventually(() => mails().length >= 8, 'two cancellations and a withdrawal')
  expect(await tracesInTables()).toEqual([])
})

test('things that go wrong leave no trace either', async () => {
  const who = person(installation)
  // A value that the database would refuse, an address that nobody has, a form too large, a page that is none.
  const times = await who.open('/segeberg/termin/zeit?leistung=beratung-vor-ort')
  const details = await who.send(times, { beginn: who.starts(times)[0] ?? '' })
  await who.send(details, { ...erika, 'f.name': 'Markerfrau\u0000', 'f.email': 'no-address' })
  await who.send(details, { ...erika, vormerkung: 'erika.markerfrau@example.org' })
  await who.post('/segeberg/meine-daten/ansehen', { email: erika['f.email'], vorgang: erika['f.email'] })
  await who.open(`/segeberg/termin/verwalten/${encodeURIComponent(erika['f.email'])}?name=Markerfrau`)
  await who.open('/segeberg/Markerfrau?email=erika.markerfrau@example.org')
  expect(await tracesInTables()).toEqual([])
})

test('what PostgreSQL wrote, its log included, and everything in the data folder holds none of it', async () => {
  await installation.admin.query('checkpoint')
  const files = new Map([...readFilesBelow(base), ...readFilesBelow(installation.folder)])
  const paths = [...files.keys()]
  expect(paths.some((path) => path.endsWith('postgres.log'))).toBe(true)
  expect(paths.some((path) => path.includes('pg_wal'))).toBe(true)
  expect(paths.some((path) => /log\/segeberg\/[\d-]+\.jsonl$/.test(path))).toBe(true)
  expect(findTraces(files, { planted }).some((trace) => trace.includes('pg_wal'))).toBe(true)
  expect(findTraces(files, values)).toEqual([])
})
