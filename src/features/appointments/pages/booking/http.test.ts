import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { features } from '#apps/features.ts'
import { tokenField } from '#platform/http/form-token.ts'
import { languages } from '#platform/i18n/translate.ts'
import { look } from '#test/helpers/html.ts'
import { type Installation, publicUrl, startInstallation } from '#test/helpers/installation.ts'
import { agreed, erika, formTokenOf, type Seen } from '#test/helpers/person.ts'
import { fieldsOn, isBooked, reachCheck, reachDetails, somebody, stored, wordsIn } from '../../booking.fixture.ts'
import { routes } from '../../routes.ts'

/* What every request to booking passes through, whatever it asks for. */

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ withoutWorker: true })
})
afterAll(() => installation.close())

const de = wordsIn('de')
const en = wordsIn('en')
const inject = (method: string, url: string, headers: Record<string, string> = {}, payload?: string) =>
  installation.app.inject({ method: method as 'GET', url, headers, ...(payload === undefined ? {} : { payload }) })
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const titleOf = (html: string) => look(html).find('title').text

describe('addresses that lead nowhere', () => {
  test.each([
    ['/nirgends/termin', 'de'],
    ['/nirgends/en/termin', 'en'],
    ['/segeberg/termine', 'de'],
    ['/segeberg/en/termine', 'en'],
    ['/segeberg/fr/termin', 'de'],
    ['/SEGEBERG/termin', 'de'],
    ['/segeberg%00/termin', 'de'],
    ['/__proto__/termin', 'de'],
    ['/constructor/en/termin', 'en'],
    ['/../etc/passwd', 'de'],
    ['/%', 'de'],
    ['/segeberg/en/%zz', 'en'],
    ['/en/%c3%28', 'en'],
  ] as const)('%s is answered in its language (%s) with a page and 404', async (url, language) => {
    const page = await somebody(installation).open(url)
    expect([page.status, page.title]).toEqual([
      404,
      expect.stringContaining(wordsIn(language)('apps.problems.notFound.title')),
    ])
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(page.html).toContain(`>${wordsIn(language === 'de' ? 'en' : 'de')('platform.ownName')}</a>`)
  })

  test('so is one that is too long for anything', async () => {
    const page = await somebody(installation).open(`/segeberg/en/${'x'.repeat(5000)}`)
    expect([page.status, page.title]).toEqual([414, expect.stringContaining(en('apps.problems.addressTooLong.title'))])
  })

  test.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'])('%s is no way to ask', async (method) => {
    const response = await inject(method, '/segeberg/en/termin')
    expect([response.statusCode, titleOf(response.body)]).toEqual([
      404,
      expect.stringContaining(en('apps.problems.notFound.title')),
    ])
  })

  test('a form sent to a page that takes none is not found', async () => {
    const token = formTokenOf(installation, 'segeberg')
    const page = await somebody(installation).post('/segeberg/termin', { [tokenField]: token })
    expect(page.status).toBe(404)
  })
})

test.each(['hold', 'consent', 'check', 'book'] as const)(
  'opening the address that only answers a form (%s) leads to the beginning',
  async (name) => {
    for (const language of languages) {
      const page = await somebody(installation).open(routes[name].href({ slug: 'segeberg', language }, {}))
      expect([page.status, page.url]).toEqual([200, routes.services.href({ slug: 'segeberg', language }, {})])
    }
  },
)

test.each([
  ['a day that does not exist', 'leistung=beratung-vor-ort&ab=2026-13-99', 200],
  ['a day long gone', 'leistung=beratung-vor-ort&ab=1066-10-14', 200],
  ['a day in the year 9999', 'leistung=beratung-vor-ort&ab=9999-12-31', 200],
  ['a day before all calendars', 'leistung=beratung-vor-ort&ab=-271821-04-19', 200],
  ['a day twice', 'leistung=beratung-vor-ort&ab=2026-11-30&ab=2026-12-01', 200],
  ['a list', 'leistung=beratung-vor-ort&ab[]=2026-11-30&ab[x]=1', 200],
  ['a service twice', 'leistung=beratung-vor-ort&leistung=beratung-vor-ort', 200],
  ['a service beside something unknown', 'leistung=beratung-vor-ort&leistung=x', 422],
  ['two services where one visit is for one', 'leistung=beratung-vor-ort,beratung-telefon', 422],
  ['a site that is none', 'leistung=beratung-vor-ort&ort=__proto__', 200],
  ['names of the language', '__proto__=x&constructor=y&toString=z&leistung=beratung-vor-ort', 200],
  ['a very long value', `leistung=beratung-vor-ort&ab=${'9'.repeat(3000)}`, 200],
  ['bytes that are no text', 'leistung=beratung-vor-ort&ab=%ff%fe%zz', 200],
  ['a null character', 'leistung=beratung-vor-ort%00', 422],
  ['a service of the language', 'leistung=__proto__', 422],
  ['nothing but signs', '&&==&?', 422],
])('odd questions have plain answers: %s', async (_, query, status) => {
  const page = await somebody(installation).open(`/segeberg/en/termin/zeit?${query}`)
  expect(page.status).toBe(status)
  expect(page.title).toContain(status === 200 ? en('appointments.times.title') : en('appointments.services.title'))
})

