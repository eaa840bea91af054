import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { TenantTx } from '#platform/db/db.ts'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { UndeclaredFieldError } from './index.ts'
import { TamperedError } from './seal.ts'
import { booking as plain } from './vault.fixture.ts'

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ withoutWorker: true })
})
afterAll(() => installation.close())
beforeEach(() =>
  installation.admin.query('delete from vault.record; delete from vault.erasure; delete from vault.access'),
)

const activity = 'appointments.booking'
const looking = { purpose: 'rights', actor: 'person' } as const
const booking = { ...plain, email: 'Erika@example.org' }

const idOf = (slug: string): string => installation.deps.register.running.get(slug)?.tenant.id ?? ''
const inTenant = <T>(work: Parameters<typeof installation.deps.db.inTenant<T>>[1], slug = 'segeberg'): Promise<T> =>
  installation.deps.db.inTenant(idOf(slug), work)
const put = (fields: Record<string, string> = booking, happened: Record<string, Temporal.Instant> = {}) =>
  inTenant((tx) => installation.deps.vault.put(tx, activity, fields, happened))
const open = (id: string) => inTenant((tx) => installation.deps.vault.open(tx, id, looking))
/** What somebody got in a transaction, and how many statements that took, beside its beginning and its end. */
const countStatements = async <T>(work: (tx: TenantTx) => Promise<T>): Promise<[T, number]> => {
  const sent = vi.spyOn(pg.Client.prototype, 'query')
  try {
    return await inTenant(async (tx) => {
      const before = sent.mock.calls.length
      return [await work(tx), sent.mock.calls.length - before]
    })
  } finally {
    sent.mockRestore()
  }
}
const count = async (table: string): Promise<number> =>
  (await installation.admin.query(`select count(*)::int n from ${table}`)).rows[0].n

test('what is put in comes out again, check values excepted, and every look is noted', async () => {
  const id = await put()
  const record = await open(id)
  const { manageLink: _, ...sealed } = booking
  expect(record?.fields).toEqual(sealed)
  expect(record?.activity).toBe(activity)
  expect(record?.due).toBeNull()
  const { rows } = await installation.admin.query('select record_id, purpose, actor from vault.access')
  expect(rows).toEqual([{ record_id: id, purpose: 'rights', actor: 'person' }])
})

test('each look knows how many there were before it', async () => {
  const id = await put()
  expect((await open(id))?.looks).toEqual({ count: 0, last: null })
  installation.time.move('PT1H')
  const last = installation.deps.clock()
  await open(id)
  expect(await open(id)).toMatchObject({ looks: { count: 2 } })
  expect((await open(id))?.looks.last?.equals(last)).toBe(true)
})

test('a view of many records is read by one statement and is one line of the trail, which names them all', async () => {
  const ids = [await put(), await put(), await put(), await put()]
  const [gone = ''] = ids
  await inTenant((tx) => installation.deps.vault.happened(tx, gone, 'appointment.cancelled', installation.deps.clock()))
  await open(ids[2] ?? '')
  const asked = [ids[3], ids[2], ids[3], gone, crypto.randomUUID()].map(String)
  const [records, statements] = await countStatements((tx) => installation.deps.vault.openMany(tx, asked, looking))
  expect(records.map(({ id, fields, looks }) => [id, fields.name, looks.count])).toEqual([
    [ids[3], booking.name, 0],
    [ids[2], booking.name, 1],
  ])
  expect(statements).toBe(2) // the records, and the line
  const { rows } = await installation.admin.query(
    'select array_agg(record_id order by record_id) records from vault.access group by id order by count(*)',
  )
  expect(rows).toEqual([{ records: [ids[2]] }, { records: [ids[2], ids[3]].sort() }])
})

test('a view of nothing is no line', async () => {
  expect(await inTenant((tx) => installation.deps.vault.openMany(tx, [crypto.randomUUID()], looking))).toEqual([])
  expect(await count('vault.access')).toBe(0)
})

test('a record past its date is not there any more, also before a sweep has come by', async () => {
  const id = await put(booking, { 'appointment.ended': installation.deps.clock() })
  const find = () => inTenant((tx) => installation.deps.vault.findBySubject(tx, 'email', booking.email, looking))
  installation.time.move('P13DT23H59M59S')
  expect([(await open(id))?.id, (await find()).length]).toEqual([id, 1])
  installation.time.move('PT1S')
  expect([await open(id), await find(), await count('vault.record')]).toEqual([null, [], 1])
})

