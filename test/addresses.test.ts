import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { translator } from '#platform/i18n/translate.ts'
import { look } from './helpers/html.ts'
import { type Installation, startInstallation } from './helpers/installation.ts'

/* Odd addresses and hosts, as bytes over a real connection: what no browser sends, but scripts and proxies do. */

let installation: Installation
let host: string
beforeAll(async () => {
  installation = await startInstallation({ listen: true, tenants: ['segeberg', 'musterstadt'] })
  host = new URL(installation.config.publicUrl).host
})
afterAll(() => installation.close())

/** What comes back for these bytes, until the server ends the connection. */
const send = (text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: installation.config.port })
    let answer = ''
    socket.setEncoding('utf8')
    socket.on('data', (data) => {
      answer += data
    })
    socket.on('end', () => resolve(answer)).on('error', reject)
    socket.write(text)
  })

type Asking = { method?: string; hosts?: readonly string[]; more?: readonly string[]; body?: string }

const ask = async (target: string, { method = 'GET', hosts = [host], more = [], body = '' }: Asking = {}) => {
  const head = [`${method} ${target} HTTP/1.1`, ...hosts.map((each) => `Host: ${each}`), ...more, 'Connection: close']
  const answer = await send(`${head.join('\r\n')}\r\n\r\n${body}`)
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]), answer }
}

/** The access lines of a tenant, as far as they were written. */
const linesOf = (slug: string): string[] => {
  const folder = join(installation.folder, 'log', slug)
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n').filter(Boolean))
}

test.each([
  ['as it is', '/musterstadt/impressum'],
  ['with a letter percent-encoded', '/%6dusterstadt/impressum'],
  [
    'all of it percent-encoded',
    `/${[...'musterstadt'].map((c) => `%${c.charCodeAt(0).toString(16)}`).join('')}/impressum`,
  ],
  ['with a fragment that no browser sends', '/musterstadt/impressum#/segeberg'],
  ['with a question mark and nothing', '/musterstadt/impressum?'],
  ['with a slash at its end', '/musterstadt/impressum/'],
  ['in absolute form', 'http://HOST/musterstadt/impressum'],
])('an address %s is the same page for router, log and language switch', async (_, target) => {
  const before = linesOf('musterstadt').length
  const { status, answer } = await ask(target.replace('HOST', host))
  expect(status).toBe(200)
  expect(answer).toContain('href="/musterstadt/en/impressum')
  const lines = linesOf('musterstadt')
  expect(lines).toHaveLength(before + 1)
  expect(lines.at(-1)).toContain('"page":"/musterstadt/impressum"')
})

test('a declared cookie comes through whatever the address is written like, and an undeclared page has none', async () => {
  const cookie = (target: string) => ask(target, { more: ['Cookie: disclaimer=x; other=y'] })
  for (const slug of ['segeberg', '%73egeberg', 'segeber%67']) {
    const { status, answer } = await cookie(`/${slug}/nutzungsbedingungen`)
    expect([slug, status]).toEqual([slug, 200])
    const token = look(answer).field('formToken')
    const body = `formToken=${token}`
    const agreed = await ask(`/${slug}/nutzungsbedingungen`, {
      method: 'POST',
      more: [
        'Sec-Fetch-Site: same-origin',
        'Content-Type: application/x-www-form-urlencoded',
        `Content-Length: ${body.length}`,
      ],
      body,
    })
    expect([slug, agreed.status]).toEqual([slug, 303])
    expect(agreed.answer).toMatch(/\r\nset-cookie: disclaimer=/i)
  }
  expect(installation.said.join()).not.toContain('undeclared cookie')
})

const notFound = [
  '/assets/%2e%2e/x',
  '/assets/../x',
  '/assets/..%2fx',
  '/assets/%2e%2e%2f%2e%2e%2fpackage.json',
  '/assets/%00',
  '/assets/x%00.css',
  '/assets/%5c..%5cx',
  '/assets/\\..\\x',
  '/assets/',
  '/assets',
  '/assets//',
  `/assets/${'x'.repeat(3000)}.css`,
  '/assets/%zz',
  '//musterstadt/',
  '/musterstadt//impressum',
  '/musterstadt/en/../impressum',
  '/musterstadt/%2e%2e/segeberg',
  '/musterstadt/%00',
  '/musterstadt/AbcAbcAbcAbcAbcAbcAbcA%00',
  '/musterstadt/datenschutz/fassungen/AbcAbcAbcAbcAbcAbcAbcA%00',
  '/musterstadt/datenschutz/fassungen/AbcAbcAbcAbcAbcAbcAbcA%00/aenderungen',
  '/musterstadt/./impressum',
  '/musterstadt%2fimpressum',
  '/musterstadt;x/impressum',
  '/musterstadt./',
  '/Musterstadt/',
  '/m%C3%BCsterstadt/',
  '/musterstadt/%ff',
  '/%256dusterstadt/',
  '*',
]
test.each(notFound)('%s is no page, and no fault', async (target) => {
  const { status, answer } = await ask(target)
  expect(status).toBe(404)
  expect(['de', 'en'].some((each) => answer.includes(translator(each as 'de')('apps.problems.notFound.title')))).toBe(
    true,
  )
  expect(answer).toMatch(/\r\ncontent-security-policy: /i)
})