test('the day asked for is the day shown, the first of them if there are several', async () => {
  const who = somebody(installation)
  const page = await who.open('/segeberg/termin/zeit?leistung=beratung-vor-ort&ab=2026-11-30&ab=2026-12-07')
  expect(who.starts(page)[0]).toBe('2026-11-30T07:00:00Z')
})

describe('a form from elsewhere', () => {
  test.each([
    ['of another site, says the browser', { 'sec-fetch-site': 'cross-site' }],
    ['of a neighbour of ours', { 'sec-fetch-site': 'same-site' }],
    ['of another site, says an older browser', { 'sec-fetch-site': '', origin: 'https://evil.example' }],
    ['of a page that hides where it is from', { 'sec-fetch-site': '', origin: 'null' }],
    ['of our host under another scheme', { 'sec-fetch-site': '', origin: publicUrl.replace('http:', 'https:') }],
    ['of a host that begins like ours', { 'sec-fetch-site': '', origin: `${publicUrl}.evil.example` }],
  ])('%s is refused, with nothing stored and no button to send it again', async (_, headers) => {
    const check = await reachCheck(somebody(installation), { language: 'en' })
    const before = await stored(installation.admin)
    const { 'sec-fetch-site': site, ...rest } = headers as Record<string, string>
    const fields = new URLSearchParams(fieldsOn(check)).toString()
    const sent = {
      ...form,
      host: 'anlaufstelle.test',
      ...rest,
      ...(site ? { 'sec-fetch-site': site, origin: publicUrl } : {}),
    }
    const response = await inject('POST', '/segeberg/en/termin/buchen', sent, fields)
    expect([response.statusCode, titleOf(response.body)]).toEqual([
      403,
      expect.stringContaining(en('apps.problems.notOurForm.title')),
    ])
    expect(response.body).not.toContain('<form')
    expect(response.body).not.toContain('Markerfrau')
    expect(await stored(installation.admin)).toEqual(before)
  })

  test('is what a link cannot be: following one from elsewhere is fine', async () => {
    const who = somebody(installation, { 'sec-fetch-site': 'cross-site', referer: 'https://mail.example/' })
    expect((await who.open('/segeberg/termin')).status).toBe(200)
  })

  test('is told from one of ours by either header alone', async () => {
    const { [tokenField]: token = '' } = fieldsOn(await reachDetails(somebody(installation)))
    const payload = new URLSearchParams({ [tokenField]: token }).toString()
    for (const headers of [{ 'sec-fetch-site': 'same-origin' }, { origin: publicUrl }]) {
      const response = await inject('POST', '/segeberg/termin/zeit', { ...form, ...headers }, payload)
      expect(response.statusCode).toBe(422)
    }
  })
})

describe('a form whose token is', () => {
  test.each([
    ['tampered with', (token: string) => `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`],
    ['of another tenant', () => formTokenOf(installation, 'musterstadt')],
    ['of another key', () => createHmac('sha256', 'x').update('form segeberg').digest('base64url').slice(0, 32)],
    ['empty', () => ''],
  ])('%s is refused, offers to send it again, and sending it again works', async (_, change) => {
    const who = somebody(installation)
    const check = await reachCheck(who, { language: 'en', fields: { 'f.freeText': 'Zeile <1>\nZeile "2"' } })
    const before = await stored(installation.admin)
    const refused = await who.send(check, { [tokenField]: change(fieldsOn(check)[tokenField] ?? '') })
    expect([refused.status, refused.title]).toEqual([
      403,
      expect.stringContaining(en('apps.problems.notOurForm.title')),
    ])
    expect(refused.text).toContain(en('apps.problems.kept'))
    expect(await stored(installation.admin)).toEqual(before)
    const booked = await who.send(refused)
    expect(isBooked(booked)).toBe(true)
    expect((await who.open(`${booked.url.split('?')[0]}/daten`)).html).toContain('Zeile &lt;1>\nZeile &quot;2&quot;')
  })
})

