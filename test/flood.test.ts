import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { largestBody } from '#platform/http/body.ts'
import { translator } from '#platform/i18n/translate.ts'
import { askedFields, inputName } from '#register/form.ts'
import { getActivity } from '#register/register.ts'
import { eventually, type Installation, startInstallation } from './helpers/installation.ts'
import { agreed, erika, formTokenOf, type Person, person, type Seen } from './helpers/person.ts'
import { allTenants } from './helpers/tenants.ts'

/* Requests that are made to cost more than they are worth, and the largest ones that are honest. */

const en = translator('en')

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ listen: true, tenants: allTenants })
})
afterAll(() => installation.close())

const form = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' }

let callers = 0
/** Somebody with an address of their own. */
const caller = () => ({ 'x-forwarded-for': `198.51.100.${++callers}` })

const post = (url: string, payload: string | Buffer, headers: Record<string, string> = {}) =>
  installation.app.inject({
    method: 'POST',
    url,
    headers: { host: 'anlaufstelle.test', ...form, ...caller(), ...headers },
    payload,
  })

const signed = (slug = 'segeberg') => `formToken=${formTokenOf(installation, slug)}`

/** What the server says to who sends these lines, and nothing after them, until it ends the connection. */
const answerTo = async (lines: readonly string[]): Promise<string> => {
  const socket = connect({ host: '127.0.0.1', port: installation.config.port })
  socket.write(lines.join('\r\n'))
  return text(socket)
}

/** CPU time that this process spends on work, in milliseconds. */
const cpuOf = async (work: () => Promise<unknown>): Promise<number> => {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

const reachDetails = async (who: Person, slug: string): Promise<Seen> => {
  const services = await who.open(`/${slug}/termin`)
  const times = await who.open(`/${slug}/termin/zeit?leistung=${services.field('leistung')}`)
  return who.send(times, { beginn: who.starts(times)[0] ?? '' })
}

describe('a form', () => {
  test('with a hundred and fifty thousand fields is refused before any of them is read', async () => {
    const fields = Array.from({ length: 150_000 }, (_, i) => `f.a${i}=`).join('&')
    const honest = await cpuOf(() => post('/segeberg/en/termin/pruefen', signed()))
    const refused = post('/segeberg/en/termin/pruefen', `${signed()}&${fields}`)
    const cost = await cpuOf(() => refused)
    const { statusCode, body } = await refused
    expect(statusCode).toBe(413)
    expect(body).toContain(en('apps.problems.tooLarge.title'))
    expect(body.length).toBeLessThan(10_000)
    expect(cost).toBeLessThan(Math.max(50, 10 * honest))
  })

  test('with more fields than any form has is refused, however short they are', async () => {
    const fields = 'a&'.repeat(20_000)
    expect((await post('/segeberg/termin/pruefen', `${signed()}&${fields}`)).statusCode).toBe(413)
  })

  test('comes back with what is declared and nothing else, on every page that shows it again', async () => {
    const who = person(installation, caller())
    const odd = { 'f.undeclared': 'Fremdkörper', 'f.name.day': 'Fremdkörper', undeclared: 'Fremdkörper' }
    const details = await reachDetails(who, 'segeberg')
    const mistaken = await who.send(details, { ...erika, 'f.email': '', ...odd })
    const consent = await who.send(mistaken, { ...erika, ...odd })
    const check = await who.send(consent, { ...agreed, ...odd })
    const untrusted = await who.send(check, { formToken: 'x', ...odd })
    for (const page of [mistaken, consent, check, untrusted]) {
      expect(page.html).toContain('Erika Markerfrau')
      expect(page.html).not.toMatch(/Fremdkörper|undeclared/)
    }
    expect(untrusted.text).toContain(translator('de')('apps.problems.kept'))
  })

  test.each(['segeberg', 'viersen', 'duesseldorf', 'musterstadt'])(
    'of %s, filled to the brim in letters that take most room, gets through and comes back whole',
    async (slug) => {
      const running = installation.deps.register.running.get(slug)
      if (!running) throw new Error(`${slug} does not run`)
      const fields = askedFields(getActivity(running, 'appointments.booking'), 'inPerson').concat(
        askedFields(getActivity(running, 'appointments.booking'), 'phone'),
      )
      const full = Object.fromEntries(
        fields.map((field): [string, string] =>
          field.input === 'text' || field.input === 'longText' || field.input === 'email'
            ? [inputName(field), '😀'.repeat(field.maxLength)]
            : [inputName(field), ''],
        ),
      )
      const who = person(installation, caller())
      const page = await who.send(await reachDetails(who, slug), full)
      expect(page.status).toBeLessThan(430)
      expect(page.status).not.toBe(413)
      for (const [name, value] of Object.entries(full))
        if (value) expect([name, page.html.includes(value)]).toEqual([name, true])
    },
  )

  test('that is longer than its fields take comes back with what was typed, as long as it is a text', async () => {
    const who = person(installation, caller())
    const text = 'Ein langer Brief. '.repeat(1000)
    const page = await who.send(await reachDetails(who, 'segeberg'), { ...erika, 'f.freeText': text })
    expect(page.status).toBe(422)
    expect(page.html).toContain(text.trim())
  })

  test('that is packed is refused by name: unpacked it could be of any size', async () => {
    const { statusCode, body } = await post('/segeberg/en/termin/pruefen', Buffer.alloc(20), {
      'content-encoding': 'gzip',
    })
    expect(statusCode).toBe(415)
    expect(body).toContain('Content-Encoding')
  })

  test('in several parts is refused by name', async () => {
    const { statusCode, body } = await post('/segeberg/en/termin/pruefen', '--x--', {
      'content-type': 'multipart/form-data; boundary=x',
    })
    expect(statusCode).toBe(415)
    expect(body).toContain('multipart/form-data')
  })

  test('that comes drop by drop holds its connection for half a minute at most', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const answer = answerTo([
      'POST /segeberg/en/termin/pruefen HTTP/1.1',
      'Host: localhost',
      'Content-Type: application/x-www-form-urlencoded',
      'Content-Length: 100',
      '',
      'f.name=',
    ])
    await eventually(() => vi.getTimerCount() > 0, 'a body that is waited for')
    vi.advanceTimersByTime(30_000)
    const faults = vi.spyOn(installation.deps.log, 'fault')
    onTestFinished(() => faults.mockRestore())
    expect(await answer).toMatch(/^HTTP\/1\.1 408 /)
    const { server } = installation.app
    await eventually(async () => (await promisify(server.getConnections.bind(server))()) === 0, 'a closed connection')
    expect(faults).not.toHaveBeenCalled()
    expect(server.headersTimeout).toBeLessThanOrEqual(15_000)
  })
})

