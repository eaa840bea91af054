import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { features } from '#apps/features.ts'
import { listDelays } from '#apps/readiness.ts'
import { openDb } from '#platform/db/db.ts'
import type { RunningTenant } from '#register/register.ts'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { fieldsOn, property, reachCheck, somebody, start, tokenOf, type Way } from '../booking.fixture.ts'
import { countPastDays } from './counts.ts'
import { bookedIn } from './figures.ts'

/* What is left of an appointment: a number, or nothing. */

const slug = 'musterstadt'
const begins = '2026-11-25T08:00:00Z' // 9 o'clock in Germany
const later = '2026-11-26T09:30:00Z'
const day = { evening: '2026-11-26T22:59:59Z', over: '2026-11-26T23:00:00Z' } // of the later one, in Germany

let installation: Installation
let running: RunningTenant
beforeAll(async () => {
  installation = await startInstallation({ start, withoutWorker: true })
  running = installation.deps.register.running.get(slug) as RunningTenant
})
afterAll(() => installation.close())
beforeEach(async () => {
  installation.time.set(start)
  await installation.sweep()
})
afterEach(() =>
  installation.wipe(`update cell set free_from = '-infinity', appointment_id = null where appointment_id is not null; delete from appointment; delete from visit_count;
    delete from vault.record`),
)

const query = async (text: string, values?: unknown[]) => (await installation.admin.query(text, values)).rows
const rows = async (table = 'appointment') => (await query(`select count(*)::int n from ${table}`))[0].n as number
/** What is counted, in words: `2026-11-01 9 beratung-vor-ort past 1`, for a visit at nine in November. */
const counted = async (): Promise<string[]> =>
  (
    await query(`select concat_ws(' ', day, hour, array_to_string(service_ids, ','), outcome, visits) line
      from visit_count order by 1`)
  ).map(({ line }) => line)

const aBooking = async (way: Way = {}) => {
  const who = somebody(installation)
  const booked = await who.send(await reachCheck(who, { slug, start: begins, ...way }))
  expect(booked.status).toBe(200)
  return { who, booked, manage: booked.url.split('?')[0] ?? '', token: tokenOf(booked) }
}
const moved = async () => {
  const made = await aBooking()
  const times = await made.who.open(`${made.manage}/verschieben`)
  await made.who.send(times, { beginn: later }, 'verschieben')
  return made
}
const at = async (instant: string) => {
  installation.time.set(instant)
  await installation.sweep()
}