describe('a body that no form of ours sends', () => {
  const token = () => formTokenOf(installation, 'segeberg')
  test.each([
    ['JSON', 'application/json', () => JSON.stringify({ formToken: token(), vormerkung: 'x' })],
    ['JSON with lists and objects', 'application/json', () => '{"formToken":[{}],"f.name":{"a":1}}'],
    ['broken JSON', 'application/json', () => '{'],
    ['plain text', 'text/plain', () => `formToken=${token()}`],
    ['several parts', 'multipart/form-data; boundary=x', () => '--x--'],
    ['XML', 'application/xml', () => '<a/>'],
    ['something unknown', 'x/y', () => 'z'],
    ['nothing named', '', () => 'z'],
  ])('%s is refused with a page', async (_, type, payload) => {
    const headers = { 'sec-fetch-site': 'same-origin', ...(type ? { 'content-type': type } : {}) }
    const response = await inject('POST', '/segeberg/en/termin/buchen', headers, payload())
    expect([response.statusCode, titleOf(response.body)]).toEqual([
      415,
      expect.stringContaining(en('apps.problems.mediaType.title')),
    ])
  })

  test('larger than any form is refused with advice, in the person’s language', async () => {
    const before = await stored(installation.admin)
    for (const [path, words] of [
      ['/segeberg', de],
      ['/segeberg/en', en],
    ] as const) {
      const payload = `f.freeText=${'x'.repeat(3 * 1024 * 1024)}`
      const response = await inject(
        'POST',
        `${path}/termin/buchen`,
        { ...form, 'sec-fetch-site': 'same-origin' },
        payload,
      )
      expect([response.statusCode, titleOf(response.body)]).toEqual([
        413,
        expect.stringContaining(words('apps.problems.tooLarge.title')),
      ])
      expect(response.body.length).toBeLessThan(10_000)
    }
    expect(await stored(installation.admin)).toEqual(before)
  })

  test('with fields twice, fields of the language and others that nobody declared is read as far as it makes sense', async () => {
    const details = await reachDetails(somebody(installation))
    const fields = Object.entries({ ...fieldsOn(details), ...erika }).map(
      ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
    )
    const odd = [
      '__proto__=x',
      'constructor=y',
      'f.name=Second',
      'f.__proto__=x',
      ...Array.from({ length: 100 }, (_, i) => `f.undeclared${i}=1`),
    ]
    const response = await inject(
      'POST',
      '/segeberg/termin/einwilligung',
      { ...form, 'sec-fetch-site': 'same-origin' },
      [...fields, ...odd].join('&'),
    )
    expect([response.statusCode, titleOf(response.body)]).toEqual([
      200,
      expect.stringContaining(de('appointments.consent.title')),
    ])
    expect(response.body).toContain('value="Erika Markerfrau"')
    expect(response.body).not.toMatch(/Second|undeclared|constructor/)
  })
})

