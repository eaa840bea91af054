import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { apiRoutes } from '#features/appointments/routes.ts'
import { dump, findTraces, readFilesBelow } from './helpers/dump.ts'
import { eventually, type Installation, publicUrl, startInstallation } from './helpers/installation.ts'
import { bookAppointment, codeIn, type Person, person, type Seen } from './helpers/person.ts'

/*
 * Two people whose every value is a canary go every way there is, in browsers full of canaries; things go wrong on the way,
 * some with the values in the error. Then whatever was written, sent or counted is searched for them by value: log files,
 * standard error, jobs done and failed, every table, mails, headers of answers, pages, metrics. What PostgreSQL itself
 * wrote, and what lies in its files, is the matter of leaks.test.ts.
 */

/** What comes with every request. Nothing of it is ever stored or shown. */
const sent = {
  'IPv4 address': '198.51.100.23',
  'IPv6 address': '2001:db8:ca4a:1e5::77',
  'IPv6 address in full': '2001:0db8:ca4a:01e5:0000:0000:0000:0077',
  'address of a program': '203.0.113.77',
  agent: 'Kanarienkopf',
  referrer: 'Herkunftskanarie',
  cookie: 'Kekskanarie4vogel7Sing',
  'accepted language': 'x-kanarie',
  'request id': 'Kanarienummer31',
}
/** What people type. */
const anna = {
  name: 'Anna Kanarienvogel-Öhm',
  email: 'anna.kanarienvogel@example.org',
  number: '131A0990816',
  phone: '030 23125 776',
  words: 'Kontokanarie DE02120300000000202051',
  iban: 'DE02120300000000202051',
}
const berta = {
  name: 'Berta Wellensittich',
  email: 'berta.wellensittich@example.org',
  refused: 'refused.wellensittich@example.org',
  deferred: 'deferred.wellensittich@example.org',
  byProgram: 'program.wellensittich@example.org',
  number: '131A0990817',
  words: 'Sittichtext',
}
/** Capabilities and codes that came about on the way. */
const secrets: Record<string, string | Buffer> = {}
const values = (): Record<string, string | Buffer> => ({
  ...Object.fromEntries(Object.entries(sent).map(([what, value]) => [`sent ${what}`, value])),
  'sent IPv6 address in bytes': Buffer.from('20010db8ca4a01e50000000000000077', 'hex'),
  ...Object.fromEntries(Object.entries(anna).map(([what, value]) => [`Anna's ${what}`, value])),
  ...Object.fromEntries(Object.entries(berta).map(([what, value]) => [`Berta's ${what}`, value])),
  ...secrets,
})

type Answer = { from: string; method: string; url: string; headers: Record<string, unknown>; body: string }
const answers: Answer[] = []
const standardError: string[] = []
let installation: Installation
let first: Person
let second: Person

const headersOf = (address: string) => ({
  'x-forwarded-for': address,
  'user-agent': `Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0 ${sent.agent}/1.0`,
  referer: `https://example.org/?von=${sent.referrer}`,
  cookie: `sitzung=${sent.cookie}`,
  'accept-language': `de, ${sent['accepted language']};q=0.5`,
  'x-request-id': sent['request id'],
  from: anna.email,
})

const replies: Record<string, number> = { [berta.refused]: 550, [berta.deferred]: 451 }
const metricsToken = 'a-token-of-this-test-alone'

beforeAll(async () => {
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    standardError.push(String(chunk))
    return true
  })
  installation = await startInstallation({
    config: { metricsToken },
    mailServer: { refuse: (to) => replies[to] ?? null },
  })
  installation.app.addHook('onSend', async (request, reply, body) => {
    const headers = { ...reply.getHeaders() }
    answers.push({ from: request.ip, method: request.method, url: request.url, headers, body: String(body ?? '') })
  })
  first = person(installation, headersOf(sent['IPv4 address']))
  second = person(installation, headersOf(sent['IPv6 address']))
})
afterAll(async () => {
  vi.restoreAllMocks()
  await installation.close()
})

const remember = (what: string, token: string) => {
  expect(token.length, what).toBeGreaterThanOrEqual(8)
  secrets[what] = token
}
const asAnna = {
  'f.name': anna.name,
  'f.email': anna.email,
  'f.customerOrBgNumber': anna.number,
  'f.freeText': anna.words,
}
const asBerta = {
  'f.name': berta.name,
  'f.email': berta.email,
  'f.customerOrBgNumber': berta.number,
  'f.freeText': berta.words,
}
const mailTo = (to: string, words: string) =>
  eventually(
    () =>
      installation.mailbox.messages().find((mail) => mail.to === to && `${mail.subject} ${mail.text}`.includes(words)),
    `a mail to ${to} with "${words}"`,
  )

