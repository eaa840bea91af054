import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { agreed, erika } from '#test/helpers/person.ts'
import {
  fieldsOn,
  goOn,
  holdOf,
  isBooked,
  openTimes,
  reachCheck,
  reachDetails,
  type Stored,
  somebody,
  start,
  stored,
  tokenOf,
  wordsIn,
} from '../booking.fixture.ts'

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ start })
})
afterAll(() => installation.close())
beforeEach(() => installation.time.set(start))

const de = wordsIn('de')
const en = wordsIn('en')
const unchanged = async (before: Stored) => expect(await stored(installation.admin)).toEqual(before)

describe('a hold that leads nowhere', () => {
  const elsewhere = async () => holdOf(await reachDetails(somebody(installation), { slug: 'musterstadt' }))
  const swept = async () => {
    const details = await reachDetails(somebody(installation))
    installation.time.move('PT2H16M')
    await installation.sweep()
    return holdOf(details)
  }
  const booked = async () => {
    const who = somebody(installation)
    const check = await reachCheck(who, { service: 'beratung-telefon', fields: { 'f.phone': '030 23125 777' } })
    await who.send(check)
    return holdOf(check)
  }
  const takenOver = async () => {
    const who = somebody(installation)
    const service = 'beratung-telefon'
    const start = who.starts(await openTimes(who, { service })).at(-1) ?? ''
    const held = await reachDetails(who, { service, start })
    installation.time.move('PT20M')
    let other = await reachDetails(somebody(installation), { service, start })
    for (let desks = 0; other.status === 200 && desks < 20; desks++)
      other = await reachDetails(somebody(installation), { service, start })
    expect(other.status).toBe(409)
    return holdOf(held)
  }
  const cases: [string, () => Promise<string> | string][] = [
    ['of another tenant', elsewhere],
    ['that ran out and was taken over by others', takenOver],
    ['that was cleared away', swept],
    ['that never was', () => crypto.randomUUID()],
    ['that is no id', () => "x' or 1=1"],
    ['that is missing', () => ''],
  ]

  test('that has become an appointment is told so, without a link to it, whoever asks', async () => {
    const vormerkung = await booked()
    const who = somebody(installation)
    const opened = await who.open(`/segeberg/en/termin/angaben?vormerkung=${vormerkung}`)
    expect([opened.status, opened.title]).toEqual([410, expect.stringContaining(en('appointments.bookedBefore.title'))])
    expect(opened.html).not.toContain('/verwalten/')
    const details = await reachDetails(who, { service: 'beratung-telefon' })
    const before = await stored(installation.admin)
    const told = await who.send(details, { ...erika, 'f.phone': '030 23125 777', vormerkung })
    expect([told.status, told.title]).toEqual([409, expect.stringContaining(de('appointments.bookedBefore.title'))])
    expect(told.html).not.toContain('/verwalten/')
    await unchanged(before)
    const again = await who.send(told)
    expect(fieldsOn(again)).toMatchObject({ ...erika, 'f.phone': '030 23125 777', leistung: 'beratung-telefon' })
    expect(isBooked(await goOn(who, again, { beginn: who.starts(again)[0] ?? '' }))).toBe(true)
  })

  test.each(cases)('%s has no page of its own', async (_, find) => {
    const page = await somebody(installation).open(
      `/segeberg/en/termin/angaben?vormerkung=${encodeURIComponent(await find())}`,
    )
    expect([page.status, page.title]).toEqual([410, expect.stringContaining(en('appointments.holdGone.title'))])
  })

  test.each(cases)('%s costs nobody what they typed, on whatever page they notice', async (_, find) => {
    const who = somebody(installation)
    const details = await reachDetails(who, { service: 'beratung-telefon' })
    const consent = await who.send(details, { ...erika, 'f.phone': '030 23125 777' })
    const check = await who.send(consent, agreed)
    const vormerkung = await find()
    const before = await stored(installation.admin)
    for (const [page, changes] of [
      [details, { ...erika, 'f.phone': '030 23125 777', vormerkung }],
      [consent, { kenntnis: 'yes', einwilligung: 'yes', vormerkung }],
      [check, { vormerkung }],
    ] as const) {
      const told = await who.send(page, changes)
      expect(told.status).toBe(409)
      expect(told.text).toContain(de('appointments.times.taken'))
      expect(fieldsOn(told)).toMatchObject({ ...erika, 'f.phone': '030 23125 777', leistung: 'beratung-telefon' })
    }
    await unchanged(before)
  })

  test('is no end: with another time the booking succeeds', async () => {
    const who = somebody(installation)
    const details = await reachDetails(who)
    installation.time.move('PT2H16M')
    await installation.sweep()
    const told = await who.send(details, erika)
    expect(told.status).toBe(409)
    expect(isBooked(await goOn(who, told, { beginn: who.starts(told)[3] ?? '' }))).toBe(true)
  })
})