describe('every answer', () => {
  const answers = async (): Promise<Seen[]> => {
    const who = somebody(installation)
    const details = await reachDetails(who)
    const mistaken = await who.send(details, { 'f.name': '' })
    const consent = await who.send(details, erika)
    const check = await who.send(consent, agreed)
    const booked = await who.send(check)
    const manage = booked.url.split('?')[0]
    const opened = await Promise.all(
      [
        '/',
        '/en',
        '/segeberg/',
        '/segeberg/termin',
        '/segeberg/termin/zeit?leistung=beratung-vor-ort',
        '/segeberg/termin/angaben?vormerkung=x',
        `${manage}/absagen`,
        `${manage}/verschieben`,
        `${manage}/daten`,
        `${manage}/termin.ics`,
        '/nirgends',
        '/segeberg/termin/verwalten/x',
        '/%zz',
      ].map((url) => who.open(url)),
    )
    const wrong = [
      mistaken,
      await who.send(check, { [tokenField]: '' }),
      await who.send(consent, {}),
      await who.send(check, { vormerkung: 'x' }),
    ]
    const cancelled = await who.send(await who.open(`${manage}/absagen`))
    return [details, consent, check, booked, ...opened, ...wrong, cancelled]
  }

  test('sets no cookie but the one agreed to, stays out of caches, tells no path to others and runs no foreign script', async () => {
    const all = await answers()
    expect(new Set(all.map((page) => page.status))).toEqual(new Set([200, 403, 404, 409, 410, 422]))
    for (const { headers, url, status } of all) {
      const what = `${status} ${url}`
      const set = [headers['set-cookie'] ?? []].flat().map((line) => String(line).split('=')[0])
      expect([what, set.filter((name) => name !== 'entwurf')]).toEqual([
        what,
        url.endsWith('/pruefen') && status === 200 ? ['disclaimer'] : [],
      ])
      expect([what, headers['cache-control']]).toEqual([what, 'no-store'])
      expect([what, headers['referrer-policy']]).toEqual([what, 'strict-origin'])
      expect([what, headers['x-content-type-options']]).toEqual([what, 'nosniff'])
      const csp = String(headers['content-security-policy'])
      expect([what, csp]).toEqual([what, expect.stringMatching(/^default-src 'none';.*script-src 'self';/)])
      for (const part of ["frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"])
        expect(csp).toContain(part)
      expect(csp).not.toContain('unsafe')
    }
  })

  test('obeys its own policy: no script, style or handler within the page', async () => {
    for (const { all, url } of await answers()) {
      const within = all('*').filter(({ name, attributes }) => {
        const handlers = Object.keys(attributes).filter((each) => each.startsWith('on') || each === 'style')
        const scripts = Object.values(attributes).filter((each) => /^\s*javascript:/i.test(each))
        return name === 'style' || (name === 'script' && !attributes.src) || handlers.length + scripts.length > 0
      })
      expect([url, within.map(({ html }) => html)]).toEqual([url, []])
    }
  })

  test('to HEAD is that to GET without its body', async () => {
    for (const url of ['/segeberg/termin', '/segeberg/en/termin/zeit?leistung=beratung-vor-ort', '/nirgends']) {
      const [get, head] = [await inject('GET', url), await inject('HEAD', url)]
      expect([head.statusCode, head.body, head.headers['content-type']]).toEqual([
        get.statusCode,
        '',
        get.headers['content-type'],
      ])
    }
  })
})

describe('a caller who asks without end', () => {
  test('gets a page with 429 and when to come back; other callers notice nothing', async () => {
    const caller = { 'x-forwarded-for': '198.51.100.7' }
    const send = (headers: Record<string, string>, url = '/segeberg/en/termin/vormerken') =>
      inject('POST', url, { ...form, ...headers, 'sec-fetch-site': 'cross-site' }, '')
    let refused = await send(caller)
    for (let i = 0; i < 240 && refused.statusCode === 403; i++) refused = await send(caller)
    expect([refused.statusCode, titleOf(refused.body)]).toEqual([
      429,
      expect.stringContaining(en('apps.problems.tooMany.title')),
    ])
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    const elsewhere = Array.from({ length: 50 }, () => send(caller, '/segeberg/termin/buchen'))
    expect((await Promise.all(elsewhere)).map(({ statusCode }) => statusCode)).toContain(429)
    expect((await send({ 'x-forwarded-for': '198.51.100.8' })).statusCode).toBe(403)
    expect((await inject('GET', '/segeberg/termin', caller)).statusCode).toBe(200)
  })

  test('is known by the address that a trusted proxy names, whatever else the caller claims', async () => {
    const headers = (i: number) => ({ 'x-forwarded-for': `10.9.9.${i}, 198.51.100.9` })
    const send = (i: number) =>
      inject('POST', '/segeberg/termin/vormerken', { ...form, ...headers(i), 'sec-fetch-site': 'cross-site' }, '')
    const ends = new Set<number>()
    for (let i = 0; i < 240 && !ends.has(429); i++) ends.add((await send(i)).statusCode)
    expect(ends).toEqual(new Set([403, 429]))
  })
})

test('no page of booking is missing from what is tested here', () => {
  const pages = features.find((feature) => feature.name === 'appointments')?.pages ?? []
  expect(new Set(pages.map((page) => page.route))).toEqual(new Set(Object.values(routes)))
})