test('Anna books in person and by phone, moves, asks for her data with a code, and cancels', async () => {
  const inPerson = await bookAppointment(first, { fields: asAnna })
  const byPhone = await bookAppointment(first, {
    service: 'beratung-telefon',
    fields: { ...asAnna, 'f.phone': anna.phone },
  })
  remember('link', inPerson.token)
  remember('second link', byPhone.token)
  const asked = await first.send(await first.open('/segeberg/meine-daten'), { email: anna.email })
  const code = codeIn((await mailTo(anna.email, 'Ihr Code')).text)
  remember('code', code)
  const shown = await first.send(asked, { code })
  expect(shown.text).toContain(anna.words)
  await first.send(shown)
  const times = await first.open(`${inPerson.manage}/verschieben`)
  await first.send(times, { beginn: first.starts(times).at(-1) ?? '' })
  await mailTo(anna.email, 'Neue Zeit')
  await first.open(`${inPerson.manage}/beleg`)
  await first.open(`${inPerson.manage}/termin.ics`)
  await first.send(await first.open(`${byPhone.manage}/absagen`))
  await mailTo(anna.email, 'Abgesagt')
})

test('Berta waits for an earlier time, is offered one and takes it', async () => {
  const musterstadt = '/musterstadt/termin/zeit?leistung=beratung-vor-ort'
  const early = await second.open(`${musterstadt}&ab=2026-12-02`)
  const late = await second.open(`${musterstadt}&ab=2026-12-09`)
  const other = await bookAppointment(first, {
    slug: 'musterstadt',
    start: first.starts(early)[0] ?? '',
    fields: asAnna,
  })
  const fields = { ...asBerta, 'f.reminder': 'yes' }
  const own = await bookAppointment(second, { slug: 'musterstadt', start: second.starts(late)[0] ?? '', fields })
  remember('third link', other.token)
  remember('fourth link', own.token)
  await second.send(await second.open(own.manage), {}, '/frueher')
  installation.mailbox.clear()
  await first.send(await first.open(`${other.manage}/absagen`))
  const { text } = await mailTo(berta.email, '/angebot/')
  const link = /http\S+verwalten\/([\w-]{22})\/angebot\/[\w-]+/.exec(text)
  remember('link of the offer', link?.[1] ?? '')
  const accepted = await second.send(await second.open(new URL(link?.[0] ?? '').pathname), { antwort: 'ja' })
  expect(accepted.status).toBe(200)
})

test('a program books for Berta, and asks for what it may not', async () => {
  const ask = (method: 'GET' | 'POST', path: string, body?: string, bearer = '') =>
    installation.app.inject({
      method,
      url: `/segeberg${path}`,
      headers: {
        ...headersOf(sent['address of a program']),
        host: new URL(publicUrl).host,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
      },
      ...(body === undefined ? {} : { payload: body }),
    })
  const service = 'beratung-vor-ort'
  const start = (await ask('GET', `${apiRoutes.availability.path}?services=${service}`)).json().first
  const held = await ask('POST', apiRoutes.holds.path, JSON.stringify({ services: [service], start }))
  const { id, key } = held.json()
  remember('key of a hold', key)
  const { notice, consent, terms } = (await ask('GET', apiRoutes.consent.path)).json()
  const body = {
    hold: id,
    language: 'de',
    fields: { name: berta.name, birthDate: '1984-08-12', email: berta.byProgram, freeText: berta.words },
    agreed: { notice: notice.hash, consent: consent.languages[0].hash, terms: terms.version },
  }
  const booked = await ask('POST', apiRoutes.appointments.path, JSON.stringify(body), key)
  expect(booked.statusCode).toBe(201)
  remember('token of a program', booked.json().token)
  expect((await ask('GET', apiRoutes.own.path, undefined, booked.json().token)).statusCode).toBe(200)

  const wrong = { ...body, [anna.email]: anna.name, fields: { ...body.fields, email: anna.name, iban: anna.iban } }
  await ask('POST', apiRoutes.appointments.path, JSON.stringify(wrong), key)
  await ask('POST', apiRoutes.appointments.path, `{"${anna.email}`)
  await ask('POST', apiRoutes.holds.path, JSON.stringify({ services: [anna.name], start: anna.email }))
  await ask('GET', `${apiRoutes.availability.path}?services=${encodeURIComponent(anna.email)}`)
  await ask('GET', apiRoutes.own.path, undefined, secrets.code as string)
  await ask('GET', `/api/v1/${anna.email}`)
})

