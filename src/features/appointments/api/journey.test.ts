import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { problemType } from '#platform/http/api-problem.ts'
import { verifyReceipt } from '#shared/receipt/jws.ts'
import type { Receipt } from '#shared/receipt/receipt.ts'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { bookAppointment } from '#test/helpers/person.ts'
import { bookableTenant } from '#test/helpers/tenants.ts'
import { agreedTo, answered, bookingOf, bookOne, erikaFields, firstStart, holdOne, program } from '../api.fixture.ts'
import { faults, noFaults, openTimes, reachDetails, somebody, start, stored } from '../booking.fixture.ts'
import { endpoints } from './endpoints.ts'

/* Everything a program can do, each answer held against the description of the API. */

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ start, withoutWorker: true, perContact: 4 })
})
afterAll(() => installation.close())
beforeEach(() => installation.time.set(start))

/** What a receipt of Segeberg says, checked with its published keys. */
const receiptIn = async (jws: string): Promise<Receipt> => {
  const keys = (await installation.app.inject('/segeberg/.well-known/jwks.json')).json()
  const verdict = await verifyReceipt(jws, keys, 'segeberg')
  if (verdict.kind !== 'valid') throw new Error(verdict.kind)
  return verdict.receipt
}

describe('the description', () => {
  test.each(['/segeberg/api/v1/openapi.json', '/musterstadt/api/v1/openapi.json', '/api/openapi.json'])(
    '%s is a valid OpenAPI 3.1 document',
    async (url) => {
      const response = await installation.app.inject(url)
      expect(response.json().openapi).toBe('3.1.0')
      const validator = new Validator()
      expect(await validator.validate(response.json())).toEqual({ valid: true })
    },
  )

  test('a document with a fault is found out', async () => {
    const document = (await installation.app.inject('/api/openapi.json')).json()
    document.paths['/sites'].get.responses = 'none'
    expect((await new Validator().validate(document)).valid).toBe(false)
  })

  test('of the installation names its tenants, that of a tenant itself', async () => {
    const serversAt = async (url: string) => (await installation.app.inject(url)).json().servers
    expect(await serversAt('/api/openapi.json')).toEqual([
      {
        url: 'http://anlaufstelle.test/{tenant}/api/v1',
        variables: { tenant: { default: 'musterstadt', enum: ['musterstadt', 'segeberg'] } },
      },
    ])
    expect(await serversAt('/segeberg/api/v1/openapi.json')).toEqual([
      { url: 'http://anlaufstelle.test/segeberg/api/v1' },
    ])
  })
})

test('a site says when it is usually open, every second week, too, and never how many serve', async () => {
  const { sites } = (await (await program(installation, 'musterstadt')).get('/sites')).body
  const rules = sites.flatMap(({ openingHours }: { openingHours: object[] }) => openingHours)
  expect(rules).toContainEqual(expect.objectContaining({ everyWeeks: 2, startingFrom: expect.any(String) }))
  expect(JSON.stringify(sites)).not.toContain('desks')
})

test('sites, services and fields are those of the files', async () => {
  const who = await program(installation)
  const { tenant, activities } = installation.deps.register.running.get('segeberg') ?? {}
  const { sites, timeZone } = (await who.get('/sites')).body
  expect([timeZone, sites.map(({ id }: { id: string }) => id)]).toEqual([
    'Europe/Berlin',
    tenant?.sites.map(({ id }) => id),
  ])
  const { services } = (await who.get('/services')).body
  expect(services.map((each: { id: string; title: unknown }) => [each.id, each.title])).toEqual(
    bookableTenant('segeberg', installation.deps.register).services.map(({ id, title }) => [id, title]),
  )
  const idsFor = async (channel: string) =>
    (await who.get(`/fields?channel=${channel}`)).body.fields.map(({ id }: { id: string }) => id)
  const asked = activities?.get('appointments.booking')?.fields.filter(({ input }) => input !== 'none') ?? []
  expect(await idsFor('phone')).toEqual(asked.map(({ id }) => id))
  expect(await idsFor('inPerson')).toEqual(asked.filter(({ when }) => !when).map(({ id }) => id))
})

