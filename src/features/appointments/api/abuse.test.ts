import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { bookAppointment } from '#test/helpers/person.ts'
import { bookingOf, bookOne, erikaFields, firstStart, holdOne, type Program, program } from '../api.fixture.ts'
import { reachDetails, somebody, start, stored } from '../booking.fixture.ts'

/* What must not be possible, whoever tries. */

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ start, withoutWorker: true, callerLimits: { holds: 30 } })
})
afterAll(() => installation.close())
beforeEach(() => installation.time.set(start))

const state = async () => ({
  ...(await stored(installation.admin)),
  held: (
    await installation.admin.query(
      "select count(*)::int n from cell where appointment_id is not null and free_from < 'infinity'",
    )
  ).rows[0].n,
})
const unchanged = async (work: () => Promise<void>) => {
  const before = await state()
  await work()
  expect(await state()).toEqual(before)
}

describe('a program of one tenant', () => {
  test('has no power over holds of another, whatever key it brings', async () => {
    const here = await program(installation)
    const there = await program(installation, 'musterstadt')
    const [own, foreign] = [await holdOne(here), await holdOne(there)]
    const body = await bookingOf(here, foreign.id)
    await unchanged(async () => {
      for (const bearer of [own.key, foreign.key]) {
        expect((await here.post(`/holds/${foreign.id}/extend`, { bearer })).problem).toBe('unauthorized')
        expect((await here.delete(`/holds/${foreign.id}`, { bearer })).problem).toBe('unauthorized')
        expect((await here.post('/appointments', { bearer, body })).problem).toBe('unauthorized')
      }
    })
  })

  test('gets nothing for the token of another', async () => {
    const { token } = await bookOne(await program(installation, 'musterstadt'))
    const here = await program(installation)
    await unchanged(async () => {
      expect((await here.get('/appointment', { bearer: token })).problem).toBe('gone')
      expect((await here.post('/appointment/withdraw', { bearer: token })).problem).toBe('gone')
      expect((await here.delete('/appointment', { bearer: token })).problem).toBe('gone')
    })
  })
})

test('the key of a page books by program, and only its own hold', async () => {
  const who = await program(installation)
  const { check, token } = await bookAppointment(somebody(installation), { fields: { 'f.email': 'page@example.org' } })
  const key = check.field('schluessel')
  const hold = check.field('vormerkung')
  const body = await bookingOf(who, hold)
  const other = await bookingOf(who, (await holdOne(who)).id)
  await unchanged(async () => {
    expect((await who.post('/appointments', { bearer: key, body })).body.token).toBe(token)
    expect((await who.post('/appointments', { bearer: key, body: other })).problem).toBe('unauthorized')
  })
})

