import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { features } from '#apps/features.ts'
import { listDelays } from '#apps/readiness.ts'
import { aMachineRoom, type Room } from './helpers/backup.ts'
import { eventually, type Installation, testClock } from './helpers/installation.ts'
import { bookAppointment, erika, person, referenceOn } from './helpers/person.ts'

/*
 * What legal holds changed after a backup comes back with it: a legal hold placed since still keeps its record, and what
 * restricted one since is not undone. The law: Art. 17(3), Art. 18 and Art. 7(1) GDPR.
 */

const atBackup = Temporal.Instant.from('2026-11-23T08:00:00Z')
const changedAt = atBackup.add({ hours: 1 })
const releasedAt = atBackup.add({ hours: 2 })
const atRestore = atBackup.add({ hours: 72 })
const longAfter = atBackup.add({ hours: 24 * 90 })
const clock = testClock(atRestore.toString()).clock
const people = ['held', 'cancels', 'withdraws', 'released', 'erased', 'held before', 'nobody'] as const
type Who = (typeof people)[number]

let room: Room
let before: Installation
let after: Installation
let folder: string
let lines: string[]
const bookings = new Map<Who, { manage: string; reference: string; record: string }>()
const of = (who: Who) => {
  const found = bookings.get(who)
  if (!found) throw new Error(`${who} has not booked`)
  return found
}

const book = async (who: Who): Promise<void> => {
  const visitor = person(before)
  const last = visitor.starts(await visitor.open('/segeberg/termin/zeit?leistung=beratung-vor-ort')).at(-1) ?? ''
  const { booked, manage } = await bookAppointment(visitor, { start: last, fields: { 'f.email': '' } })
  const reference = referenceOn(booked.text)
  const { rows } = await before.admin.query('select record_id from consent_record order by given_at desc limit 1')
  bookings.set(who, { manage, reference, record: rows[0].record_id })
}
const segeberg = () => before.deps.register.running.get('segeberg')?.tenant.id ?? ''
const placeLegalHold = (who: Who) =>
  before.deps.db.inTenant(segeberg(), (tx) =>
    before.deps.keeper.placeLegalHold(tx, 'reference', of(who).reference, 'court-order'),
  )
const release = (who: Who) =>
  before.deps.db.inTenant(segeberg(), (tx) => before.deps.keeper.releaseLegalHold(tx, 'reference', of(who).reference))
const goTo = async (who: Who, way: 'absagen' | 'widerrufen') => {
  const visitor = person(before)
  expect((await visitor.send(await visitor.open(`${of(who).manage}/${way}`))).text).toContain('gesperrt')
}
/** Without those that stand there twice: a backup and a job may write the same one. */
const ledgerLines = () => [...new Set(readFileSync(room.config.ledgerFile, 'utf8').trimEnd().split('\n'))]

beforeAll(async () => {
  room = aMachineRoom()
  const place = await room.preparedPlace()
  before = await room.start(place, atBackup)
  for (const who of people) {
    before.time.move('PT1S')
    await book(who)
  }
  await placeLegalHold('held before')
  await placeLegalHold('erased')
  folder = (await room.backup(place, before.deps.clock)).folder
  before.time.set(changedAt)
  for (const who of ['held', 'cancels', 'withdraws', 'released'] as const) {
    expect(await placeLegalHold(who), who).toMatchObject({ kind: 'held' })
  }
  await goTo('cancels', 'absagen')
  await goTo('withdraws', 'widerrufen')
  await goTo('erased', 'widerrufen')
  before.time.set(releasedAt)
  expect(await release('released')).toMatchObject({ kind: 'released' })
  expect(await release('erased')).toMatchObject({ kind: 'erased', rule: 'withdrawn' })
  const unwritten = `select from vault.hold_change where written_at is null
    union all select from vault.erasure where written_at is null`
  await eventually(async () => (await before.admin.query(unwritten)).rowCount === 0, 'every line')
  lines = ledgerLines()
  await before.close()
  const target = await room.newPlace()
  expect(await room.restore(target, folder, clock)).toMatchObject({ records: 1, legalHolds: 5 })
  after = await room.start(target, atRestore)
})
afterAll(() => room.close())

const theRecord = async (who: Who, of_ = after) =>
  (
    await of_.admin.query(
      'select hold_reason, held_at, restricted_at, erase_rule, events from vault.record where id = $1',
      [of(who).record],
    )
  ).rows[0]
const proof = async (who: Who) =>
  (await after.admin.query('select withdrawn_at, ended_at from consent_record where record_id = $1', [of(who).record]))
    .rows[0]
const date = (at: Temporal.Instant) => new Date(at.epochMilliseconds)