test('free times are those of the pages, day by day, and the first of them is named whatever days are asked for', async () => {
  const who = await program(installation)
  const reader = somebody(installation)
  const page = await openTimes(reader)
  const { starts, first } = (await who.get('/availability?services=beratung-vor-ort&days=31')).body
  const shown = [...new Set(reader.starts(page))].toSorted()
  expect(starts.filter((each: string) => each <= (shown.at(-1) ?? ''))).toEqual(shown)
  expect(first).toBe(starts[0])
  const later = (await who.get('/availability?services=beratung-vor-ort&from=2026-12-07&days=1')).body
  expect(later.first).toBe(first)
  expect(new Set(later.starts.map((each: string) => each.slice(0, 10)))).toEqual(new Set(['2026-12-07']))
  const never = (await who.get('/availability?services=beratung-vor-ort&from=9999-12-31&days=31')).body
  expect([never.starts, never.first]).toEqual([[], first])
})

test('a lead in opening hours holds for programs, too', async () => {
  const who = await program(installation, 'musterstadt')
  const site = 'services=beratung-telefon&site=rathausplatz'
  installation.time.set('2026-11-23T22:00:00Z') // 23:00 in Germany; the site opens at eight
  expect((await who.get(`/availability?${site}`)).body.first).toBe('2026-11-24T09:00:00Z')
  const body = { services: ['beratung-telefon'], site: 'rathausplatz', start: '2026-11-24T08:40:00Z' }
  expect((await who.post('/holds', { body })).problem).toBe('not-offered')
})

test('a hold keeps the time from everybody, goes on for longer, and is free again when it is given up', async () => {
  const who = await program(installation)
  const offered = (await who.get('/availability?services=beratung-vor-ort&days=31')).body.starts.at(-1)
  const body = { services: ['beratung-vor-ort'], start: offered }
  const holds = []
  for (let held = await who.post('/holds', { body }); held.status === 201; held = await who.post('/holds', { body }))
    holds.push(held.body)
  expect(holds.length).toBeGreaterThan(0)
  expect((await who.post('/holds', { body })).problem).toBe('taken')
  expect((await reachDetails(somebody(installation), { start: offered })).status).toBe(409)

  const [mine] = holds
  installation.time.move('PT10M')
  const longer = await who.post(`/holds/${mine.id}/extend`, { bearer: mine.key })
  expect([longer.status, longer.body.until]).toEqual([200, '2026-11-23T08:25:00Z'])
  for (let more = 0; more < 9; more++) {
    installation.time.move('PT1M')
    await who.post(`/holds/${mine.id}/extend`, { bearer: mine.key })
  }
  installation.time.move('PT1M')
  expect((await who.post(`/holds/${mine.id}/extend`, { bearer: mine.key })).problem).toBe('enough')

  expect((await who.delete(`/holds/${mine.id}`, { bearer: mine.key })).status).toBe(204)
  expect((await who.delete(`/holds/${mine.id}`, { bearer: mine.key })).problem).toBe('gone')
  expect((await who.post('/holds', { body })).status).toBe(201)
})

test('another time replaces the one held before, whose cells count as free', async () => {
  const who = await program(installation)
  const first = await holdOne(who)
  const body = { services: ['beratung-vor-ort'], start: first.start, replaces: first.id }
  expect((await who.post('/holds', { body })).problem).toBe('unauthorized')
  const second = await who.post('/holds', { body, bearer: first.key })
  expect([second.status, second.body.start]).toEqual([201, first.start])
  await installation.sweep()
  expect((await who.post(`/holds/${first.id}/extend`, { bearer: first.key })).problem).toBe('gone')
})