describe('what is sent', () => {
  const post = async (who: Program, raw: string, headers: Record<string, string> = {}) =>
    who.post('/holds', { raw, headers })

  test.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['a number', '5'],
    ['null', 'null'],
    ['a list', '[]'],
    ['a list of lists without end', '['.repeat(20_000)],
    ['objects as deep as fits', `${'{"a":'.repeat(8000)}1${'}'.repeat(8000)}`],
    ['names of the language', '{"__proto__":{"x":1},"services":["beratung-vor-ort"],"start":"2026-12-01T08:00:00Z"}'],
    ['a constructor', '{"constructor":{"prototype":{"x":1}}}'],
    ['wrong types', '{"services":"beratung-vor-ort","start":5}'],
    ['an unknown property', '{"services":["beratung-vor-ort"],"start":"2026-12-01T08:00:00Z","desk":1}'],
    ['no services', '{"services":[],"start":"2026-12-01T08:00:00Z"}'],
    ['a day that does not exist', '{"services":["beratung-vor-ort"],"start":"2026-02-30T08:00:00Z"}'],
    ['a time with a fraction', '{"services":["beratung-vor-ort"],"start":"2026-12-01T08:00:00.000001Z"}'],
    ['a time without an offset', '{"services":["beratung-vor-ort"],"start":"2026-12-01T08:00:00"}'],
  ])('%s is malformed, and nothing happens', async (_, raw) => {
    const who = await program(installation)
    await unchanged(async () => {
      const { status, problem, type } = await post(who, raw)
      expect([status, problem, type]).toEqual([400, 'malformed', 'application/problem+json; charset=utf-8'])
    })
  })

  test('what is malformed is named with its place', async () => {
    const who = await program(installation)
    const placesIn = async (raw: string) =>
      (await post(who, raw)).body.errors.map(({ pointer }: { pointer: string }) => pointer)
    expect(await placesIn('[]')).toEqual(['#'])
    expect(await placesIn('{"services":["x",5],"start":"noon"}')).toEqual(['#/services/1', '#/start'])
  })

  test('too much at once is refused unread', async () => {
    const who = await program(installation)
    await unchanged(async () => expect((await post(who, `"${'x'.repeat(140_000)}"`)).status).toBe(413))
  })

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonx',
    '',
  ])('as %s is refused: it is what a form of a stranger’s page could send', async (type) => {
    const who = await program(installation)
    const raw = JSON.stringify({ services: ['beratung-vor-ort'], start: await firstStart(who) })
    await unchanged(async () => {
      const refused = await post(who, raw, { 'content-type': type })
      expect([415, 400]).toContain(refused.status)
    })
  })

  test.each([
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' }],
    [{ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }],
    [{ origin: 'https://evil.example' }],
  ])('by the page of a stranger (%o) is refused, and no answer says that others may read it', async (headers) => {
    const who = await program(installation)
    const body = { services: ['beratung-vor-ort'], start: await firstStart(who) }
    await unchanged(async () => {
      const refused = await who.post('/holds', { body, headers: headers as unknown as Record<string, string> })
      expect([refused.status, refused.problem]).toEqual([403, 'foreign-page'])
      expect(Object.keys(refused.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    })
  })

  test('a stranger’s page cannot ask first whether it may', async () => {
    const asked = await installation.app.inject({
      method: 'OPTIONS',
      url: '/segeberg/api/v1/holds',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    })
    expect(asked.statusCode).toBe(404)
    expect(Object.keys(asked.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  test('with parameters that nobody asked for, or twice, is malformed', async () => {
    const who = await program(installation)
    for (const path of [
      '/sites?x=1',
      '/availability',
      '/availability?services=beratung-vor-ort&services=x',
      '/availability?services=beratung-vor-ort&days=32',
      '/availability?services=beratung-vor-ort&days=0',
      '/availability?services=beratung-vor-ort&days=1e1.5',
      '/availability?services=beratung-vor-ort&from=2026-02-30',
      '/availability?services=beratung-vor-ort&from=-271821-04-19',
      '/fields?channel=fax',
      '/fields',
    ])
      expect([path, (await who.get(path)).problem]).toEqual([path, 'malformed'])
  })

  test('whatever it is, it gets an answer that the description knows, and never a fault', async () => {
    const who = await program(installation)
    const key = (await holdOne(who)).key
    let asked = 0
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('/holds', '/appointments', '/appointment/move'),
        fc.json({ maxDepth: 4 }),
        async (path, raw) => {
          asked += 1
          const caller = await program(installation, 'segeberg', `10.77.${asked >> 8}.${asked & 255}`)
          const { status } = await caller.post(path, { raw, bearer: key })
          expect([400, 401, 409, 422]).toContain(status)
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('a booking', () => {
  const refusedBy = async (change: (body: Awaited<ReturnType<typeof bookingOf>>) => unknown) => {
    const who = await program(installation)
    const hold = await holdOne(who)
    const body = change(await bookingOf(who, hold.id))
    const before = await state()
    const { status, body: answer } = await who.post('/appointments', { bearer: hold.key, body })
    expect(await state()).toEqual(before)
    const faults = (answer.errors ?? []) as { pointer: string; code: string }[]
    return [status, ...faults.map(({ pointer, code }) => `${pointer} ${code}`)]
  }

  test('without notice or consent, with another text than the one in force, or a bare yes, is refused', async () => {
    const all = ['notice', 'consent', 'terms'].map((what) => `#/agreed/${what} missing`)
    expect(await refusedBy(({ agreed: _, ...body }) => body)).toEqual([422, ...all])
    expect(await refusedBy((body) => ({ ...body, agreed: {} }))).toEqual([422, ...all])
    for (const [index, what] of (['notice', 'consent', 'terms'] as const).entries()) {
      const refused = await refusedBy((body) => ({ ...body, agreed: { ...body.agreed, [what]: undefined } }))
      expect(refused).toEqual([422, all[index]])
    }
    const outdated = '#/agreed/consent outdated'
    expect(await refusedBy((body) => ({ ...body, agreed: { ...body.agreed, consent: 'f'.repeat(64) } }))).toEqual([
      422,
      outdated,
    ])
    expect(await refusedBy((body) => ({ ...body, agreed: { ...body.agreed, consent: 'yes' } }))).toEqual([
      422,
      outdated,
    ])
    // The hash is of the text in the language in which the person was asked.
    expect(await refusedBy((body) => ({ ...body, language: 'en' }))).toEqual([422, outdated])
    expect((await refusedBy((body) => ({ ...body, agreed: { ...body.agreed, consent: true } })))[0]).toBe(400)
  })

  test('with terms of use that the tenant does not have is refused: the person has agreed to something else', async () => {
    const who = await program(installation, 'musterstadt')
    expect((await who.get('/consent')).body.terms).toBeNull()
    const hold = await holdOne(who)
    const { agreed, ...body } = await bookingOf(who, hold.id)
    const sent = { ...body, agreed: { ...agreed, terms: '1' } }
    const refused = await who.post('/appointments', { bearer: hold.key, body: sent })
    expect(refused.body).toMatchObject({ status: 422, errors: [{ pointer: '#/agreed/terms', code: 'outdated' }] })
  })

  test.each([
    ['a field that nobody declares', { ...erikaFields, iban: 'DE00' }, '#/fields/iban undeclared'],
    ['a field of another channel', { ...erikaFields, phone: '030 23125 777' }, '#/fields/phone undeclared'],
    [
      'a field that the program fills in itself',
      { ...erikaFields, reference: 'AAAA-AAAA' },
      '#/fields/reference undeclared',
    ],
    ['a field whose name is a path', { ...erikaFields, 'a/b~c': '' }, '#/fields/a~1b~0c undeclared'],
    ['no name', { birthDate: '1984-08-12' }, '#/fields/name missing'],
    ['a day in words', { ...erikaFields, birthDate: '12. August' }, '#/fields/birthDate dateIncomplete'],
    ['a day that does not exist', { ...erikaFields, birthDate: '1984-02-31' }, '#/fields/birthDate dateImpossible'],
    ['a day to come', { ...erikaFields, birthDate: '2030-01-01' }, '#/fields/birthDate dateInFuture'],
    ['a mail address that is none', { ...erikaFields, email: 'erika' }, '#/fields/email email'],
    ['too long a text', { ...erikaFields, freeText: 'x'.repeat(501) }, '#/fields/freeText tooLong'],
    ['a name of invisible characters', { ...erikaFields, name: '\u202e\u3164' }, '#/fields/name missing'],
    ['a day without its month', { ...erikaFields, birthDate: '1984-00-12' }, '#/fields/birthDate dateIncomplete'],
    ['a letter before the @', { ...erikaFields, email: 'é@a.example' }, '#/fields/email emailCharacterOptional'],
    [
      'a number against its pattern',
      { ...erikaFields, customerOrBgNumber: '?' },
      '#/fields/customerOrBgNumber pattern',
    ],
  ])('with %s is refused at that field', async (_, fields, fault) => {
    expect(await refusedBy((body) => ({ ...body, fields }))).toEqual([422, fault])
  })

  test('with a day in another form is told the form, and nothing of boxes', async () => {
    const who = await program(installation)
    const hold = await holdOne(who)
    const body = await bookingOf(who, hold.id)
    for (const birthDate of ['12. August', '12.08.1984', '08/12/1984', '1984-13-12', '1984-08-12T00:00', '12', '']) {
      const sent = { ...body, fields: { ...erikaFields, birthDate } }
      const refused = await who.post('/appointments', { bearer: hold.key, body: sent })
      const [fault] = refused.body.errors
      expect([birthDate, refused.status, fault.detail]).toEqual([birthDate, 422, expect.stringContaining('YYYY-MM-DD')])
    }
  })

  test('in a language that the tenant does not speak is malformed', async () => {
    expect((await refusedBy((body) => ({ ...body, language: 'tlh' })))[0]).toBe(400)
  })

  test('is read as the pages read it, and the answer says so', async () => {
    const who = await program(installation)
    const { fields } = (await who.get('/fields?channel=inPerson')).body
    expect(fields.find(({ id }: { id: string }) => id === 'birthDate')).toMatchObject({ input: 'date', partial: true })
    const typed = { name: ' O’Brien\u202c\u00a0', birthDate: '١٩٨٠-٠٥', email: 'Name <read@example.org>' }
    const { booked } = await bookOne(who, typed)
    expect(booked.body.fields).toMatchObject({ name: 'O’Brien', birthDate: '1980-05', email: 'read@example.org' })
  })

  test('stores markup as the text it is, and the page shows it so', async () => {
    const name = '<script>alert(1)</script> & "Co"'
    const { booked } = await bookOne(await program(installation), { ...erikaFields, name, email: 'html@example.org' })
    expect(booked.body.fields.name).toBe(name)
    const page = await somebody(installation).open(`/segeberg/termin/verwalten/${booked.body.token}/daten`)
    expect(page.text).toContain(name)
    expect(page.html).not.toContain('<script>alert')
  })
})

describe('limits', () => {
  test('holds of pages and programs of one connection count together; who gives one up may hold another', async () => {
    const address = '192.0.2.77'
    const who = await program(installation, 'segeberg', address)
    const reader = somebody(installation, { 'x-forwarded-for': address })
    const starts = (await who.get('/availability?services=beratung-vor-ort&days=31')).body.starts as string[]
    const mine = []
    for (let count = 0; count < 15; count++)
      expect((await reachDetails(reader, { start: starts[count + 40] ?? '' })).status).toBe(200)
    for (let count = 0; count < 15; count++) {
      const held = await who.post('/holds', { body: { services: ['beratung-vor-ort'], start: starts[count + 80] } })
      expect(held.status).toBe(201)
      mine.push(held.body)
    }
    const more = { body: { services: ['beratung-vor-ort'], start: starts[120] } }
    const refused = await who.post('/holds', more)
    expect([refused.problem, refused.headers['retry-after']]).toEqual(['too-many', '900'])
    expect((await reachDetails(reader, { start: starts[120] ?? '' })).status).toBe(429)

    await who.delete(`/holds/${mine[0].id}`, { bearer: mine[0].key })
    await who.delete(`/holds/${mine[0].id}`, { bearer: mine[0].key })
    expect((await who.post('/holds', more)).status).toBe(201)
    expect((await who.post('/holds', more)).problem).toBe('too-many')
  })

  test('a hold that was made longer keeps its place until it is given up', async () => {
    const address = '192.0.2.78'
    const who = await program(installation, 'segeberg', address)
    const old = await holdOne(who)
    installation.time.move('PT14M')
    await who.post(`/holds/${old.id}/extend`, { bearer: old.key })
    installation.time.move('PT2M')
    const starts = (await who.get('/availability?services=beratung-vor-ort&days=31')).body.starts as string[]
    const hold = (n: number) => who.post('/holds', { body: { services: ['beratung-vor-ort'], start: starts[n + 60] } })
    for (let count = 0; count < 29; count++) expect((await hold(count)).status).toBe(201)
    expect((await hold(29)).problem).toBe('too-many')
    expect((await who.delete(`/holds/${old.id}`, { bearer: old.key })).status).toBe(204)
    expect((await hold(29)).status).toBe(201)
    expect((await hold(30)).problem).toBe('too-many')
  })

  test('who asks for free times without end is told when to come back', async () => {
    const who = await program(installation)
    const ends = []
    for (let count = 0; count < 121; count++) ends.push(await who.get('/availability?services=beratung-vor-ort&days=1'))
    expect(ends.slice(0, -1).every(({ status }) => status === 200)).toBe(true)
    expect([ends.at(-1)?.problem, ends.at(-1)?.headers['retry-after']]).toEqual(['too-many', '60'])
    installation.time.move('PT61S')
    expect((await who.get('/availability?services=beratung-vor-ort')).status).toBe(200)
  })

  test('so is who sends without end, whatever it is', async () => {
    const who = await program(installation)
    const ends = []
    do ends.push(await who.delete(`/holds/${crypto.randomUUID()}`))
    while (ends.length < 241 && ends.at(-1)?.status === 401)
    expect(ends.slice(0, -1).every(({ status }) => status === 401)).toBe(true)
    expect([ends.at(-1)?.status, ends.at(-1)?.problem]).toEqual([429, 'too-many'])
    expect(Number(ends.at(-1)?.headers['retry-after'])).toBeGreaterThan(0)
  })
})

test.each([
  '/segeberg/api/v1/nothing',
  '/segeberg/api/v2/sites',
  '/segeberg/api',
  '/nowhere/api/v1/sites',
  '/nowhere/api/v1/openapi.json',
  '/api/nothing',
  '/__proto__/api/v1/sites',
])('%s is told as a problem to a program, and not shown as a page', async (url) => {
  const response = await installation.app.inject(url)
  expect([response.statusCode, response.headers['content-type']]).toEqual([
    404,
    'application/problem+json; charset=utf-8',
  ])
  expect(response.json().type).toBe('urn:problem-type:anlaufstelle:not-found')
})

test('no answer sets a cookie, may be kept by a cache, or is meant for another site', async () => {
  const who = await program(installation)
  const { token } = await bookOne(who, { ...erikaFields, email: 'headers@example.org' })
  for (const path of ['/sites', '/consent', '/appointment', '/nothing']) {
    const { headers } = await who.get(path, { bearer: token })
    expect(headers['set-cookie']).toBeUndefined()
    expect(headers['cache-control']).toBe('no-store')
    expect(headers['cross-origin-resource-policy']).toBe('same-origin')
  }
})

test('the access log names the pattern of an address, and nothing that leads to a hold or an appointment', async () => {
  const who = await program(installation)
  const { hold, token } = await bookOne(who, { ...erikaFields, email: 'log@example.org' })
  await who.post(`/holds/${hold.id}/extend`, { bearer: hold.key })
  await who.get('/appointment', { bearer: token })
  const folder = join(installation.folder, 'log', 'segeberg')
  const log = readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('')
  expect(log).toContain('"/segeberg/api/v1/holds/:id/extend"')
  expect(log).toContain('"/segeberg/api/v1/appointment"')
  for (const secret of [hold.id, hold.key, token, 'log@example.org']) expect(log).not.toContain(secret)
  expect(installation.said.join()).not.toContain(token)
})
