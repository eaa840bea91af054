import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { agreed, erika, type Person, type Seen } from '#test/helpers/person.ts'
import {
  fieldsOn,
  goOn,
  holdOf,
  isBooked,
  openTimes,
  reachDetails,
  somebody,
  start,
  stored,
  wordsIn,
} from '../../booking.fixture.ts'

/* More time for whoever needs it. */

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ start, withoutWorker: true, callerLimits: { holds: 30 } })
})
afterAll(() => installation.close())
beforeEach(() => installation.time.set(start))

const de = wordsIn('de')
const more = (who: Person, page: Seen, step: string, changes: Record<string, string> = {}) =>
  who.send(page, { schritt: step, ...changes }, 'verlaengern')
const extendedUntil = (time: string) => de('appointments.hold.extended', { time })

describe('on each page of the way more time', () => {
  const pages = async (who: Person): Promise<Record<string, Seen>> => {
    const angaben = await reachDetails(who)
    const einwilligung = await who.send(angaben, erika)
    return { angaben, einwilligung, pruefen: await who.send(einwilligung, agreed) }
  }

  test.each(['angaben', 'einwilligung', 'pruefen'])('keeps %s as it was, and the time for longer', async (step) => {
    const who = somebody(installation)
    const page = (await pages(who))[step] as Seen
    installation.time.move('PT10M')
    const typed = { 'f.freeText': 'noch nicht fertig' }
    const again = await more(who, page, step, step === 'angaben' ? typed : {})
    expect([again.status, again.title]).toEqual([200, page.title])
    expect(again.text).toContain(extendedUntil('09:25'))
    if (step === 'angaben') expect(again.html).toContain('noch nicht fertig')
    else expect(fieldsOn(again)).toMatchObject({ 'f.name': erika['f.name'] })
    if (step === 'pruefen') expect(isBooked(await who.send(again))).toBe(true)
  })

  test('keeps a box ticked that was ticked already', async () => {
    const who = somebody(installation)
    const { einwilligung } = await pages(who)
    const again = await more(who, einwilligung as Seen, 'einwilligung', { kenntnis: 'yes' })
    expect(again.find('[name=kenntnis]').is('[checked]')).toBe(true)
    expect(again.find('[name=einwilligung]').is('[checked]')).toBe(false)
  })
})

test('nobody else gets a time that is kept for longer, until that is over, too', async () => {
  const who = somebody(installation)
  const offered = who.starts(await openTimes(who, { slug: 'musterstadt' })).at(-1) ?? ''
  const way = { slug: 'musterstadt', start: offered }
  const held = await Promise.all(Array.from({ length: 4 }, () => reachDetails(somebody(installation), way)))
  installation.time.move('PT14M')
  await Promise.all(held.map((page) => more(who, page, 'angaben')))
  installation.time.move('PT14M')
  expect((await reachDetails(somebody(installation), way)).status).toBe(409)
  installation.time.move('PT2M')
  expect((await reachDetails(somebody(installation), way)).status).toBe(200)
})

test('a hold that ran out and that nobody took is kept again; one that was taken leads to other times', async () => {
  const who = somebody(installation)
  const late = await reachDetails(who)
  installation.time.move('PT20M')
  expect((await more(who, late, 'angaben')).text).toContain(extendedUntil('09:35'))

  const lost = await reachDetails(who)
  await installation.admin.query(
    "update cell set free_from = '-infinity', appointment_id = null where appointment_id = $1",
    [holdOf(lost)],
  )
  const page = await more(who, lost, 'angaben', { 'f.name': 'Erika Markerfrau' })
  expect(page.status).toBe(409)
  expect(page.text).toContain(de('appointments.times.taken'))
  expect(fieldsOn(page)).toMatchObject({ 'f.name': 'Erika Markerfrau' })
})

test('after ten times there is no more, and it can still be booked', async () => {
  const who = somebody(installation)
  let page = await reachDetails(who)
  for (let times = 0; times < 10; times++) {
    installation.time.move('PT1M')
    page = await more(who, page, 'angaben')
  }
  expect(page.text).toContain(de('appointments.hold.enough'))
  expect(page.html).not.toContain('verlaengern')
  installation.time.move('PT5M')
  const forced = await who.post('/segeberg/termin/verlaengern', { ...fieldsOn(page), schritt: 'angaben' })
  expect(forced.text).toContain(de('appointments.heldUntil', { time: '09:25' }))
  expect(isBooked(await goOn(who, forced, erika))).toBe(true)
})

test.each([
  ['a hold of another tenant', async () => holdOf(await reachDetails(somebody(installation), { slug: 'musterstadt' }))],
  ['no hold', async () => ''],
  ['something else', async () => "x' or 1=1"],
])('%s is not made longer', async (_, find) => {
  const vormerkung = await find()
  const own = await reachDetails(somebody(installation))
  const before = await stored(installation.admin)
  const { rows } = await installation.admin.query('select id, extended from appointment order by id')
  const page = await somebody(installation).post('/segeberg/termin/verlaengern', { ...fieldsOn(own), vormerkung })
  expect([200, 409, 410, 422]).toContain(page.status)
  expect(page.text).not.toContain(extendedUntil('09:15'))
  expect(await stored(installation.admin)).toEqual(before)
  expect((await installation.admin.query('select id, extended from appointment order by id')).rows).toEqual(rows)
})

test('a booked appointment does not become a hold again by asking for more time', async () => {
  const who = somebody(installation)
  const details = await reachDetails(who)
  const booked = await goOn(who, details, erika)
  expect(isBooked(booked)).toBe(true)
  await more(who, details, 'angaben')
  const { rows } = await installation.admin.query(
    'select status, free_from::text from appointment join cell on appointment_id = id where id = $1',
    [holdOf(details)],
  )
  expect(new Set(rows.map((row) => `${row.status} ${row.free_from}`))).toEqual(new Set(['booked infinity']))
})

test('a time that is kept for longer goes on counting among those of one connection', async () => {
  const caller = { 'x-forwarded-for': '203.0.113.77' }
  const days = ['2026-11-25', '2026-11-26', '2026-11-27', '2026-11-30', '2026-12-01', '2026-12-02', '2026-12-03']
  const holds: { who: Person; page: Seen }[] = []
  const holdNext = async () => {
    const who = somebody(installation, caller)
    for (const day of days) {
      const times = await openTimes(who, { start: `${day}T08:00:00Z` })
      const [beginn] = who.starts(times)
      if (beginn) return { who, page: await who.send(times, { beginn }, 'vormerken') }
    }
    throw new Error('no time is free')
  }
  for (let i = 0; i < 30; i++) holds.push(await holdNext())
  expect(holds.map(({ page }) => page.status)).toEqual(Array(30).fill(200))
  expect((await holdNext()).page.status).toBe(429)
  installation.time.move('PT14M')
  for (const { who, page } of holds) expect((await more(who, page, 'angaben')).status).toBe(200)
  installation.time.move('PT2M')
  expect((await holdNext()).page.status).toBe(429)
  installation.time.move('PT14M')
  expect((await holdNext()).page.status).toBe(200)
})