test.each(['OPTIONS', 'TRACE', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'])(
  '%s is no way to ask for a page',
  async (method) => {
    const { status, answer } = await ask('/musterstadt/', { method })
    expect([status, /\r\ncontent-security-policy: /i.test(answer)]).toEqual([404, true])
  },
)

test('HEAD has the head of the page and nothing else', async () => {
  const { status, answer } = await ask('/musterstadt/', { method: 'HEAD' })
  expect([status, answer.split('\r\n\r\n')[1]]).toEqual([200, ''])
})

test('a method that does not exist is answered with a page', async () => {
  const { status, answer } = await ask('/musterstadt/', { method: 'BREW' })
  expect(status).toBe(400)
  for (const language of ['de', 'en', 'ar'] as const)
    expect(answer).toContain(translator(language)('apps.problems.malformed.title'))
})

test.each([
  ['two hosts', () => [host, host]],
  ['two different hosts', () => [host, 'evil.example']],
  ['a host with a user', () => [`somebody@${host}`]],
  ['a host with a path', () => [`${host}/x`]],
  ['a host with blanks in it', () => ['a b']],
  ['a port that is none', () => ['localhost:99999']],
  ['a port in letters', () => ['localhost:http']],
  ['brackets around no address', () => ['[::zz]']],
  ['an empty host', () => ['']],
])('%s are refused', async (_, hosts) => {
  const { status, answer } = await ask('/segeberg/en/', { hosts: hosts() })
  expect(status).toBe(400)
  expect(answer).toContain(translator('en')('apps.problems.malformed.title'))
})

test.each([['localhost'], ['127.0.0.1:80'], ['[::1]:3000'], ['my_app.internal.'], ['xn--mnchen-3ya.example']])(
  'the host %s is taken',
  async (name) => {
    expect((await ask('/segeberg/', { hosts: [name] })).status).toBe(200)
  },
)

test('an absolute address for another host than the one named is refused', async () => {
  expect((await ask('http://evil.example/segeberg/')).status).toBe(400)
})

test('a host that somebody else reports does not make a stranger’s form ours, trusted proxy or not', async () => {
  const form = look((await ask('/segeberg/meine-daten')).answer).field('formToken')
  const body = `formToken=${form}&email=`
  const post = (more: readonly string[]) =>
    ask('/segeberg/meine-daten/code', {
      method: 'POST',
      more: [...more, 'Content-Type: application/x-www-form-urlencoded', `Content-Length: ${body.length}`],
      body,
    })
  expect((await post(['Origin: http://evil.example', 'X-Forwarded-Host: evil.example'])).status).toBe(403)
  expect((await post([`Origin: http://${host}`])).status).not.toBe(403)
})

test('an address longer than any of ours is refused in the person’s language', async () => {
  const { status, answer } = await ask(`/segeberg/en/termin?${'x=1&'.repeat(2000)}`)
  expect(status).toBe(414)
  expect(answer).toContain(translator('en')('apps.problems.addressTooLong.title'))
  expect(answer.length).toBeLessThan(10_000)
})

test('more cookies than can be read are named as the reason, in every language', async () => {
  const { status, answer } = await ask('/segeberg/', { more: [`Cookie: ${'a=b; '.repeat(5000)}`] })
  expect(status).toBe(431)
  for (const language of ['de', 'en', 'ar'] as const)
    expect(answer).toContain(translator(language)('apps.problems.headersTooLong.title'))
  expect(answer).toContain('content-security-policy: ')
})

test('a query is shown again as far as it is declared', async () => {
  const { answer } = await ask('/segeberg/termin?leistung=beratung-vor-ort&fbclid=tracked&f.undeclared=x')
  expect(answer).toContain('href="/segeberg/en/termin?leistung=beratung-vor-ort"')
  expect(answer).not.toMatch(/tracked|undeclared/)
})