test('a field that the activity does not declare is refused, and nothing is stored', async () => {
  await expect(put({ ...booking, shoeSize: '38' })).rejects.toThrow(UndeclaredFieldError)
  await expect(put({ ...booking, shoeSize: '38' })).rejects.toThrow('declares no field shoeSize')
  expect(await count('vault.record')).toBe(0)
})

test('a field that is declared for the log only does not get into a record', async () => {
  const line = inTenant((tx) => installation.deps.vault.put(tx, 'web.delivery', { address: '198.51.100.0' }))
  await expect(line).rejects.toThrow('declares no field address to store')
})

test('a required field that is missing or empty is refused, all of them named', async () => {
  const { name: _, ...nameless } = booking
  await expect(put({ ...nameless, birthDate: '' })).rejects.toThrow('requires name, birthDate')
  expect(await count('vault.record')).toBe(0)
})

test('an optional field may be left out, and an empty one leaves no trace', async () => {
  const record = await open(await put({ ...booking, email: '', freeText: '' }))
  expect(Object.keys(record?.fields ?? {})).not.toContain('email')
  expect(Object.keys(record?.fields ?? {})).not.toContain('freeText')
})

test('an activity that the tenant does not declare stores nothing', async () => {
  const put = inTenant((tx) => installation.deps.vault.put(tx, 'documents.upload', { name: 'Erika' }))
  await expect(put).rejects.toThrow('declares no activity documents.upload')
})

test('records are found by the exact value of a field declared for it, however it is written, and by no other', async () => {
  const [one, two] = [await put(), await put({ ...booking, email: 'max@example.org' })]
  const find = (field: string, value: string, slug = 'segeberg') =>
    inTenant((tx) => installation.deps.vault.findBySubject(tx, field, value, looking), slug)
  expect((await find('email', ' eRiKa@example.org')).map((record) => record.id)).toEqual([one])
  expect((await find('email', 'max@example.org')).map((record) => record.id)).toEqual([two])
  expect(await find('email', 'erika@example.or')).toEqual([])
  expect(await find('name', 'Erika Markerfrau')).toEqual([])
  expect(await find('email', 'erika@example.org', 'musterstadt')).toEqual([])
})

test('of a manage link only a check value is there: it can be compared, not read', async () => {
  const id = await put()
  const matches = (value: string) => inTenant((tx) => installation.deps.vault.matches(tx, id, 'manageLink', value))
  expect(await matches(booking.manageLink)).toBe(true)
  expect(await matches(`${booking.manageLink.slice(1)}B`)).toBe(false)
  expect(await matches(booking.manageLink.toLowerCase())).toBe(false)
})

test('a correction changes the named field alone, seals anew, and refuses what is undeclared or found by', async () => {
  const id = await put()
  const sealedOf = async () => (await installation.admin.query('select sealed from vault.record')).rows[0].sealed
  const before = await sealedOf()
  const correct = (changes: Record<string, string>) =>
    inTenant((tx) => installation.deps.vault.correct(tx, id, changes))
  await correct({ appointmentAt: '2026-12-01T09:00:00Z' })
  const { manageLink: _, ...sealed } = booking
  expect((await open(id))?.fields).toEqual({ ...sealed, appointmentAt: '2026-12-01T09:00:00Z' })
  expect(before.equals(await sealedOf())).toBe(false)
  await expect(correct({ shoeSize: '38' })).rejects.toThrow(UndeclaredFieldError)
  await expect(correct({ email: 'new@example.org' })).rejects.toThrow('email cannot be corrected in place')
})

test('a record that somebody altered or exchanged in the database does not open', async () => {
  const [one, two] = [await put(), await put({ ...booking, name: 'Max Mustermann' })]
  await installation.admin.query(
    `update vault.record a set sealed = b.sealed from vault.record b where a.id = $1 and b.id = $2`,
    [one, two],
  )
  await expect(open(one)).rejects.toThrow(TamperedError)
  await installation.admin.query(`update vault.record set activity = 'mail.delivery' where id = $1`, [two])
  await expect(open(two)).rejects.toThrow(TamperedError)
})

test('a record whose key is gone is lost for good, although its sealed fields are still there', async () => {
  const id = await put()
  await installation.admin.query('delete from vault.key')
  expect(await open(id)).toBeNull()
  expect(await count('vault.record')).toBe(1)
})

test('nothing of an activity that others execute is stored here, not even an empty record', async () => {
  const refused = /case\.file is executed elsewhere; nothing of it is stored here/
  for (const fields of [{}, { name: 'Erika Markerfrau' }]) {
    const putting = inTenant((tx) => installation.deps.vault.put(tx, 'case.file', fields))
    await expect(putting).rejects.toThrow(refused)
  }
  expect(await count('vault.record')).toBe(0)
})