/** An error as PostgreSQL really reports it: with the whole row in its details. */
const refusedRow = async (): Promise<Error> => {
  const { admin } = installation
  await admin.query(`create temp table refused (name text, email text check (email = ''))`)
  const error = await admin.query('insert into refused values ($1, $2)', [anna.name, anna.email]).catch((each) => each)
  expect(error.detail).toContain(anna.name)
  return error
}

test('things go wrong: mails that are refused, forms and addresses that are none, faults with the values in them', async () => {
  for (const to of [berta.refused, berta.deferred])
    await bookAppointment(second, { fields: { ...asBerta, 'f.email': to } })
  const queued = async () =>
    (await installation.admin.query("select last_code from mail_delivery where status = 'queued'")).rows
  await eventually(async () => (await queued()).some(({ last_code }) => last_code === '451'))

  const query = new URLSearchParams({ ...anna, ...sent, token: String(secrets.link) })
  const pages = ['/', '/segeberg/', '/segeberg/termin', '/segeberg/meine-daten', '/segeberg/nichts', '/nichts']
  for (const page of pages) await first.open(`${page}?${query}`)
  await first.open(`/segeberg/termin/verwalten/${encodeURIComponent(anna.email)}`)
  await first.open(`/segeberg/${encodeURIComponent(anna.name)}/${secrets.link}`)
  await first.open(`/segeberg/%zz${anna.email}`)
  const details = await first.send(await first.open('/segeberg/termin/zeit?leistung=beratung-vor-ort'), {
    beginn: anna.email,
  })
  await first.send(details, { ...asAnna, 'f.email': anna.name })
  await first.post('/segeberg/meine-daten/ansehen', {
    email: anna.email,
    vorgang: anna.email,
    code: String(secrets.code),
  })
  await first.post('/segeberg/meine-daten/code', { email: anna.email, formToken: anna.name })

  const { db } = installation.deps
  const failing = async (error: unknown, open: () => Promise<Seen>, status: number) => {
    vi.spyOn(db, 'inTenant').mockRejectedValueOnce(error)
    const page = await open()
    expect([page.status, page.text.includes('Kanarienvogel')]).toEqual([status, false])
  }
  const times = () => first.open(`/segeberg/termin/zeit?leistung=beratung-vor-ort&${query}`)
  await failing(await refusedRow(), times, 500)
  await failing(new Error(`550 5.1.1 <${anna.email}>: "${anna.name}" from ${sent['IPv4 address']}`), times, 500)
  await failing(new SyntaxError(`Unexpected token, ${anna.name} is not valid JSON`), times, 500)
  await failing(anna.name, times, 500)
})

test('the access log holds shortened addresses and patterns of pages, and no value', async () => {
  const files = readFilesBelow(`${installation.folder}/log`)
  expect([...files.keys()].map((path) => path.split('/').at(-2)).sort()).toEqual(['musterstadt', 'segeberg'])
  const lines = [...files.values()]
    .flatMap((content) => content.toString().trim().split('\n'))
    .map((line) => JSON.parse(line))
  expect(lines.length).toBeGreaterThan(50)
  expect(new Set(lines.flatMap((line) => Object.keys(line)))).toEqual(
    new Set(['time', 'page', 'status', 'address', 'browser', 'operatingSystem']),
  )
  expect(new Set(lines.map(({ address }) => address))).toEqual(
    new Set(['198.51.100.0', '2001:db8:ca4a::', '203.0.113.0']),
  )
  expect(new Set(lines.map(({ browser, operatingSystem }) => `${browser} ${operatingSystem}`))).toEqual(
    new Set(['Firefox 140 Linux']),
  )
  expect(lines.map(({ page }) => page)).toContain('/segeberg/termin/verwalten/:token')
  for (const { page } of lines) expect(page).toMatch(/^(\/(segeberg|musterstadt)[a-z0-9/.:-]*)?$/)
  expect(findTraces(files, values())).toEqual([])
})

test('standard error names the faults, and no value', () => {
  const text = standardError.join('')
  expect(text).toMatch(/fault in GET \/:tenant\/termin\/zeit: error 23514: new row for relation "refused" violates/)
  expect(text).toContain('fault in GET /:tenant/termin/zeit: SyntaxError: a value that does not fit')
  expect(text.match(/fault in /g)?.length).toBeGreaterThanOrEqual(4)
  expect(findTraces(new Map([['standard error', Buffer.from(text)]]), values())).toEqual([])
})

