import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { deleteEnded } from '#platform/db/ends.ts'
import { languages } from '#platform/i18n/translate.ts'
import { getActivity } from '#register/register.ts'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { agreed, bookAppointment, erika, person } from '#test/helpers/person.ts'
import { recordConsent } from './index.ts'
import { shorten } from './sql.ts'

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ withoutWorker: true })
})
afterAll(() => installation.close())

const proofs = async () => (await installation.admin.query('select * from consent_record order by given_at, id')).rows
const running = () => {
  const found = installation.deps.register.running.get('segeberg')
  if (!found) throw new Error('segeberg does not run')
  return found
}
const date = (at: Temporal.Instant) => new Date(at.epochMilliseconds)

test.each(languages)('who books in %s agrees to the text shown, and that can be proven later', async (language) => {
  const { consent: page } = await bookAppointment(person(installation), { language })
  const { consent } = getActivity(running(), 'appointments.booking')
  if (!consent) throw new Error('no consent')
  const parts = [consent.purpose, consent.refusal, consent.withdrawal, consent.text]
  for (const part of parts) expect(page.text).toContain(part[language])
  const proof = (await proofs()).find((each) => each.language === language)
  expect(proof).toMatchObject({
    activity: 'appointments.booking',
    text_version: consent.version,
    text_hash: createHash('sha256')
      .update(JSON.stringify(parts.map((part) => [part[language], part.de])))
      .digest('hex'),
    given_at: date(installation.deps.clock()),
    withdrawn_at: null,
  })
})

test('who does not agree has nothing stored, and stays on the page that asks', async () => {
  const who = person(installation)
  const records = async () => (await installation.admin.query('select count(*)::int n from vault.record')).rows[0].n
  const before = [(await proofs()).length, await records()]
  const times = await who.open('/segeberg/termin/zeit?leistung=beratung-vor-ort')
  const consent = await who.send(await who.send(times, { beginn: who.starts(times)[3] ?? '' }), erika)
  for (const answers of [{}, { kenntnis: 'yes' }, { einwilligung: 'yes' }, { kenntnis: 'yes', einwilligung: 'no' }]) {
    const page = await who.send(consent, answers)
    expect(page.status).toBe(422)
    expect(page.find('[name=einwilligung]').is('[type=checkbox]')).toBe(true)
  }
  // Nor does a last step that somebody put together without it.
  const check = await who.send(consent, agreed)
  expect((await who.send(check, { einwilligung: '' })).status).toBe(422)
  expect([(await proofs()).length, await records()]).toEqual(before)
})

test('withdrawing for one booking notes when, once, and touches no other', async () => {
  const who = person(installation)
  const { manage } = await bookAppointment(who)
  const others = (await proofs()).filter((each) => each.withdrawn_at === null).length - 1
  installation.time.move('PT1M')
  const at = installation.deps.clock()
  const asked = await who.open(`${manage}/widerrufen`)
  await who.send(asked)
  installation.time.move('PT1M')
  expect((await who.send(asked)).status).toBe(410)
  const all = await proofs()
  expect(all.filter((each) => each.withdrawn_at === null)).toHaveLength(others)
  expect(all.filter((each) => each.withdrawn_at !== null).map((each) => each.withdrawn_at)).toEqual([date(at)])
})

test('the proof goes, too: three years after the record, not a moment earlier', async () => {
  const on = await startInstallation({ withoutWorker: true })
  try {
    const who = person(on)
    const count = async () =>
      (await on.admin.query('select count(*)::int n, count(ended_at)::int ended from consent_record')).rows[0]
    await bookAppointment(who)
    await on.sweep()
    expect(await count()).toEqual({ n: 1, ended: 0 }) // the record is there, so the consent holds
    const { manage } = await bookAppointment(who)
    await who.send(await who.open(`${manage}/widerrufen`))
    await on.sweep()
    expect(await count()).toEqual({ n: 2, ended: 1 })
    on.time.set('2029-11-23T07:59:59Z')
    await on.sweep() // erases the other appointment's record as well, years late: its three years begin now
    expect(await count()).toEqual({ n: 2, ended: 2 })
    on.time.set('2029-11-23T08:00:00Z')
    await on.sweep()
    expect(await count()).toEqual({ n: 1, ended: 1 })
    on.time.set('2032-11-23T07:59:58Z')
    await on.sweep()
    expect(await count()).toEqual({ n: 1, ended: 1 })
    on.time.set('2032-11-23T07:59:59Z')
    await on.sweep()
    expect(await count()).toEqual({ n: 0, ended: 0 })
  } finally {
    await on.close()
  }
})

test.each([
  ['a longer one does not apply to proofs there are', 'P5Y', '2029-11-23T08:00:00Z'],
  ['a shorter one applies at once', 'P1Y', '2027-11-23T08:00:00Z'],
])('another period for proofs: %s', async (_name, period, end) => {
  const on = await startInstallation({ withoutWorker: true })
  try {
    const who = person(on)
    const { manage } = await bookAppointment(who)
    await who.send(await who.open(`${manage}/widerrufen`))
    await on.sweep()
    const { tenant } = running()
    const erase = (now: string) =>
      on.deps.db.inTenant(tenant.id, async (tx) => {
        await shorten(tx, 'appointments.booking', period)
        await deleteEnded(tx, 'consent_record', Temporal.Instant.from(now))
      })
    const left = async () => (await on.admin.query('select 1 from consent_record')).rowCount
    await erase(Temporal.Instant.from(end).subtract({ seconds: 1 }).toString())
    expect(await left()).toBe(1)
    await erase(end)
    expect(await left()).toBe(0)
  } finally {
    await on.close()
  }
})

test('cancelling is no withdrawal: the consent stands as given', async () => {
  const who = person(installation)
  const { manage } = await bookAppointment(who)
  const before = (await proofs()).filter((each) => each.withdrawn_at === null).length
  await who.send(await who.open(`${manage}/absagen`))
  expect((await proofs()).filter((each) => each.withdrawn_at === null)).toHaveLength(before)
})

test('for an activity that rests on no consent none can be noted', async () => {
  const { db, random, clock } = installation.deps
  const noted = db.inTenant(running().tenant.id, (tx) =>
    recordConsent(tx, {
      activity: getActivity(running(), 'mail.delivery'),
      language: 'de',
      recordId: crypto.randomUUID(),
      at: clock(),
      random,
    }),
  )
  await expect(noted).rejects.toThrow('does not rest on consent')
})