test('a head that never ends is told in every language that it took too long', async () => {
  const { server } = installation.app
  const usual = server.headersTimeout
  server.headersTimeout = 1
  const answer = await answerTo(['GET /segeberg/ HTTP/1.1', 'Host: localhost', ''])
  server.headersTimeout = usual
  expect(answer).toMatch(/^HTTP\/1\.1 408 /)
  for (const language of ['de', 'en', 'ar'] as const)
    expect(answer).toContain(translator(language)('apps.problems.tooSlow.title'))
})

test('of an address with hundreds of names nothing is read that is not declared', async () => {
  const get = (url: string) => installation.app.inject({ url, headers: { host: 'anlaufstelle.test', ...caller() } })
  const { statusCode, body } = await get(`/segeberg/termin?${'f.a=1&'.repeat(600)}`)
  expect(statusCode).toBe(200)
  expect(body).not.toContain('f.a')
})

describe('a program’s body', () => {
  const ask = (payload: string) => post('/segeberg/api/v1/holds', payload, { 'content-type': 'application/json' })

  test.each([
    ['levels', `${'['.repeat(30_000)}${']'.repeat(30_000)}`],
    ['keys', `{${Array.from({ length: 9000 }, (_, i) => `"k${i}":1`).join(',')}}`],
    ['items', `[${'0,'.repeat(40_000)}0]`],
  ])('with thousands of %s is malformed', async (_, payload) => {
    const { statusCode, body } = await ask(payload)
    expect([statusCode, body.length < 1000]).toEqual([400, true])
  })

  test('with a name that reaches into every object is malformed', async () => {
    for (const name of ['__proto__', 'constructor'])
      expect((await ask(`{"${name}":{"prototype":{"x":1}},"services":[],"start":""}`)).statusCode).toBe(400)
    expect(({} as { x?: number }).x).toBeUndefined()
  })

  test('may hold brackets, commas and quotes in its texts as it likes', async () => {
    const { statusCode, body } = await ask(JSON.stringify({ services: ['[{,:"\\'.repeat(2000)], start: 'x' }))
    expect(statusCode).toBe(400)
    expect(body).toContain('#/start')
  })

  test('larger than any is refused unread', async () => {
    expect((await ask(`"${'x'.repeat(largestBody)}"`)).statusCode).toBe(413)
  })
})

test('who asks without end waits for being refused, and nobody else does', async () => {
  const script = caller()
  const get = (headers: Record<string, string>) =>
    installation.app.inject({ url: '/segeberg/nirgends', headers: { host: 'anlaufstelle.test', ...headers } })
  const answers = await Promise.all(Array.from({ length: 400 }, () => get(script)))
  const count = (status: number) => answers.filter(({ statusCode }) => statusCode === status).length
  expect(count(404)).toBeGreaterThanOrEqual(100)
  expect(count(429)).toBe(400 - count(404))
  expect(count(429)).toBeGreaterThan(0)
  expect((await get(caller())).statusCode).toBe(404)
})
