import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { erika, type Seen } from '#test/helpers/person.ts'
import { faults, goOn, isBooked, noFaults, reachDetails, somebody, tokenOf, wordsIn } from '../booking.fixture.ts'

/* Several services in one visit, several sites. */

const secondSite = `  - id: bahnhof
    name: { de: Jobcenter am Bahnhof, en: Jobcenter at the station, ar: نص }
    street: Bahnhofstraße 9
    postalCode: '12345'
    city: Musterstadt
    openingHours:
      - { days: [mon, tue, wed, thu, fri], from: '09:00', to: '11:00' }
    desks: { public: 1, internal: 0 }
`
const services = `services:
  - id: antrag
    title: { de: Antrag abgeben, en: Handing in an application, ar: نص }
    description: { de: Sie geben den Antrag ab., en: You hand it in., ar: نص }
    channel: inPerson
    sites: [rathausplatz]
    minutes: 20
    everyMinutes: 20
`
/** Two sites and three services, up to two of them in a visit. */
const edit = (text: string) =>
  text
    .replace(
      /^sites:\n[\s\S]*?(?=^services:)/m,
      (sites) => `${sites.split('  - id: ').slice(0, 2).join('  - id: ').trimEnd()}\n${secondSite}\n`,
    )
    .replaceAll('    sites: [rathausplatz]\n', '')
    .replace(/^ {2}- id: unterlagen\n(?: {4}.*\n)+/m, '')
    .replace('services:\n', services)

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ edit: { 'musterstadt/tenant.yaml': edit } })
})
afterAll(() => installation.close())

const de = wordsIn('de')
const timesOf = (query: string) => somebody(installation).open(`/musterstadt/termin/zeit?${query}`)
const both = 'leistung=antrag&leistung=beratung-vor-ort'

describe('the first page', () => {
  test('asks for matters and a place, and keeps what the address names', async () => {
    const page = await somebody(installation).open('/musterstadt/termin?leistung=antrag&ort=bahnhof')
    expect(page.all('[type=checkbox]')).toHaveLength(3)
    for (const value of ['antrag', 'bahnhof']) expect(page.find(`[value=${value}]`).is('[checked]')).toBe(true)
    expect(page.text).toContain(de('appointments.services.onlyAt', { sites: 'Jobcenter am Rathausplatz' }))
  })

  test.each([
    ['nothing', 'ort=bahnhof', 'missing'],
    ['no place', 'leistung=beratung-vor-ort', 'siteMissing'],
    ['a place where it is not', 'leistung=antrag&ort=bahnhof', 'notAtSite'],
    ['in person and by phone', 'leistung=antrag&leistung=beratung-telefon&ort=rathausplatz', 'mixed'],
    ['everything there is', 'leistung=antrag,beratung-vor-ort,beratung-telefon&ort=rathausplatz', 'tooMany'],
  ] as const)('says what to do with %s, and keeps the choice', async (_, query, problem) => {
    const page = await timesOf(query)
    expect(page.status).toBe(422)
    expect(page.text).toContain(de(`appointments.services.${problem}`, { count: 2 }))
    for (const id of query.match(/(?<=leistung=)\w[\w-]+/g) ?? []) expect(page.html).toContain(`value="${id}" checked`)
  })

  test('leaves out the place where only one offers it', async () => {
    expect((await timesOf('leistung=antrag')).status).toBe(200)
  })
})