test('no table holds a value, those of the queue with what is done and what failed included', async () => {
  const { rows } = await installation.admin.query('select distinct state::text from jobs.job order by 1')
  expect(rows.map(({ state }) => state)).toEqual(['completed', 'retry'])
  const said = await installation.admin.query(
    `select distinct data - 'id' - 'tenantId' as data, output, singleton_key, group_id from jobs.job`,
  )
  expect(said.rows).toEqual([{ data: {}, output: null, singleton_key: null, group_id: null }])
  await installation.sweep()
  const tables = await dump(installation.admin)
  for (const table of ['public.page_count', 'public.mail_delivery', 'vault.record', 'vault.access'])
    expect(tables.get(table)?.length, table).toBeGreaterThan(0)
  expect(findTraces(tables, values())).toEqual([])
})

test('a mail goes to its address and holds its link, and nothing else of anybody', () => {
  const mails = installation.mailbox.messages()
  expect(mails.length).toBeGreaterThanOrEqual(3)
  for (const { raw, subject, text, html, to } of mails) {
    const [head = ''] = raw.split('\r\n\r\n')
    const names = [...head.matchAll(/^([\w-]+):/gm)].map(([, name = '']) => name.toLowerCase())
    const ours = ['from', 'to', 'subject', 'message-id', 'date', 'mime-version', 'content-type', 'auto-submitted']
    expect(
      names.filter((name) => ![...ours, 'x-auto-response-suppress', 'content-transfer-encoding'].includes(name)),
    ).toEqual([])
    const recipient = Object.entries(values()).find(([, value]) => value === to)?.[0] ?? ''
    const mayHold = [recipient, ...Object.keys(secrets)]
    const others = Object.fromEntries(Object.entries(values()).filter(([what]) => !mayHold.includes(what)))
    const parts = new Map(
      Object.entries({ head, raw, subject, text, html }).map(([part, of]) => [part, Buffer.from(of)]),
    )
    expect(findTraces(parts, others), subject).toEqual([])
    expect(`${subject}${text}${html}`).not.toContain(to)
  }
})

test('no header of an answer holds a value but the link that somebody has just got, and no page what a browser sent', () => {
  expect(answers.length).toBeGreaterThan(50)
  const found = answers.flatMap(({ method, url, headers, body }) => {
    const where = `${method} ${url.split('?')[0]}`
    const { location = '', ...others } = headers
    const own = Object.fromEntries(Object.entries(values()).filter(([what]) => !what.includes('link')))
    return [
      ...findTraces(new Map([[`headers of ${where}`, Buffer.from(JSON.stringify(others))]]), values()),
      ...findTraces(new Map([[`location of ${where}`, Buffer.from(String(location))]]), own),
      // The language switch repeats the address that was asked for, and with it what this test put behind it.
      ...(url.includes('?') ? [] : findTraces(new Map([[`page of ${where}`, Buffer.from(body)]]), sent)),
    ]
  })
  expect([...new Set(found)]).toEqual([])
})

test('what one person is answered holds nothing of the other', () => {
  const ofAnna = answers.filter(({ from }) => from === sent['IPv4 address'])
  const ofBerta = answers.filter(({ from }) => from === sent['IPv6 address'])
  expect(Math.min(ofAnna.length, ofBerta.length)).toBeGreaterThan(10)
  const bodies = (of: Answer[]) => new Map(of.map(({ url, body }) => [url, Buffer.from(body)]))
  expect(findTraces(bodies(ofBerta), anna)).toEqual([])
  expect(findTraces(bodies(ofAnna), berta)).toEqual([])
})

test('the metrics and the numbers of page views hold no value', async () => {
  const { body, statusCode } = await installation.app.inject({
    url: '/metrics',
    headers: { ...headersOf(sent['IPv4 address']), authorization: `Bearer ${metricsToken}` },
  })
  expect(statusCode).toBe(200)
  expect(body).toContain('route="/:tenant/termin/verwalten/:token"')
  expect(findTraces(new Map([['metrics', Buffer.from(body)]]), { ...values(), metricsToken })).toEqual([])
  const { rows } = await installation.admin.query('select distinct page from page_count')
  expect(rows.length).toBeGreaterThan(5)
  for (const { page } of rows) expect(page).toMatch(/^\/(segeberg|musterstadt)[a-z0-9/.:-]*$/)
})