test('a booking by program is one by page: same record, same proof, same mail, same page to manage it', async () => {
  const before = await stored(installation.admin)
  const { booked, token, hold } = await bookOne(await program(installation))
  expect(booked.status).toBe(201)
  const byProgram = await stored(installation.admin)
  await bookAppointment(somebody(installation), { fields: { 'f.email': 'other@example.org' } })
  const byPage = await stored(installation.admin)
  const added = (a: typeof before, b: typeof before) =>
    Object.fromEntries(Object.entries(b).map(([key, count]) => [key, count - a[key as keyof typeof a]]))
  expect(added(before, byProgram)).toEqual(added(byProgram, byPage))
  const { rows } = await installation.admin.query(
    `select activity, text_version, text_hash, language from consent_record order by given_at desc limit 2`,
  )
  expect(rows[0]).toEqual(rows[1])

  expect(booked.body).toMatchObject({
    status: 'booked',
    start: hold.start,
    services: ['beratung-vor-ort'],
    channel: 'inPerson',
  })
  expect(booked.body.fields).toMatchObject({ name: 'Erika Markerfrau', birthDate: '1984-08-12' })
  expect(booked.body.calendar).toContain(`UID:${booked.body.reference}@`)
  const page = await somebody(installation).open(booked.body.manage.replace('http://anlaufstelle.test', ''))
  expect([page.status, page.text]).toEqual([200, expect.stringContaining(booked.body.reference)])
  expect(booked.body.manage).toContain(token)
})

test('a booking sent again books once and answers the same', async () => {
  const who = await program(installation)
  const { hold, body, booked } = await bookOne(who)
  const before = await stored(installation.admin)
  const again = await who.post('/appointments', { bearer: hold.key, body })
  expect([again.status, again.body.token, again.body.reference]).toEqual([
    201,
    booked.body.token,
    booked.body.reference,
  ])
  expect(await stored(installation.admin)).toEqual(before)
})

test('an appointment booked on a page can be moved by program, and the page knows', async () => {
  const who = await program(installation)
  const { token, manage } = await bookAppointment(somebody(installation), {
    fields: { 'f.email': 'moving@example.org' },
  })
  const free = (await who.get('/appointment/availability?days=31', { bearer: token })).body
  const now = (await who.get('/appointment', { bearer: token })).body
  expect(free.starts).toContain(now.start)
  const to = free.starts.at(-1)
  const moved = await who.post('/appointment/move', { bearer: token, body: { start: to } })
  expect([moved.status, moved.body.start, moved.body.reference]).toEqual([200, to, now.reference])
  expect(await receiptIn(now.receipt)).toMatchObject({ act: 'booked', reference: now.reference })
  expect(await receiptIn(moved.body.receipt)).toMatchObject({
    act: 'moved',
    startsAt: expect.stringContaining(to.slice(0, 10)),
    movedFrom: expect.stringContaining(now.start.slice(0, 10)),
  })
  const local = Temporal.Instant.from(to).toZonedDateTimeISO('Europe/Berlin')
  expect((await somebody(installation).open(manage)).text).toContain(local.toPlainTime().toString().slice(0, 5))
  expect(
    (await who.post('/appointment/move', { bearer: token, body: { start: '2026-12-01T09:07:00+01:00' } })).problem,
  ).toBe('not-offered')
})

test('an appointment is moved five times at most', async () => {
  const who = await program(installation)
  const { token, hold } = await bookOne(who, { ...erikaFields, email: 'to-and-fro@example.org' })
  const { starts } = (await who.get('/appointment/availability?days=31', { bearer: token })).body
  const others = starts.filter((start: string) => start !== hold.start)
  const ends = []
  for (let i = 0; i < 6; i++)
    ends.push(await who.post('/appointment/move', { bearer: token, body: { start: others[i % 2] } }))
  expect(ends.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 409])
  expect(ends.at(-1)?.problem).toBe('moved-often')
  expect((await who.get('/appointment/availability?days=31', { bearer: token })).problem).toBe('moved-often')
  const again = await who.post('/appointment/move', { bearer: token, body: { start: others[0] } })
  expect([again.status, again.body.start]).toEqual([200, others[0]]) // the last that was done, sent twice
})

