import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { erika, type Seen } from '#test/helpers/person.ts'
import {
  faults,
  fieldsOn,
  goOn,
  isBooked,
  noFaults,
  openTimes,
  reachCheck,
  reachDetails,
  somebody,
  start,
  stored,
  visitsAt,
} from '../booking.fixture.ts'

/*
 * Two installations on one database, as two nodes are: what one gives away the other cannot give away again.
 * Segeberg has four desks; Musterstadt one, with visits of forty minutes that begin every twenty.
 */

const clients = 50

let one: Installation
let two: Installation
beforeAll(async () => {
  const edit = {
    'musterstadt/tenant.yaml': (text: string) =>
      text
        .replace('desks: { public: 4, internal: 1 }', 'desks: { public: 1, internal: 1 }')
        .replace('minutes: 30\n    everyMinutes: 30', 'minutes: 40\n    everyMinutes: 20'),
  }
  one = await startInstallation({ edit, withoutWorker: true, start })
  const { keyFile } = one.config
  two = await startInstallation({ edit, withoutWorker: true, start, database: one.database, config: { keyFile } })
})
afterAll(async () => {
  await two.close()
  await one.close()
})
const setClocks = (at: string | Temporal.Instant) => {
  one.time.set(at)
  two.time.set(at)
}
beforeEach(() => setClocks(start))
afterEach(async () => expect(await faults(one.admin)).toEqual(noFaults))

const nodeOf = (i: number) => (i % 2 === 0 ? one : two)
const crowd = (size: number) => Array.from({ length: size }, (_, i) => somebody(nodeOf(i)))
const isHeld = (page: Seen) => page.url.includes('/termin/angaben')
const desksAt = async (at: string) => (await visitsAt(one.admin, at)).map(({ desk }) => desk)

/** Everybody saw the same list, and now they all want the same time at once. */
const allHold = async (people: ReturnType<typeof crowd>, at: string): Promise<Seen[]> => {
  const seen = await openTimes(somebody(one), { start: at })
  return Promise.all(people.map((who) => who.send(seen, { beginn: at }, 'vormerken')))
}

test('of fifty people who want the last desk at once, one gets it and the others are told', async () => {
  const at = '2026-11-25T08:00:00Z'
  for (const who of crowd(3)) expect(isBooked(await who.send(await reachCheck(who, { start: at })))).toBe(true)
  const people = crowd(clients)
  const pages = await allHold(people, at)
  expect(pages.filter(isHeld)).toHaveLength(1)
  expect(pages.filter((page) => page.status === 409)).toHaveLength(clients - 1)
  const winner = pages.findIndex(isHeld)
  const won = people[winner]
  expect(won && isBooked(await goOn(won, pages[winner] as Seen, erika))).toBe(true)
  expect(await desksAt(at)).toEqual([1, 2, 3, 4])
})

test('of fifty people who want one of four desks at once, four get one each', async () => {
  const at = '2026-11-26T08:00:00Z'
  const people = crowd(clients)
  const pages = await allHold(people, at)
  const booked = await Promise.all(
    people.map((who, i) => (isHeld(pages[i] as Seen) ? goOn(who, pages[i] as Seen, erika) : (pages[i] as Seen))),
  )
  expect(booked.filter(isBooked)).toHaveLength(4)
  expect(booked.filter((page) => page.status === 409)).toHaveLength(clients - 4)
  expect(await desksAt(at)).toEqual([1, 2, 3, 4])
})

test('over a day the desks fill evenly', async () => {
  // Each time is free at all four desks, so that nothing but the desks' load decides.
  const clock = ['08:00', '10:30', '09:00', '07:00', '08:30', '07:30', '10:00', '09:30']
  const times = clock.map((time) => `2026-11-30T${time}:00Z`)
  for (const at of times) {
    const [who] = crowd(1)
    if (who) await who.send(await reachCheck(who, { start: at }))
  }
  const desks: number[] = []
  for (const at of times) desks.push(...(await desksAt(at)))
  expect([1, 2, 3, 4].map((desk) => desks.filter((each) => each === desk).length)).toEqual([2, 2, 2, 2])
})

test.each([
  ['while it lasts', 'PT14M59S', false],
  ['in the moment it ends', 'PT15M', false],
  ['within the five seconds that clocks may differ', 'PT15M4S', false],
  ['five seconds after its end', 'PT15M5S', true],
  ['long after', 'PT1H', true],
])('a hold keeps its time %s (%s), then it blocks nobody', async (_, later, free) => {
  const at = `2026-12-01T${{ PT14M59S: '07:00', PT15M: '08:00', PT15M4S: '09:00', PT15M5S: '10:00', PT1H: '07:30' }[later]}:00Z`
  const holders = await allHold(crowd(4), at)
  expect(holders.every(isHeld)).toBe(true)
  const seen = await openTimes(somebody(one), { start: '2026-12-02T08:00:00Z' })
  setClocks(Temporal.Instant.from(start).add(Temporal.Duration.from(later)))
  const late = somebody(two)
  expect(late.starts(await openTimes(late, { start: at })).includes(at)).toBe(free)
  const page = await late.send(seen, { beginn: at }, 'vormerken')
  expect(isHeld(page)).toBe(free)
  expect(page.status).toBe(free ? 200 : 409)
})