describe('after a restore', () => {
  test('a legal hold placed since the backup is there again, with its reason and its instant', async () => {
    expect(await theRecord('held')).toMatchObject({
      hold_reason: 'court-order',
      held_at: date(changedAt),
      restricted_at: null,
    })
    expect((await person(after).open(of('held').manage)).text).toContain('werden diese Daten nicht gelöscht')
    expect(await theRecord('held before')).toMatchObject({ hold_reason: 'court-order', restricted_at: null })
    expect(await theRecord('nobody')).toMatchObject({ hold_reason: null })
  })

  test.each([
    ['cancels', 'cancelled', 'appointment.cancelled'],
    ['withdraws', 'withdrawn', 'consent.withdrawn'],
  ] as const)(
    'who %s under a legal hold is not booked again: restricted, and the time is free',
    async (who, rule, trigger) => {
      const record = await theRecord(who)
      expect(record).toMatchObject({
        hold_reason: 'court-order',
        held_at: date(changedAt),
        restricted_at: date(changedAt),
        erase_rule: rule,
      })
      expect(record.events).toMatchObject({ [trigger]: changedAt.toString() })
      for (const path of ['', '/daten', '/absagen']) {
        const page = await person(after).open(of(who).manage + path)
        expect(page.status, path).toBe(410)
        expect(page.text).not.toContain('Markerfrau')
      }
      const { rows } = await after.admin.query(
        `select (select count(*)::int from appointment where record_id = $1) appointments,
                (select count(*)::int from cell where appointment_id is not null
                  and not exists (select from appointment where id = appointment_id)) cells`,
        [of(who).record],
      )
      expect(rows).toEqual([{ appointments: 0, cells: 0 }])
    },
  )

  test('a withdrawal under a legal hold stands in the proof of consent, with its own instant; the proof goes on', async () => {
    expect(await proof('withdraws')).toEqual({ withdrawn_at: date(changedAt), ended_at: null })
    for (const who of ['cancels', 'held', 'released', 'nobody'] as const)
      expect(await proof(who), who).toEqual({ withdrawn_at: null, ended_at: null })
  })

  test('a legal hold that was released since the backup holds nothing, and what was released and erased is erased again', async () => {
    expect(await theRecord('released')).toMatchObject({ hold_reason: null, held_at: null })
    expect(await theRecord('erased')).toBeUndefined()
    // The withdrawal restricted it an hour before the release erased it: the proof knows both instants.
    expect(await proof('erased')).toEqual({ withdrawn_at: date(changedAt), ended_at: date(releasedAt) })
  })

  test('nothing is written a second time: the ledger has the lines it had', async () => {
    await eventually(
      async () => (await after.admin.query('select from vault.hold_change where written_at is null')).rowCount === 0,
      'the ledger',
    )
    const changes = ledgerLines().filter((line) => line.includes('"kind"'))
    expect(changes).toHaveLength(11)
    expect((await after.admin.query('select from vault.hold_change')).rowCount).toBe(11)
  })

  test('the first sweep erases what nobody holds, and nothing that is held', async () => {
    after.time.set(longAfter)
    await after.sweep()
    for (const who of ['held', 'held before', 'cancels', 'withdraws'] as const)
      expect(await theRecord(who), who).toMatchObject({ hold_reason: 'court-order' })
    for (const who of ['released', 'nobody'] as const) expect(await theRecord(who), who).toBeUndefined()
  })

  test('without the ledger the first sweep would have erased it, so that the tests before mean something', async () => {
    const careless = await room.newPlace()
    const done = await room.restore(careless, folder, clock, { withoutLedger: true })
    expect(done).toMatchObject({ records: 0, legalHolds: 0 })
    const shows = await room.start(careless, atRestore, { withoutWorker: true })
    try {
      expect((await person(shows).open(of('cancels').manage)).status).toBe(200)
      shows.time.set(longAfter)
      await shows.sweep()
      expect(await theRecord('held', shows)).toBeUndefined()
    } finally {
      await shows.close()
    }
  })
})

test('the lines name ids, instants and words from the program’s own lists, and no person', () => {
  const changes = lines.map((line) => JSON.parse(line)).filter(({ kind }) => kind)
  expect(changes.map(({ kind, cause }) => [kind, cause ?? null]).sort()).toEqual([
    ...Array(6).fill(['held', 'court-order']),
    ['released', null],
    ['released', null],
    ['restricted', 'appointment.cancelled'],
    ['restricted', 'consent.withdrawn'],
    ['restricted', 'consent.withdrawn'],
  ])
  for (const { kind, tenant, id, record, cause, at, ...others } of changes) {
    expect(others).toEqual({})
    for (const each of [tenant, id, record]) expect(each).toMatch(/^[\da-f-]{36}$/)
    expect(Temporal.Instant.from(at).epochMilliseconds).toBeGreaterThan(0)
  }
  for (const value of Object.values(erika).filter(({ length }) => length > 4))
    expect(lines.join('\n')).not.toContain(value)
  for (const { reference } of bookings.values()) expect(lines.join('\n')).not.toContain(reference)
})

test('readiness watches these lines, too: red when one is missing in the file for two hours', async () => {
  const other = aMachineRoom()
  try {
    const place = await other.preparedPlace()
    const on = await other.start(place, atBackup, { withoutWorker: true })
    const { booked } = await bookAppointment(person(on), { fields: { 'f.email': '' } })
    const reference = referenceOn(booked.text)
    await on.deps.db.inTenant(segeberg(), (tx) => on.deps.keeper.placeLegalHold(tx, 'reference', reference, 'tax-law'))
    await on.admin.query('delete from jobs.job')
    const late = async () => (await listDelays(on.deps, features)).map(({ what }) => what)
    on.time.set(atBackup.add({ hours: 2 }).subtract({ seconds: 1 }))
    expect(await late()).toEqual([])
    on.time.set(atBackup.add({ hours: 2 }))
    expect(await late()).toEqual(['erasure ledger'])
    const works = await other.start(place, on.deps.clock())
    await eventually(async () => (await late()).length === 0, 'the line')
    await works.close()
    expect(readFileSync(other.config.ledgerFile, 'utf8')).toContain('"kind":"held"')
  } finally {
    await other.close()
  }
})