test('cancelling and withdrawing erase at once, and the token leads nowhere then', async () => {
  const who = await program(installation)
  const one = await bookOne(who, { ...erikaFields, email: 'cancel@example.org' })
  const other = await bookOne(who, { ...erikaFields, email: 'withdraw@example.org' })
  const records = async () => (await stored(installation.admin)).records
  const before = await records()
  const cancelled = await who.delete('/appointment', { bearer: one.token })
  const withdrawn = await who.post('/appointment/withdraw', { bearer: other.token, body: {} })
  for (const [ended, act, { booked }] of [
    [cancelled, 'cancelled', one],
    [withdrawn, 'withdrawn', other],
  ] as const) {
    expect(ended.body).toEqual({ restricted: false, receipt: expect.any(String) })
    expect(await receiptIn(ended.body.receipt)).toMatchObject({ act, reference: booked.body.reference })
  }
  expect(await records()).toBe(before - 2)
  for (const { token } of [one, other]) {
    expect((await who.get('/appointment', { bearer: token })).problem).toBe('gone')
    expect((await who.get('/appointment/availability', { bearer: token })).problem).toBe('gone')
    expect((await who.post('/appointment/move', { bearer: token, body: { start: one.hold.start } })).problem).toBe(
      'gone',
    )
    expect((await who.post('/appointment/withdraw', { bearer: token })).problem).toBe('gone')
    expect((await who.delete('/appointment', { bearer: token })).problem).toBe('gone')
  }
  expect((await who.post('/appointments', { bearer: one.hold.key, body: one.body })).problem).toBe('gone')
})

test('what has begun can be neither moved nor cancelled', async () => {
  const who = await program(installation)
  const { token, hold } = await bookOne(who, { ...erikaFields, email: 'late@example.org' })
  installation.time.set(hold.start)
  const later = await firstStart(who)
  expect((await who.post('/appointment/move', { bearer: token, body: { start: later } })).problem).toBe('too-late')
  expect((await who.get('/appointment/availability', { bearer: token })).problem).toBe('too-late')
  expect((await who.delete('/appointment', { bearer: token })).problem).toBe('too-late')
})

test('a time that somebody else has booked cannot be moved to', async () => {
  const who = await program(installation, 'musterstadt')
  const starts = (await who.get('/availability?services=beratung-vor-ort&days=31')).body.starts
  const hold = (await who.post('/holds', { body: { services: ['beratung-vor-ort'], start: starts[0] } })).body
  const body = await bookingOf(who, hold.id, { ...erikaFields, email: 'race@example.org' })
  const { token } = (await who.post('/appointments', { bearer: hold.key, body })).body
  const wanted = starts.at(-1)
  while ((await who.post('/holds', { body: { services: ['beratung-vor-ort'], start: wanted } })).status === 201);
  expect((await who.post('/appointment/move', { bearer: token, body: { start: wanted } })).problem).toBe('taken')
})

test('an expired hold that somebody took cannot be booked any more', async () => {
  const who = await program(installation)
  const hold = await holdOne(who, 'beratung-telefon')
  await installation.admin.query(
    "update cell set free_from = '-infinity', appointment_id = null where appointment_id = $1",
    [hold.id],
  )
  const body = await bookingOf(who, hold.id, { ...erikaFields, phone: '030 23125 777' })
  expect((await who.post('/appointments', { bearer: hold.key, body })).problem).toBe('taken')
})

test('as many appointments as the tenant allows are booked for one mail address in a day, and one more is refused at that field', async () => {
  const who = await program(installation)
  const fields = { ...erikaFields, email: 'many@example.org' }
  const { maxPerContact } = bookableTenant('segeberg', installation.deps.register).booking
  const ends = []
  for (let count = 0; count <= maxPerContact; count++) ends.push((await bookOne(who, fields)).booked)
  expect(ends.slice(0, -1).every(({ status }) => status === 201)).toBe(true)
  expect(ends.at(-1)?.body).toMatchObject({
    status: 422,
    errors: [{ pointer: '#/fields/email', code: 'contactLimit' }],
  })
})

