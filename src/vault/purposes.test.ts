import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { TenantTx } from '#platform/db/db.ts'
import type { LookReason } from '#register/register.ts'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { type OpenRecord, UndeclaredPurposeError } from './index.ts'
import { booking } from './vault.fixture.ts'

/* A record is opened for what its activity declares, by whom it names there, and for nothing else. */

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ withoutWorker: true })
})
afterAll(() => installation.close())
beforeEach(() => installation.admin.query('delete from vault.record; delete from vault.access'))

const activity = 'appointments.booking'
const { email } = booking
const letter = { email, subject: 'Betreff', bodyText: 'Guten Tag', bodyHtml: '<p>Guten Tag</p>' }
const code = { email, code: '12345678', language: 'de' }

const vault = () => installation.deps.vault
const inSegeberg = <T>(work: (tx: TenantTx) => Promise<T>): Promise<T> =>
  installation.deps.db.inTenant(installation.deps.register.running.get('segeberg')?.tenant.id ?? '', work)
const put = (id: string, fields: Record<string, string>) => inSegeberg((tx) => vault().put(tx, id, fields))
const trail = async () =>
  (await installation.admin.query('select purpose, actor from vault.access order by opened_at')).rows

type Look = (tx: TenantTx, access: LookReason) => Promise<OpenRecord | OpenRecord[] | null>
/** What somebody gets who looks and, in the same transaction, bears being refused: so a line in the trail would stay. */
const lookAs = (look: Look, access: LookReason) =>
  inSegeberg(async (tx) => {
    try {
      return await look(tx, access)
    } catch (error) {
      return error
    }
  })

const byId =
  (id: string): Look =>
  (tx, access) =>
    vault().open(tx, id, access)
const byMailbox: Look = (tx, access) => vault().findBySubject(tx, 'email', email, access)
const restricted: Look = (tx, access) => vault().findRestricted(tx, 'email', email, access)

test.each<[string, LookReason]>([
  ['a purpose that nobody declares', { purpose: 'test', actor: 'person' }],
  ['a purpose of the activity for which nobody opens records', { purpose: 'book', actor: 'person' }],
  ['somebody else than the purpose names', { purpose: 'change', actor: 'mail' }],
  ['a purpose that only other tenants declare', { purpose: 'remind', actor: 'mail' }],
])('%s opens nothing, however the record is asked for, and leaves no line in the trail', async (_what, access) => {
  const id = await put(activity, booking)
  for (const look of [byId(id), byMailbox, restricted]) {
    const got = await lookAs(look, access)
    expect(got).toBeInstanceOf(UndeclaredPurposeError)
    expect(String(got)).toMatch(/'(test|book|change|remind)' by '(person|mail)'/)
    expect(String(got)).not.toContain(email)
  }
  expect(await trail()).toEqual([])
  expect(await lookAs(byId(id), { purpose: 'change', actor: 'person' })).toMatchObject({ fields: { email } })
  expect(await trail()).toEqual([{ purpose: 'change', actor: 'person' }])
})

test('a purpose of one activity opens no record of another that the same mailbox leads to', async () => {
  const [booked, sent, proving] = [
    await put(activity, booking),
    await put('mail.delivery', letter),
    await put('rights.code', code),
  ]
  const find = async (purpose: string) =>
    ((await lookAs(byMailbox, { purpose, actor: 'person' })) as OpenRecord[]).map(({ id }) => id).sort()
  expect(await find('change')).toEqual([booked])
  expect(await find('rights')).toEqual([booked, sent].sort())
  expect(await find('prove')).toEqual([proving])
  expect(await lookAs(byId(sent), { purpose: 'change', actor: 'person' })).toBeInstanceOf(UndeclaredPurposeError)
})

test('a view that holds one record which is not opened for its purpose opens none of them', async () => {
  const ids = [await put(activity, booking), await put('mail.delivery', letter)]
  const all: Look = (tx, access) => vault().openMany(tx, ids, access)
  expect(await lookAs(all, { purpose: 'change', actor: 'person' })).toBeInstanceOf(UndeclaredPurposeError)
  expect(await trail()).toEqual([])
  expect(await lookAs(all, { purpose: 'rights', actor: 'person' })).toHaveLength(2)
})

test('which records a mailbox has is told without opening one, the oldest first', async () => {
  const expected: { id: string; activity: string }[] = []
  for (const [name, fields] of Object.entries({ [activity]: booking, 'mail.delivery': letter, 'rights.code': code })) {
    expected.push({ id: await put(name, fields), activity: name })
    installation.time.move('PT1S')
  }
  expect(await inSegeberg((tx) => vault().listBySubject(tx, 'email', email.toUpperCase()))).toEqual(expected)
  expect(await inSegeberg((tx) => vault().listBySubject(tx, 'email', 'max@example.org'))).toEqual([])
  expect(await trail()).toEqual([])
})

test('a record is not opened for what came after it, until its person asks for that', async () => {
  const id = await put(activity, booking)
  const purposes = async () => (await installation.admin.query('select purposes from vault.record')).rows[0].purposes
  expect(await purposes()).toEqual(['book', 'change', 'closure', 'rights'])
  // Made when moving by link was no purpose yet.
  await installation.admin.query(`update vault.record set purposes = array['book', 'closure']`)
  const access = { purpose: 'change', actor: 'person' } as const
  for (const look of [byId(id), byMailbox]) expect(await lookAs(look, access)).toBeInstanceOf(UndeclaredPurposeError)
  expect(await trail()).toEqual([])
  const more = inSegeberg((tx) => vault().addPurpose(tx, id, { purpose: 'adverts', actor: 'mail' }))
  await expect(more).rejects.toThrow(UndeclaredPurposeError)
  for (const _again of [1, 2]) await inSegeberg((tx) => vault().addPurpose(tx, id, access))
  expect(await purposes()).toEqual(['book', 'closure', 'change'])
  expect(await lookAs(byId(id), access)).toMatchObject({ id })
})

test('a correction under a newer register does not widen what a record is opened for', async () => {
  const id = await put(activity, booking)
  await installation.admin.query(`update vault.record set purposes = array['book', 'change']`)
  await inSegeberg((tx) => vault().correct(tx, id, { freeText: 'Neu' }))
  expect(await lookAs(byId(id), { purpose: 'closure', actor: 'mail' })).toBeInstanceOf(UndeclaredPurposeError)
})

test('a record of a version that noted no purposes is opened for what is declared now, and for nothing else', async () => {
  const id = await put(activity, booking)
  await installation.admin.query('update vault.record set purposes = null')
  const access = { purpose: 'change', actor: 'person' } as const
  expect(await lookAs(byId(id), access)).toMatchObject({ id })
  expect(await lookAs(byId(id), { ...access, purpose: 'test' })).toBeInstanceOf(UndeclaredPurposeError)
  await inSegeberg((tx) => vault().addPurpose(tx, id, access))
  expect(await lookAs(byId(id), { purpose: 'rights', actor: 'person' })).toMatchObject({ id })
})