test('what is rolled back was never there', async () => {
  const failing = inTenant(async (tx) => {
    await installation.deps.vault.put(tx, activity, booking)
    throw new Error('something else went wrong')
  })
  await expect(failing).rejects.toThrow('something else')
  for (const table of ['vault.record', 'vault.key', 'vault.blind_index']) expect(await count(table), table).toBe(0)
})

test('what happens to a record that is gone is no fault', async () => {
  const { vault, clock } = installation.deps
  const gone = '11111111-1111-4111-8111-111111111111'
  expect(await inTenant((tx) => vault.happened(tx, gone, 'appointment.cancelled', clock()))).toBe('erased')
  await inTenant((tx) => vault.correct(tx, gone, { name: 'x' }))
  expect(await count('vault.erasure')).toBe(0)
})

test('something no rule speaks of changes no date', async () => {
  const id = await put(booking, { 'appointment.ended': Temporal.Instant.from('2026-11-30T09:30:00Z') })
  const { vault, clock } = installation.deps
  expect(await inTenant((tx) => vault.happened(tx, id, 'appointment.remembered', clock()))).toBe('kept')
  expect((await open(id))?.due?.at.toString()).toBe('2026-12-14T09:30:00Z')
})

test('however often and by however many workers at once, every due record is erased once and no other', async () => {
  const { keeper, clock } = installation.deps
  const hours = fc.array(fc.integer({ min: -400, max: 400 }), { minLength: 1, maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(hours, fc.integer({ min: 2, max: 4 }), async (ended, workers) => {
      await installation.admin.query('delete from vault.record; delete from vault.erasure')
      const dueIds: string[] = []
      for (const each of ended) {
        const at = clock().add({ hours: each })
        const id = await put(booking, { 'appointment.ended': at })
        if (each <= -14 * 24) dueIds.push(id)
      }
      const runs = Array.from({ length: workers }, () => inTenant((tx) => keeper.eraseDue(tx)))
      const erased = (await Promise.all(runs)).flat()
      expect(erased.reduce((sum, { count }) => sum + count, 0)).toBe(dueIds.length)
      expect(await inTenant((tx) => keeper.eraseDue(tx))).toEqual([])
      const { rows } = await installation.admin.query('select unnest(record_ids) id from vault.erasure')
      expect(rows.map((row) => row.id).sort()).toEqual(dueIds.sort())
      expect(await count('vault.record')).toBe(ended.length - dueIds.length)
    }),
    { numRuns: process.env.SLOW ? 200 : 10 },
  )
})

test('two events at once erase once: the ledger names the record one time', async () => {
  const id = await put()
  const { vault, clock } = installation.deps
  const cancel = () => inTenant((tx) => vault.happened(tx, id, 'appointment.cancelled', clock()))
  expect(await Promise.all([cancel(), cancel(), cancel()])).toEqual(['erased', 'erased', 'erased'])
  const { rows } = await installation.admin.query('select rule, record_ids from vault.erasure')
  expect(rows).toEqual([{ rule: 'cancelled', record_ids: [id] }])
})

test('the ledger can be added to and read by the product, never changed', async () => {
  const id = await put()
  const { vault, clock } = installation.deps
  await inTenant((tx) => vault.happened(tx, id, 'appointment.cancelled', clock()))
  await installation.admin.query('set role anlaufstelle_app')
  await installation.admin.query(`select set_config('app.tenant_id', '${idOf('segeberg')}', false)`)
  try {
    for (const statement of [
      `update vault.erasure set rule = 'other'`,
      'delete from vault.erasure',
      'truncate vault.erasure',
      `update vault.hold_change set cause = 'court-order'`,
      'delete from vault.hold_change',
      'truncate vault.hold_change',
      `update vault.access set actor = 'nobody'`,
    ]) {
      await expect(installation.admin.query(statement), statement).rejects.toMatchObject({ code: '42501' })
    }
  } finally {
    await installation.admin.query('reset role; reset app.tenant_id')
  }
})

test('a record is found by a link that was added later, as by its first one, and by neither once it is gone', async () => {
  const { vault } = installation.deps
  const fields = { ...booking, place: 'rathausplatz' }
  const id = await inTenant((tx) => vault.put(tx, activity, fields), 'musterstadt')
  const find = async (field: string, value: string) =>
    (await inTenant((tx) => vault.findBySubject(tx, field, value, looking), 'musterstadt')).map((found) => found.id)
  const later = ['CCCCCCCCCCCCCCCCCCCCCC', 'DDDDDDDDDDDDDDDDDDDDDD']
  for (const link of later) await inTenant((tx) => vault.addLookup(tx, id, 'laterLink', link), 'musterstadt')
  const links = [['manageLink', booking.manageLink], ...later.map((link) => ['laterLink', link])] as const
  for (const [field, link] of links) expect(await find(field ?? '', link ?? '')).toEqual([id])
  expect(await find('laterLink', booking.manageLink)).toEqual([]) // one kind of link is none of the other
  expect(await find('laterLink', later[0]?.toLowerCase() ?? '')).toEqual([])
  await inTenant((tx) => vault.happened(tx, id, 'appointment.cancelled', installation.deps.clock()), 'musterstadt')
  for (const [field, link] of links) expect(await find(field ?? '', link ?? '')).toEqual([])
  expect(await count('vault.blind_index')).toBe(0)
  await inTenant((tx) => vault.addLookup(tx, id, 'laterLink', 'EEEEEEEEEEEEEEEEEEEEEE'), 'musterstadt')
  expect(await count('vault.blind_index')).toBe(0)
})

test('a value that replaces those a record is found by is the only one of a kind that nobody can read; the others stay', async () => {
  const { vault, keeper } = installation.deps
  const id = await put()
  const other = await put({ ...booking, manageLink: 'FFFFFFFFFFFFFFFFFFFFFF', reference: 'ZZZZ-ZZZZ' })
  const find = async (field: string, value: string) =>
    (await inTenant((tx) => vault.findBySubject(tx, field, value, looking))).map((found) => found.id)
  await inTenant((tx) => keeper.announceKey(tx))
  installation.time.move('PT3M') // the record is of the key before, and what is added of the new one
  await inTenant((tx) => vault.addLookup(tx, id, 'manageLink', 'GGGGGGGGGGGGGGGGGGGGGG'))
  const { rows } = await installation.admin.query(
    'select distinct generation from vault.blind_index where record_id = $1',
    [id],
  )
  expect(rows).toHaveLength(2)
  await inTenant((tx) => vault.replaceLookups(tx, id, 'manageLink', 'HHHHHHHHHHHHHHHHHHHHHH'))
  for (const link of [booking.manageLink, 'GGGGGGGGGGGGGGGGGGGGGG']) expect(await find('manageLink', link)).toEqual([])
  expect(await find('manageLink', 'HHHHHHHHHHHHHHHHHHHHHH')).toEqual([id])
  expect(await find('manageLink', 'FFFFFFFFFFFFFFFFFFFFFF')).toEqual([other])
  expect(await find('reference', booking.reference)).toEqual([id])
  expect(await find('email', booking.email)).toEqual(expect.arrayContaining([id, other]))
  const replacing = inTenant((tx) => vault.replaceLookups(tx, id, 'email', 'other@example.org'))
  await expect(replacing).rejects.toThrow(UndeclaredFieldError)
})

test.each(['name', 'email', 'reference', 'accessTrail', 'shoeSize'])(
  'no further value leads to a record by a field that can be read, or that is not declared: %s',
  async (field) => {
    const id = await put()
    const adding = inTenant((tx) => installation.deps.vault.addLookup(tx, id, field, 'other@example.org'))
    await expect(adding).rejects.toThrow(UndeclaredFieldError)
  },
)

test('the ledger tells which records are erased, also one whose id the caller chose', async () => {
  const { vault } = installation.deps
  const chosen = crypto.randomUUID()
  await inTenant((tx) => vault.put(tx, activity, booking, {}, chosen))
  const other = await put()
  await inTenant((tx) => vault.happened(tx, chosen, 'appointment.cancelled', installation.deps.clock()))
  const ids = [chosen, other, crypto.randomUUID()]
  expect(await inTenant((tx) => vault.whichErased(tx, ids))).toEqual([chosen])
  expect(await inTenant((tx) => vault.whichErased(tx, ids), 'musterstadt')).toEqual([])
})

test('a correction with nothing in it takes an optional field out, and no other', async () => {
  const { vault } = installation.deps
  const id = await put({ ...booking, customerOrBgNumber: '131A0990815' })
  const correct = (changes: Record<string, string>) => inTenant((tx) => vault.correct(tx, id, changes))
  await expect(correct({ name: '' })).rejects.toThrow('requires name')
  await expect(correct({ shoeSize: '' })).rejects.toThrow('declares no field shoeSize')
  await correct({ customerOrBgNumber: '', appointmentAt: '2026-12-01T09:00:00Z' })
  const { manageLink: _, ...sealed } = booking
  expect((await open(id))?.fields).toEqual({ ...sealed, appointmentAt: '2026-12-01T09:00:00Z' })
})