describe('when its day is over', () => {
  test('a visit is a number, and its row is gone; a second before, it is there', async () => {
    await moved()
    await at(day.evening)
    expect([await rows(), await counted()]).toEqual([1, []])
    await at(day.over)
    expect([await rows(), await counted()]).toEqual([0, ['2026-11-01 10 beratung-vor-ort past 1']])
    expect(await query('select from cell where appointment_id is not null')).toEqual([])
    await installation.sweep()
    expect(await counted()).toEqual(['2026-11-01 10 beratung-vor-ort past 1'])
  })

  test('its person still sees it, with receipt and calendar entry as they were', async () => {
    const { who, manage } = await moved()
    const look = async () => {
      const jws = fieldsOn(await who.open(`${manage}/beleg`)).beleg ?? ''
      const { issuedAt, ...says } = JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString())
      const calendar = (await who.open(`${manage}/termin.ics`)).html
      const entry = ['UID', 'SEQUENCE', 'DTSTART', 'DTEND', 'STATUS', 'LOCATION'].map((name) =>
        property(calendar, name),
      )
      return { says, entry, page: (await who.open(manage)).text.replace(/Diese Daten wurden.*/, '') }
    }
    await query('delete from mail_delivery') // its mails arrived, and no page has anything to say of them
    await at(day.evening)
    const before = await look()
    expect(before.says).toMatchObject({ act: 'moved', movedFrom: '2026-11-25T09:00:00+01:00' })
    expect(before.entry[1]).toBe('1')
    await at(day.over)
    expect(await rows()).toBe(0)
    expect(await look()).toEqual(before)
    for (const path of ['/verschieben', '/absagen']) expect((await who.open(manage + path)).status).toBe(409)
    expect((await who.open(`${manage}/daten`)).text).toContain('25. November 2026')
  })

  test('it can still be withdrawn, once however often it is asked at once; the number is nobody’s and stays', async () => {
    const { who, manage } = await moved()
    await at(day.over)
    const before = await counted()
    const form = await who.open(`${manage}/widerrufen`)
    const pages = await Promise.all([1, 2, 3].map(() => who.send(form)))
    expect(pages.map(({ status }) => status).toSorted()).toEqual([200, 410, 410])
    expect([await rows(`vault.record where activity = 'appointments.booking'`), await counted()]).toEqual([0, before])
  })

  test('the numbers of its month go together, two years after the month', async () => {
    await moved()
    await at(day.over)
    await at('2028-11-30T22:59:59Z')
    expect(await rows('visit_count')).toBe(1)
    await at('2028-11-30T23:00:00Z')
    expect(await rows('visit_count')).toBe(0)
  })

  test('two workers count each visit once', async () => {
    for (let visit = 0; visit < 4; visit++) await aBooking({ start: begins })
    // A thousand at a time: more than one portion, so that the two meet in the middle of it.
    await query(
      `insert into appointment (tenant_id, id, site_id, desk_id, service_ids, status, starts_at, ends_at, cells)
       select tenant_id, gen_random_uuid(), site_id, n, service_ids, 'past', starts_at, ends_at, cells
       from appointment, generate_series(10, 1009) n`,
    )
    installation.time.set(day.over)
    await query(
      `begin; update appointment set status = 'past'; delete from cell where appointment_id is not null; commit`,
    )
    const other = openDb(installation.database.connection)
    try {
      const scene = { deps: installation.deps, running, now: installation.deps.clock() }
      await Promise.all([
        countPastDays(scene),
        countPastDays({ ...scene, deps: { ...installation.deps, db: other } }),
        countPastDays(scene),
      ])
    } finally {
      await other.close()
    }
    await installation.sweep()
    expect([await rows(), await counted()]).toEqual([0, ['2026-11-01 9 beratung-vor-ort past 4004']])
  })
})

describe('an appointment that does not take place', () => {
  test('is counted as cancelled, by nothing but its month and hour, when its person cancels', async () => {
    const { who, manage } = await aBooking()
    await who.send(await who.open(`${manage}/absagen`))
    expect([await rows(), await counted()]).toEqual([0, ['2026-11-01 9 beratung-vor-ort cancelled 1']])
    await at(day.over)
    expect(await counted()).toEqual(['2026-11-01 9 beratung-vor-ort cancelled 1'])
  })

  test.each([
    ['beforehand', start],
    ['while it takes place', '2026-11-25T08:05:00Z'],
    ['in the evening of its day', '2026-11-25T20:00:00Z'],
  ])('is no number at all when it is withdrawn %s, and no row', async (_, when) => {
    const { who, manage } = await aBooking()
    await at(when)
    await who.send(await who.open(`${manage}/widerrufen`))
    expect([await rows(), await query('select from cell where appointment_id is not null')]).toEqual([0, []])
    await at(day.over)
    expect(await counted()).toEqual([])
    if (when === start) expect((await aBooking()).booked.url).toContain('/verwalten/') // its time can be had again
  })

  test('leaves nothing of what waited for it or was offered to it', async () => {
    const { who, manage } = await aBooking({ start: later, fields: { 'f.email': 'warten@example.org' } })
    const first = await aBooking()
    await who.send(await who.open(manage), {}, 'frueher')
    expect(await rows('wish')).toBe(1)
    await first.who.send(await first.who.open(`${first.manage}/absagen`))
    expect(await rows('offer')).toBe(1)
    await who.send(await who.open(`${manage}/widerrufen`))
    expect([await rows(), await rows('wish'), await rows('offer')]).toEqual([0, 0, 0])
  })

  test('cannot be booked again by the same form, and the page says why that may be', async () => {
    const who = somebody(installation)
    const check = await reachCheck(who, { slug, start: begins })
    const manage = (await who.send(check)).url.split('?')[0] ?? ''
    await who.send(await who.open(`${manage}/absagen`))
    const again = await who.send(check)
    expect([again.status, again.text]).toEqual([409, expect.stringContaining('Termin schon abgesagt')])
  })
})