describe('choosing another time', () => {
  const name = { 'f.name': 'Erika Markerfrau' }
  const cellsHeld = async () => {
    const now = installation.deps.clock().toString()
    const { rows } = await installation.admin.query(
      "select count(*)::int n from cell where free_from > $1 and free_from < 'infinity'",
      [now],
    )
    return rows[0].n as number
  }

  test('gives up the one held before, and offers it again to the person who had it', async () => {
    const who = somebody(installation)
    const details = await reachDetails(who)
    const before = await cellsHeld()
    let page = await who.send(details, name, '/termin/zeit')
    const starts = who.starts(page)
    page = await who.send(page, { beginn: starts.at(-1) ?? '' }, 'vormerken')
    expect([page.status, await cellsHeld()]).toEqual([200, before])
    page = await who.send(page, name, '/termin/zeit')
    expect(who.starts(page)).toEqual(starts)
    page = await who.send(page, { beginn: starts.at(-1) ?? '' }, 'vormerken')
    expect(isBooked(await goOn(who, page, erika))).toBe(true)
  })

  test('as often as somebody likes is no reason to stop them', async () => {
    const who = somebody(installation)
    let page = await reachDetails(who)
    for (let change = 0; change < 40; change++) {
      const times = await who.send(page, name, '/termin/zeit')
      page = await who.send(times, { beginn: who.starts(times)[change % 5] ?? '' }, 'vormerken')
      expect(page.status, `change ${change}`).toBe(200)
    }
  })

  test('with the hold of a booked appointment leaves that appointment alone', async () => {
    const who = somebody(installation)
    const check = await reachCheck(who)
    const booked = await who.send(check)
    const before = await stored(installation.admin)
    const times = await openTimes(who)
    const held = await who.send(times, { vormerkung: holdOf(check), beginn: who.starts(times)[2] ?? '' }, 'vormerken')
    expect(held.status).toBe(200)
    expect(await stored(installation.admin)).toMatchObject({ booked: before.booked, bookedCells: before.bookedCells })
    expect((await who.open(booked.url)).status).toBe(200)
  })
})

describe('sending twice', () => {
  test('the booking leads to the same page, and there is one booking and one mail', async () => {
    const who = somebody(installation)
    const check = await reachCheck(who, { fields: { 'f.email': 'twice@example.org' } })
    const before = await stored(installation.admin)
    const [first, second] = [await who.send(check), await who.send(check)]
    expect([second.url, second.status]).toEqual([first.url, 200])
    expect(await stored(installation.admin)).toMatchObject({
      booked: before.booked + 1,
      records: before.records + 1,
      consents: before.consents + 1,
      mails: before.mails + 1,
    })
  })

  test('the booking after it was cancelled books nothing, and says so with what was typed', async () => {
    const who = somebody(installation)
    const check = await reachCheck(who, { language: 'en' })
    const booked = await who.send(check)
    await who.send(await who.open(`${booked.url.split('?')[0]}/absagen`))
    const before = await stored(installation.admin)
    const again = await who.send(check)
    expect([again.status, again.title]).toEqual([409, expect.stringContaining(en('appointments.times.title'))])
    expect(again.text).toContain(en('appointments.times.cancelled'))
    expect(fieldsOn(again)).toMatchObject(erika)
    await unchanged(before)
  })

  test('the booking with another’s manage link as its key does not open theirs', async () => {
    const who = somebody(installation)
    const check = await reachCheck(who)
    await who.send(check)
    const again = await somebody(installation).send(check, { schluessel: 'A'.repeat(22) })
    expect(again.status).toBe(409)
    expect(isBooked(again)).toBe(false)
  })

  test('a key of one booking makes no second one: each appointment has a link of its own', async () => {
    const who = somebody(installation)
    const first = await reachCheck(who)
    const booked = await who.send(first)
    const second = await reachCheck(who, { fields: { 'f.name': 'Ihre Tochter' } })
    const { schluessel = '' } = fieldsOn(first)
    const again = await who.send(second, { schluessel })
    expect([isBooked(again), again.title]).toEqual([false, expect.stringContaining(de('appointments.check.title'))])
    const other = await who.send(again)
    expect([isBooked(other), tokenOf(other) === tokenOf(booked)]).toEqual([true, false])
  })
})