test('problems are told in the language the program asks for', async () => {
  const who = await program(installation)
  const titleIn = async (language: string) =>
    (await who.get('/appointment', { headers: { 'accept-language': language } })).body.title
  const german = await titleIn('de')
  expect(german).toContain('Schlüssel')
  expect(await titleIn('fr, *;q=0.1')).toBe(german)
  expect(await titleIn('fr;q=0.9, en-GB;q=0.8, de;q=0.2')).toContain('token')
  expect(await titleIn('en;q=0, de')).toBe(german)
  expect(await titleIn('ar-SY, en;q=0.5')).toMatch(/[\u0600-\u06ff]/)
  const hold = await holdOne(who)
  const body = { ...(await bookingOf(who, hold.id, { ...erikaFields, name: '' })), language: 'en' }
  const refused = await who.post('/appointments', {
    bearer: hold.key,
    body: { ...body, agreed: await agreedTo(who, 'en') },
    headers: { 'accept-language': 'en' },
  })
  expect(refused.body.errors).toEqual([
    { pointer: '#/fields/name', code: 'missing', detail: 'First and last name: please fill in this field.' },
  ])
})

test('without its own key or token nothing can be done with a hold or an appointment', async () => {
  const who = await program(installation)
  const [one, other] = [await holdOne(who), await holdOne(who)]
  const { token } = await bookOne(who, { ...erikaFields, email: 'own@example.org' })
  const before = await stored(installation.admin)
  const body = await bookingOf(who, one.id)
  for (const bearer of [
    undefined,
    '',
    'x',
    other.key,
    token,
    `${one.key}x`,
    one.key.split('.')[0] ?? '',
    "x' or 1=1",
  ]) {
    const asking = bearer === undefined ? {} : { bearer }
    expect((await who.post(`/holds/${one.id}/extend`, asking)).problem).toBe('unauthorized')
    expect((await who.delete(`/holds/${one.id}`, asking)).problem).toBe('unauthorized')
    expect((await who.post('/appointments', { ...asking, body })).problem).toBe('unauthorized')
    if (bearer === token) continue
    const move = { ...asking, body: { start: one.start } }
    expect((await who.get('/appointment', asking)).problem).toBe('unauthorized')
    expect((await who.get('/appointment/availability', asking)).problem).toBe('unauthorized')
    expect((await who.post('/appointment/move', move)).problem).toBe('unauthorized')
    expect((await who.post('/appointment/withdraw', asking)).problem).toBe('unauthorized')
    expect((await who.delete('/appointment', asking)).problem).toBe('unauthorized')
  }
  expect(await stored(installation.admin)).toEqual(before)
})

test('a choice that is none is refused with where and why, as on the page', async () => {
  const who = await program(installation)
  const start = await firstStart(who)
  for (const [services, code] of [
    [['__proto__'], 'missing'],
    [['beratung-vor-ort', 'beratung-telefon'], 'tooMany'],
  ] as const) {
    const listed = await who.get(`/availability?services=${services.join(',')}`)
    expect(listed.body).toMatchObject({ status: 422, errors: [{ parameter: 'services', code }] })
    const held = await who.post('/holds', { body: { services, start } })
    expect(held.body).toMatchObject({ status: 422, errors: [{ pointer: '#/services', code }] })
  }
  const elsewhere = await who.get('/availability?services=beratung-vor-ort&site=rathausplatz')
  expect(elsewhere.body).toMatchObject({ status: 422, errors: [{ parameter: 'site', code: 'siteMissing' }] })
  const oldLink = await openTimes(somebody(installation), { service: 'beratung-vor-ort&ort=rathausplatz' })
  expect(oldLink.status).toBe(200)
  const odd = await who.post('/holds', { body: { services: ['beratung-vor-ort'], start: '2026-12-01T08:07:00Z' } })
  expect(odd.problem).toBe('not-offered')
})

test('afterwards the database holds what it should, and every operation has answered well and refused in every way of its own', async () => {
  expect(await faults(installation.admin)).toEqual(noFaults)
  const expected = endpoints.flatMap(({ id, status, refuses }) => [
    `${id} ${status}`,
    ...refuses.map((kind) => `${id} ${problemType(kind).split(':').at(-1)}`),
  ])
  expect(expected.length).toBeGreaterThan(40)
  expect(expected.filter((one) => !answered.has(one))).toEqual([])
})