describe('what an earlier version left', () => {
  const anOldRow = (tenant: string, status: string, starts: string) =>
    query(
      `insert into appointment (tenant_id, id, site_id, desk_id, service_ids, status, starts_at, ends_at, cells)
       values ($1, gen_random_uuid(), 'altes-rathaus', 1, '{altes-anliegen}', $2, $3, $3::timestamptz + interval '1 hour', 6)`,
      [tenant, status, starts],
    )

  test('is counted where it took place, and deleted where nobody knows whether it was withdrawn', async () => {
    await anOldRow(running.tenant.id, 'past', '2026-11-01T08:00:00Z')
    await anOldRow(running.tenant.id, 'past', '2026-11-01T08:30:00Z')
    await anOldRow(running.tenant.id, 'cancelled', '2026-11-02T08:00:00Z')
    await anOldRow(running.tenant.id, 'cancelled', '2026-12-24T08:00:00Z')
    expect((await listDelays(installation.deps, features)).map(({ what }) => what)).toContain(
      'appointments of past days',
    )
    await installation.sweep()
    expect([await rows(), await counted()]).toEqual([0, ['2026-11-01 9 altes-anliegen past 2']])
    expect(await listDelays(installation.deps, features)).toEqual([])
  })

  test('goes uncounted of a tenant that does not run, whose days nobody knows', async () => {
    const stopped = crypto.randomUUID()
    await query('insert into app.known_tenant values ($1)', [stopped])
    await query(`insert into vault.tenant_key values ($1, '', '2026-01-01')`, [stopped])
    await anOldRow(stopped, 'past', '2026-11-01T08:00:00Z')
    await anOldRow(stopped, 'cancelled', '2026-11-01T08:00:00Z')
    await installation.sweep()
    expect([await rows(), await counted()]).toEqual([0, []])
  })
})

describe('figures of booked appointments', () => {
  const asked = (month: string) =>
    installation.deps.db.inTenant(running.tenant.id, (tx) =>
      bookedIn(tx, running, Temporal.PlainYearMonth.from(month), installation.deps.clock()),
    )
  /** So many visits of a month that were counted. */
  const visits = (month: string, site: string, services: string, outcome: string, count: number) =>
    query(`insert into visit_count values ($1, $2, 9, $3, string_to_array($4, ','), $5, $6, '2028-12-01')`, [
      running.tenant.id,
      `${month}-01`,
      site,
      services,
      outcome,
      count,
    ])

  test('are those of a whole month by site and service, whatever became of them, without small ones', async () => {
    await visits('2026-10', 'rathausplatz', 'beratung-vor-ort', 'past', 7)
    await visits('2026-11', 'rathausplatz', 'beratung-vor-ort', 'past', 30)
    await visits('2026-11', 'rathausplatz', 'beratung-vor-ort', 'cancelled', 8)
    await visits('2026-11', 'rathausplatz', 'unterlagen', 'past', 4)
    await visits('2026-11', 'rathausplatz', 'altes-anliegen', 'past', 20)
    await visits('2026-11', 'bahnhof', 'unterlagen', 'past', 9)
    installation.time.set('2026-12-05T08:00:00Z')
    const { booked } = (await asked('2026-11')) as Extract<Awaited<ReturnType<typeof asked>>, { kind: 'known' }>
    expect([booked.count, booked.parts.map(({ key, count }) => [key, count])]).toEqual([
      71,
      [
        ['rathausplatz', 62],
        ['bahnhof', 9],
      ],
    ])
    const services = booked.parts[0]?.parts.map(({ key, count }) => [key, count]) ?? []
    expect(Object.fromEntries(services)).toMatchObject({
      'beratung-vor-ort': null, // with the small one, so that their sum does not tell it
      unterlagen: null,
      'altes-anliegen': 20,
      'beratung-telefon': 0,
    })
  })

  test('are given when the month is over and all of it is counted', async () => {
    await moved()
    installation.time.set('2026-11-30T22:59:59Z')
    expect(await asked('2026-11')).toEqual({ kind: 'not-over' })
    installation.time.set('2026-11-30T23:00:00Z')
    expect(await asked('2026-11')).toEqual({ kind: 'counting' })
    await installation.sweep()
    expect(await asked('2026-11')).toMatchObject({ kind: 'known', booked: { count: null } })
    installation.time.set('2028-11-30T23:00:00Z')
    expect(await asked('2026-11')).toEqual({ kind: 'gone' })
  })
})