test('two matters in one visit take up their minutes one after the other, at one desk, and stand in everything', async () => {
  const who = somebody(installation)
  const times = await who.open(`/musterstadt/termin/zeit?${both}`)
  expect(times.text).toContain('Antrag abgeben und Beratung vor Ort')
  expect(times.text).toContain('50 Minuten')
  const details = await who.send(times, { beginn: who.starts(times)[0] ?? '' })
  const booked = await goOn(who, details, erika)
  expect(isBooked(booked)).toBe(true)
  expect(booked.text).toContain('Antrag abgeben und Beratung vor Ort')
  const { rows } = await installation.admin.query(
    `select service_ids, cells, ends_at - starts_at = interval '50 minutes' as long,
      (select count(distinct desk_id)::int from cell where appointment_id = a.id) as desks,
      (select count(*)::int from cell where appointment_id = a.id) as taken
     from appointment a where status = 'booked' order by starts_at desc limit 1`,
  )
  expect(rows).toEqual([{ service_ids: ['antrag', 'beratung-vor-ort'], cells: 5, long: true, desks: 1, taken: 5 }])
  const stored = await who.open(`/musterstadt/termin/verwalten/${tokenOf(booked)}/daten`)
  expect(stored.text).toContain('Antrag abgeben und Beratung vor Ort')
  const moving = await who.open(`/musterstadt/termin/verwalten/${tokenOf(booked)}/verschieben`)
  expect(moving.text).toContain('50 Minuten')
  expect(await faults(installation.admin)).toEqual(noFaults)
})

test('a visit whose second half somebody takes is not held, and nothing of it stays behind', async () => {
  const one = await reachDetails(somebody(installation), { slug: 'musterstadt', service: 'antrag' })
  expect(one.status).toBe(200)
  const who = somebody(installation)
  const times = await who.open(`/musterstadt/termin/zeit?leistung=antrag,beratung-vor-ort&ab=2026-11-26`)
  const start = who.starts(times)[0] ?? ''
  // All four desks are taken twenty minutes after that start.
  const second = Temporal.Instant.from(start).add({ minutes: 20 }).toString()
  for (let desk = 0; desk < 4; desk++) {
    const held = await reachDetails(somebody(installation), { slug: 'musterstadt', service: 'antrag', start: second })
    expect(held.status).toBe(200)
  }
  const refused = await who.send(times, { beginn: start })
  expect(refused.status).toBe(409)
  expect(refused.text).toContain(de('appointments.times.taken'))
  const { rows } = await installation.admin.query("select from appointment where status = 'held' and starts_at = $1", [
    start,
  ])
  expect(rows).toEqual([])
})

describe('two sites', () => {
  const at = (site: string): Promise<Seen> => timesOf(`leistung=beratung-vor-ort&ort=${site}`)

  test('have hours of their own', async () => {
    const clock = (page: Seen) =>
      somebody(installation)
        .starts(page)
        .map((start) => Temporal.Instant.from(start).toZonedDateTimeISO('Europe/Berlin').hour)
    expect(new Set(clock(await at('bahnhof')))).toEqual(new Set([9, 10]))
    expect(clock(await at('rathausplatz'))).toContain(8)
  })

  test('do not take each other’s desks', async () => {
    const start = '2026-12-03T08:00:00Z' // nine o'clock
    const hold = (site: string) => {
      const who = somebody(installation)
      return who
        .open(`/musterstadt/termin/zeit?leistung=beratung-vor-ort&ort=${site}&ab=2026-12-03`)
        .then((times) => who.send(times, { beginn: start }))
    }
    expect((await hold('bahnhof')).status).toBe(200)
    expect((await hold('bahnhof')).status).toBe(409)
    const there = await hold('rathausplatz')
    expect(there.status).toBe(200)
    expect(there.text).toContain('Jobcenter am Rathausplatz, Musterstraße 1')
  })

  test('a booking at one of them says which, also when it is moved', async () => {
    const who = somebody(installation)
    const times = await who.open('/musterstadt/termin/zeit?leistung=beratung-vor-ort&ort=bahnhof&ab=2026-12-07')
    const booked = await goOn(who, await who.send(times, { beginn: who.starts(times)[0] ?? '' }), erika)
    expect(booked.text).toContain('Jobcenter am Bahnhof, Bahnhofstraße 9')
    const moving = await who.open(`/musterstadt/termin/verwalten/${tokenOf(booked)}/verschieben?ab=2026-12-08`)
    const moved = await who.send(moving, { beginn: who.starts(moving)[0] ?? '' })
    expect(moved.text).toContain('Jobcenter am Bahnhof, Bahnhofstraße 9')
    expect(moved.text).toContain('8. Dezember 2026, 09:00')
  })
})