test.each(['PT16M', 'PT1H59M'])(
  'a hold that ran out and that nobody took can still be confirmed, %s later',
  async (later) => {
    const who = somebody(one)
    const at = later === 'PT16M' ? '2026-12-02T08:00:00Z' : '2026-12-02T09:00:00Z'
    const check = await reachCheck(who, { start: at })
    setClocks(Temporal.Instant.from(start).add(Temporal.Duration.from(later)))
    await one.sweep()
    expect(isBooked(await who.send(check))).toBe(true)
    expect(await desksAt(at)).toHaveLength(1)
  },
)

test('a hold that was taken over cannot be confirmed; what was typed goes on with another time', async () => {
  const at = '2026-12-03T08:00:00Z'
  const slow = somebody(one)
  const check = await reachCheck(slow, { start: at })
  setClocks(Temporal.Instant.from(start).add({ minutes: 16 }))
  for (const who of crowd(4)) await who.send(await reachCheck(who, { start: at }))
  const before = await stored(one.admin)
  const told = await slow.send(check)
  expect(told.status).toBe(409)
  expect(fieldsOn(told)).toMatchObject(erika)
  expect(await stored(one.admin)).toEqual(before)
  expect(slow.starts(told)).not.toContain(at)
  const booked = await goOn(slow, told, { beginn: slow.starts(told)[0] ?? '' })
  expect(isBooked(booked)).toBe(true)
  expect(await stored(one.admin)).toMatchObject({ booked: before.booked + 1, mails: before.mails + 1 })
})

test('who confirms late and who takes over meet at the same moment: the last desk goes to one of them', async () => {
  for (const time of ['07:00', '08:00', '09:00', '10:00']) {
    const at = `2026-12-04T${time}:00Z`
    setClocks(start)
    for (const who of crowd(3)) await who.send(await reachCheck(who, { start: at }))
    const slow = somebody(one)
    const check = await reachCheck(slow, { start: at })
    setClocks(Temporal.Instant.from(start).add({ minutes: 16 }))
    const people = crowd(6)
    const seen = await openTimes(somebody(one), { start: at })
    const [confirmed, ...held] = await Promise.all([
      slow.send(check),
      ...people.map((who) => who.send(seen, { beginn: at }, 'vormerken')),
    ])
    const winners = [isBooked(confirmed as Seen), ...held.map(isHeld)].filter(Boolean)
    expect(winners).toHaveLength(1)
  }
})

test('the same form sent to two nodes at once books once and mails once', async () => {
  for (const time of ['07:00', '08:00', '09:00']) {
    const who = somebody(one)
    const check = await reachCheck(who, { start: `2026-12-07T${time}:00Z` })
    const before = await stored(one.admin)
    const elsewhere = somebody(two)
    const pages = await Promise.all([who.send(check), elsewhere.send(check), who.send(check)])
    expect(new Set(pages.map((page) => page.url)).size).toBe(1)
    expect(pages.every((page) => page.status === 200 && isBooked(page))).toBe(true)
    const after = await stored(one.admin)
    expect([after.booked, after.mails, after.consents, after.jobs]).toEqual(
      [before.booked, before.mails, before.consents, before.jobs].map((count) => count + 1),
    )
  }
})

test('visits that would overlap at the only desk exclude each other, however they meet', async () => {
  const way = { slug: 'musterstadt', start: '2026-11-25T07:00:00Z' }
  const seen = await openTimes(somebody(one), way)
  const phone = await openTimes(somebody(one), { ...way, service: 'beratung-telefon' })
  const times = ['07:00', '07:20', '07:40', '08:00', '08:20'].map((time) => `2026-11-25T${time}:00Z`)
  const people = crowd(40)
  const pages = await Promise.all(
    people.map(async (who, i) => {
      const list = i % 4 === 3 ? phone : seen
      const page = await who.send(list, { beginn: times[(i * 7) % times.length] ?? '' }, 'vormerken')
      return isHeld(page) ? goOn(who, page, { ...erika, 'f.phone': '030 23125 777' }) : page
    }),
  )
  expect(pages.every((page) => isBooked(page) || page.status === 409)).toBe(true)
  const { rows } = await one.admin.query<{ from: Date; until: Date }>(
    `select starts_at as from, ends_at as until from appointment where status = 'booked' and site_id = 'rathausplatz' order by starts_at`,
  )
  expect(rows.length).toBeGreaterThan(1)
  expect(rows).toHaveLength(pages.filter(isBooked).length)
  expect(rows.every((row, i) => i === 0 || row.from >= (rows[i - 1]?.until ?? row.from))).toBe(true)
})

test('an hour of one long visit is offered again in the pieces that are left', async () => {
  const who = somebody(one)
  const way = { slug: 'musterstadt', start: '2026-11-27T07:40:00Z' }
  await reachDetails(who, way)
  const offered = who.starts(await openTimes(who, { ...way, start: '2026-11-27T07:00:00Z' })).slice(0, 3)
  // From 08:00 in Germany; taken from 08:40 to 09:20.
  expect(offered).toEqual(['2026-11-27T07:00:00Z', '2026-11-27T08:20:00Z', '2026-11-27T08:40:00Z'])
})
