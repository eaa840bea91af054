import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { callerOf } from '#platform/http/caller.ts'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { erika, type Person, person, type Seen } from '#test/helpers/person.ts'
import { bookableTenant } from '#test/helpers/tenants.ts'
import { bookOne, erikaFields, holdOne, program } from '../api.fixture.ts'
import {
  goOn,
  holdOf,
  isBooked,
  openTimes,
  reachCheck,
  reachDetails,
  start,
  tokenOf,
  wordsIn,
} from '../booking.fixture.ts'
import { allowanceOf, cellsOfShare } from './places.ts'

/* What one connection may take of the free times, at two servers on one database. */

const limits = { holds: 5, bookings: 6, bookingsWithoutEmail: 3, shareOfDay: 100 }

let installation: Installation
let second: Installation
beforeAll(async () => {
  installation = await startInstallation({ start, withoutWorker: true, callerLimits: limits })
  second = await startInstallation({
    start,
    withoutWorker: true,
    callerLimits: limits,
    database: installation.database,
    config: { keyFile: installation.config.keyFile },
  })
})
afterAll(async () => {
  await second.close()
  await installation.close()
})
const setTime = (at: string) => {
  for (const each of [installation, second]) each.time.set(at)
}
beforeEach(async () => {
  setTime(start)
  headers['x-forwarded-for'] = `198.51.100.${++connections}` // requests are limited by the minute, too
  await installation.admin.query(`update cell set free_from = '-infinity', appointment_id = null
    where appointment_id is not null; delete from appointment; delete from vault.record; delete from app.limit_place`)
})

const de = wordsIn('de')
let connections = 0
const headers = { 'x-forwarded-for': '' }
/** The same connection at both servers. */
const at = (server: Installation): Person => person(server, headers)
const count = async (what: string, values: unknown[] = []): Promise<number> =>
  (await installation.admin.query(`select count(*)::int n from ${what}`, values)).rows[0].n
const liveHolds = () =>
  count(`(select distinct appointment_id from cell where free_from > $1 and free_from < 'infinity') live`, [
    installation.time.clock().toString(),
  ])
const more = (who: Person, page: Seen) => who.send(page, { schritt: 'angaben' }, 'verlaengern')
/** Holds the n-th of the times that are offered. */
const hold = async (who: Person, n = 0): Promise<Seen> => {
  const times = await openTimes(who)
  const starts = who.starts(times)
  return who.send(times, { beginn: starts[n % starts.length] ?? '' }, 'vormerken')
}
const statuses = (pages: readonly Seen[]) => pages.map(({ status }) => status)
const book = async (who: Person, email: string) => {
  const details = await reachDetails(who)
  return goOn(who, details, erikaWith(email))
}
const erikaWith = (email: string) => ({ ...erika, 'f.email': email })

describe('holds of one connection', () => {
  test('are so many, at whichever server', async () => {
    const pages: Seen[] = []
    for (let i = 0; i < 6; i++) pages.push(await hold(at(i % 2 ? second : installation), i))
    expect(statuses(pages)).toEqual([200, 200, 200, 200, 200, 429])
    expect(pages.at(-1)?.text).toContain(de('appointments.times.tooMany'))
    expect((await hold(person(installation), 7)).status).toBe(200)
  })

  test('are no more when many are asked for at the same moment at both', async () => {
    const pages = await Promise.all(Array.from({ length: 16 }, (_, i) => hold(at(i % 2 ? second : installation), i)))
    expect(pages.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(5)
    expect(pages.some(({ status }) => status === 429)).toBe(true)
    expect(await liveHolds()).toBeLessThanOrEqual(5)
  })

  test('that ran out do not come alive again beyond the limit', async () => {
    const who = at(installation)
    const old: Seen[] = []
    for (let i = 0; i < 5; i++) old.push(await hold(who, i))
    setTime('2026-11-23T08:16:00Z')
    for (let i = 5; i < 9; i++) expect((await hold(who, i)).status).toBe(200)
    const again: Seen[] = []
    for (const page of old) again.push(await more(who, page))
    expect(statuses(again)).toEqual([200, 429, 429, 429, 429])
    expect(again[1]?.text).toContain(de('appointments.times.tooMany'))
    expect(await liveHolds()).toBe(5)
  })

  test('keep their place when they are made longer, from wherever, and give it back once', async () => {
    const who = at(installation)
    const held: Seen[] = []
    for (let i = 0; i < 5; i++) held.push(await hold(who, i))
    setTime('2026-11-23T08:10:00Z')
    for (const page of held) expect((await more(person(second), page)).status).toBe(200)
    setTime('2026-11-23T08:24:00Z')
    expect((await hold(who, 6)).status).toBe(429)
    setTime('2026-11-23T08:25:00Z')
    expect((await hold(who, 6)).status).toBe(200)
  })

  test('of pages and of programs count together, and a hold that is released is free for another', async () => {
    const who = at(installation)
    for (let i = 0; i < 4; i++) await hold(who, i + 2)
    const machine = await program(second, 'segeberg', headers['x-forwarded-for'])
    const mine = await holdOne(machine)
    expect(mine.id).toBeDefined()
    expect((await hold(who, 9)).status).toBe(429)
    for (let i = 0; i < 2; i++) await machine.delete(`/holds/${mine.id}`, { bearer: mine.key })
    expect(statuses([await hold(who, 9), await hold(who, 10)])).toEqual([200, 429])
  })

  test('are no more for somebody who takes another time instead of the one they hold', async () => {
    const who = at(installation)
    const held: Seen[] = []
    for (let i = 0; i < 5; i++) held.push(await hold(who, i))
    const times = await openTimes(who)
    const free = who.starts(times).at(-1) ?? ''
    const instead = await who.send(times, { beginn: free, vormerkung: holdOf(held[0] as Seen) }, 'vormerken')
    expect([instead.status, await liveHolds()]).toEqual([200, 5])
    expect((await hold(who, 7)).status).toBe(429)
  })

  test('are free for others once they are booked', async () => {
    const who = at(installation)
    const pages: Seen[] = []
    for (let i = 0; i < 5; i++) pages.push(await hold(who, i))
    expect(isBooked(await goOn(who, pages[0] as Seen, erikaWith('a@example.org')))).toBe(true)
    expect((await hold(who, 8)).status).toBe(200)
  })
})

test('ten presses within a minute are one extension', async () => {
  const who = at(installation)
  const page = await hold(who)
  setTime('2026-11-23T08:05:00Z')
  for (let i = 0; i < 10; i++) expect((await more(who, page)).status).toBe(200)
  const { rows } = await installation.admin.query('select extended from appointment where id = $1', [holdOf(page)])
  expect(rows).toEqual([{ extended: 1 }])
})

describe('bookings of one connection', () => {
  test('without an address are so few, and the field says what helps; nothing typed is lost', async () => {
    const who = at(installation)
    for (let i = 0; i < 3; i++) expect(isBooked(await book(at(i % 2 ? second : installation), ''))).toBe(true)
    const refused = await book(who, '')
    expect(refused.status).toBe(422)
    expect(refused.text).toContain(
      de('appointments.details.callerLimit', { label: 'E-Mail-Adresse', phone: '030 23125 001' }),
    )
    expect(refused.html).toContain('Erika Markerfrau')
    expect(isBooked(await goOn(who, refused, { 'f.email': 'here@example.org' }))).toBe(true)
  })

  test('are so many in a day, whatever addresses are typed; the next day there is room again', async () => {
    const who = at(installation)
    for (let i = 0; i < 6; i++) expect(isBooked(await book(who, `lim+${i}@example.org`)), `booking ${i}`).toBe(true)
    const refused = await book(who, 'lim+6@example.org')
    expect(refused.status).toBe(429)
    expect(refused.text).toContain(de('appointments.times.tooManyBooked'))
    expect(isBooked(await book(person(installation), 'other@example.org'))).toBe(true)
    setTime('2026-11-23T22:59:59Z')
    expect((await book(who, 'lim+7@example.org')).status).toBe(429)
    setTime('2026-11-23T23:00:00Z')
    expect(isBooked(await book(who, 'lim+8@example.org'))).toBe(true)
  })

  test('are refused to programs in the same way, with when to come back', async () => {
    const who = at(installation)
    for (let i = 0; i < 3; i++) await book(who, '')
    const machine = await program(installation, 'segeberg', headers['x-forwarded-for'])
    const { email: _, ...without } = erikaFields
    const refused = await bookOne(machine, without)
    expect([refused.booked.status, refused.booked.body.errors]).toEqual([
      422,
      [expect.objectContaining({ pointer: '#/fields/email', code: 'callerLimit' })],
    ])
    for (let i = 0; i < 3; i++) await book(who, `p${i}@example.org`)
    const full = await bookOne(machine, { ...erikaFields, email: 'p9@example.org' })
    expect([full.booked.problem, full.booked.headers['retry-after']]).toEqual(['too-many', String(15 * 3600)])
  })

  test('count though they are cancelled: mails went out for them', async () => {
    const who = at(installation)
    for (let i = 0; i < 6; i++) {
      const booked = await book(who, `c${i}@example.org`)
      await who.send(await who.open(`/segeberg/termin/verwalten/${tokenOf(booked)}/absagen`))
    }
    expect((await book(who, 'c6@example.org')).status).toBe(429)
  })

  test('sent twice count once', async () => {
    const who = at(installation)
    const page = await reachCheck(who)
    for (let i = 0; i < 2; i++) expect(isBooked(await who.send(page))).toBe(true)
    // One of the booking, one that it was made for this person.
    expect(await count('app.limit_place')).toBe(2)
  })
})

const manageOf = (page: Seen | undefined) => page?.url.split('?')[0] ?? ''

/** Musterstadt, where one connection may take three visits of a day, and no more. */
const withThreeVisitsADay = async () => {
  const own = await startInstallation({
    start,
    withoutWorker: true,
    callerLimits: { holds: 30, bookings: 20, bookingsWithoutEmail: 20, shareOfDay: 1 },
  })
  const who = person(own, headers)
  const ofDay = (page: Seen, day: string) => who.starts(page).filter((each) => each.startsWith(day))
  return {
    installation: own,
    who,
    /** Books the n-th free time of a day, as far as there is room. */
    book: async (nth: number, day = '2026-11-30'): Promise<Seen> => {
      const times = await openTimes(who, { slug: 'musterstadt', start: `${day}T07:00:00Z` })
      const held = await who.send(times, { beginn: ofDay(times, day)[nth] ?? '' }, 'vormerken')
      return held.status === 429 ? held : goOn(who, held, erikaWith(''))
    },
    /** Moves an appointment to the n-th free time of a day. */
    moveTo: async (by: Person, page: Seen | undefined, day: string, nth: number): Promise<Seen> => {
      const times = await by.open(`${manageOf(page)}/verschieben?ab=${day}`)
      return by.send(times, { beginn: ofDay(times, day).at(nth) ?? '' }, 'verschieben')
    },
    [Symbol.asyncDispose]: () => own.close(),
  }
}

describe('the share of a day', () => {
  test('is a quarter of its times, and three visits where that is less', () => {
    const tenant = bookableTenant('musterstadt', installation.deps.register)
    const share = (day: string, cells: number) =>
      cellsOfShare(tenant, Temporal.PlainDate.from(day), { siteId: 'rathausplatz', cells, percent: 25 })
    // Four desks from 8 to 12:30, 27 cells each; on Thursday 24 more each.
    expect([share('2026-11-30', 3), share('2026-12-03', 3), share('2026-12-05', 3)]).toEqual([27, 51, 9])
  })

  test('is all that one connection gets, by holding, booking and moving, as the files declare it', async () => {
    const declared = await startInstallation({ start, withoutWorker: true, callerLimits: 'asDeclared' })
    try {
      const who = person(declared, headers)
      const [offered = ''] = who.starts(await openTimes(who, { slug: 'musterstadt', start: '2026-11-30T07:00:00Z' }))
      expect(offered).toContain('2026-11-30')
      const day = () => openTimes(who, { slug: 'musterstadt', start: '2026-11-30T07:00:00Z' })
      const pages: Seen[] = []
      for (let i = 0; i < 12; i++) {
        const times = await day()
        const ofDay = who.starts(times).filter((each) => each.startsWith('2026-11-30'))
        pages.push(await who.send(times, { beginn: ofDay[i % ofDay.length] ?? '' }, 'vormerken'))
      }
      expect(statuses(pages)).toEqual([...Array(9).fill(200), 429, 429, 429])
      expect(pages.at(-1)?.text).toContain(de('appointments.times.tooManyOfDay'))

      // What was booked elsewhere cannot be moved there either.
      const booked = await goOn(
        who,
        await reachDetails(who, { slug: 'musterstadt', start: '2026-12-02T08:00:00Z' }),
        erikaWith('mover@example.org'),
      )
      expect(isBooked(booked)).toBe(true)
      const manage = `/musterstadt/termin/verwalten/${tokenOf(booked)}/verschieben`
      const move = await who.open(`${manage}?ab=2026-11-30`)
      const ofDay = who.starts(move).filter((each) => each.startsWith('2026-11-30'))
      expect((await who.send(move, { beginn: ofDay[0] ?? '' }, 'verschieben')).status).toBe(429)
      const others = person(declared)
      expect(
        (await others.send(await others.open(`${manage}?ab=2026-11-30`), { beginn: ofDay[0] ?? '' }, 'verschieben'))
          .status,
      ).toBe(200)
    } finally {
      await declared.close()
    }
  })

  test('is free again for what was cancelled or moved away, at whichever server, though bookings count on', async () => {
    await using declared = await withThreeVisitsADay()
    const { who, book, moveTo } = declared
    const booked = [await book(0), await book(1), await book(2)]
    expect(booked.map(isBooked)).toEqual([true, true, true])
    expect((await book(3)).status).toBe(429)
    const other = person(declared.installation)
    await other.send(await other.open(`${manageOf(booked[0])}/absagen`))
    expect([isBooked(await book(3)), (await book(4)).status]).toEqual([true, 429])
    expect((await moveTo(other, booked[1], '2026-12-02', -1)).status).toBe(200)
    expect([isBooked(await book(5)), (await book(6)).status]).toEqual([true, 429])
    expect((await moveTo(who, booked[1], '2026-11-30', 0)).status).toBe(429)
  })

  test('counts what was moved to the day also after another move that came to nothing', async () => {
    await using declared = await withThreeVisitsADay()
    const { who, book, moveTo } = declared
    const booked = [await book(0, '2026-12-01'), await book(0, '2026-12-01'), await book(0, '2026-12-01')]
    for (const [nth, page] of booked.entries()) expect((await moveTo(who, page, '2026-11-30', nth)).status).toBe(200)
    // A time that others take while this person looks at the list.
    const list = await who.open(`${manageOf(booked[0])}/verschieben?ab=2026-11-30`)
    const wanted = who.starts(list)[4] ?? ''
    expect(wanted).toContain('2026-11-30')
    for (let desk = 0; desk < 4; desk++) {
      const other = person(declared.installation, { 'x-forwarded-for': `203.0.113.${desk + 1}` })
      const times = await openTimes(other, { slug: 'musterstadt', start: '2026-11-30T07:00:00Z' })
      await other.send(times, { beginn: wanted }, 'vormerken')
    }
    expect((await who.send(list, { beginn: wanted }, 'verschieben')).status).toBe(409)
    expect((await book(6)).status).toBe(429)
  })

  test('ends a booking at the last click, which is none then: another time is booked without a question', async () => {
    await using declared = await withThreeVisitsADay()
    const { who, book, installation: own } = declared
    const fields = { ...erikaWith('late@example.org'), 'f.name': 'Zu Spät' }
    const late = await reachCheck(who, { slug: 'musterstadt', start: '2026-11-30T07:00:00Z', fields })
    own.time.move('PT16M')
    for (let nth = 1; nth < 4; nth++) expect(isBooked(await book(nth))).toBe(true)
    const times = await who.send(late)
    expect([times.status, times.text]).toEqual([429, expect.stringContaining(de('appointments.times.tooManyOfDay'))])
    const check = await who.send(times, { beginn: who.starts(times)[0] ?? '' }, 'vormerken')
    expect(isBooked(await who.send(check))).toBe(true)
  })

  test('keeps nobody from moving whose own time the authority has closed', async () => {
    await using declared = await withThreeVisitsADay()
    const { who, book, moveTo, installation: own } = declared
    const elsewhere = await book(0, '2026-12-01')
    for (let nth = 0; nth < 3; nth++) expect(isBooked(await book(nth))).toBe(true)
    expect((await moveTo(who, elsewhere, '2026-11-30', 0)).status).toBe(429)
    await own.admin.query(`update appointment set displaced_at = '2026-11-23' where starts_at >= '2026-12-01'`)
    expect((await moveTo(who, elsewhere, '2026-11-30', 0)).status).toBe(200)
  })
})

describe('a declared place', () => {
  const running = () => installation.deps.register.running.get('musterstadt')
  test.each([
    ['203.0.113.200', 60],
    ['::ffff:203.0.113.193', 60],
    ['2001:db8:abc:77::5', 60],
    ['203.0.113.208', 5],
    ['2001:db8:abd::5', 5],
    ['unknown', 5],
  ])('has limits of its own: from %s one may hold %i', (address, holds) => {
    const tenant = running()
    if (!tenant) throw new Error('musterstadt runs')
    expect(allowanceOf({ running: tenant, caller: callerOf(address) }).holds).toBe(holds)
  })

  test('lets more people book in a day than any other connection', async () => {
    const who = person(installation, { 'x-forwarded-for': '203.0.113.200' })
    for (let i = 0; i < 8; i++) {
      const details = await reachDetails(who, { slug: 'musterstadt' })
      expect(isBooked(await goOn(who, details, erikaWith(''))), `booking ${i}`).toBe(true)
    }
  })
})
