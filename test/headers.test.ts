import { type AddressInfo, connect } from 'node:net'
import type { InjectOptions } from 'fastify'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { clientDir } from '#apps/compose.ts'
import { compareHeaders } from '#apps/doctor/policy.ts'
import { formType } from '#apps/doctor/shapes.ts'
import { openDoor } from '#apps/door.ts'
import { features } from '#apps/features.ts'
import { countRequests, listenForMetrics, metrics } from '#apps/metrics.ts'
import { freePort } from './helpers/command.ts'
import { type Installation, startInstallation } from './helpers/installation.ts'

/* What every answer tells the browser, also where the doctor does not ask: the mailbox of the demonstration, numbers for who
 * has the token, answers to somebody who asks too much, and an outage. */

let installation: Installation
const metricsToken = 'a-token-of-this-test-alone'
beforeAll(async () => {
  installation = await startInstallation({
    tenants: ['segeberg'],
    listen: true,
    withoutWorker: true,
    config: { metricsToken },
  })
})
afterAll(() => installation.close())

type Asked = InjectOptions & { url: string }

const wrongIn = async (asked: Asked, status: number, kind: 'answer' | 'file' = 'answer') => {
  const { statusCode, headers } = await installation.app.inject(asked)
  expect([asked.url, statusCode]).toEqual([asked.url, status])
  return compareHeaders(asked.url, headers, { kind, https: false })
}

test.each<[string, () => Asked, number]>([
  ['the list of mails', () => ({ url: '/_mailbox' }), 200],
  [
    'the list of mails, under a name that a stranger gave this machine',
    () => ({ url: '/_mailbox', headers: { host: 'rebound.example:3000' } }),
    404,
  ],
  ['the list of mails, under an address', () => ({ url: '/_mailbox', headers: { host: '[::1]:3000' } }), 200],
  ['a mail that is none', () => ({ url: '/_mailbox/0' }), 404],
  ['the numbers', () => ({ url: '/metrics', headers: { authorization: `Bearer ${metricsToken}` } }), 200],
  ['whether it is ready', () => ({ url: '/readyz' }), 200],
  ['the description of all tenants', () => ({ url: '/api/openapi.json' }), 200],
  ['a page that a browser has kept already', () => ({ url: '/segeberg/', headers: { 'if-none-match': '*' } }), 200],
  ['a page that is pressed together', () => ({ url: '/segeberg/', headers: { 'accept-encoding': 'br' } }), 200],
  ['a method that is none', () => ({ url: '/segeberg/', method: 'PATCH' as const }), 404],
  ['an address that spells nothing', () => ({ url: '/segeberg/%zz' }), 404],
  ['a folder above the files of the look', () => ({ url: '/assets/%2e%2e/package.json' }), 404],
  [
    'a form that is too large',
    () => ({
      url: '/segeberg/termin/buchen',
      method: 'POST' as const,
      headers: { 'content-type': formType },
      payload: 'x'.repeat(3 * 1024 * 1024),
    }),
    413,
  ],
])('%s', async (_what, asked, status) => {
  expect(await wrongIn(asked(), status)).toEqual([])
})

test('a mail, as the mailbox shows it', async () => {
  await installation.deps.mailer.send({
    from: 'termine@example.org',
    fromName: 'x',
    to: 'erika@example.org',
    subject: 'x',
    text: 'x',
    html: '<img src="https://count.example/1.gif">',
    messageId: '<1@example.org>',
  })
  const [mail] = installation.mailbox.messages()
  expect(await wrongIn({ url: `/_mailbox/${mail?.id}` }, 200)).toEqual([])
})

test('a file of the look, whole, in part and unchanged', async () => {
  const url = installation.deps.assets.script
  const { headers } = await installation.app.inject(url)
  expect(await wrongIn({ url }, 200, 'file')).toEqual([])
  const unchanged = await installation.app.inject({ url, headers: { 'if-none-match': String(headers.etag) } })
  expect([unchanged.statusCode, unchanged.headers['x-content-type-options']]).toEqual([304, 'nosniff'])
  expect(await wrongIn({ url: '/assets/none.js' }, 404)).toEqual([])
})

test('an outage, and somebody who asks too much', async () => {
  vi.spyOn(installation.deps.db, 'inTenant').mockRejectedValueOnce(
    Object.assign(new Error('no database'), { code: 'ECONNREFUSED' }),
  )
  vi.spyOn(installation.deps.log, 'fault').mockImplementation(() => {})
  expect(await wrongIn({ url: '/segeberg/termin/zeit?leistung=beratung-vor-ort' }, 503)).toEqual([])
  vi.restoreAllMocks()
  const asked = {
    method: 'POST' as const,
    url: '/segeberg/termin/buchen',
    headers: { 'x-forwarded-for': '198.51.100.99' },
  }
  const answers = await Promise.all(Array.from({ length: 241 }, () => installation.app.inject(asked)))
  const refused = answers.filter(({ statusCode }) => statusCode === 429)
  expect(refused.length).toBeGreaterThan(0)
  for (const { headers } of refused)
    expect(compareHeaders(asked.url, headers, { kind: 'answer', https: false })).toEqual([])
})

test('the numbers on a port of their own', async () => {
  const { deps } = installation
  const server = await listenForMetrics(deps, 0, metrics(deps, features, countRequests()))
  const { port } = server.address() as AddressInfo
  const headers = { authorization: `Bearer ${metricsToken}` }
  for (const [path, given] of [
    ['/metrics', headers],
    ['/metrics', {}],
    ['/', headers],
  ] as const) {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: given })
    expect(compareHeaders(path, Object.fromEntries(answer.headers), { kind: 'answer', https: false })).toEqual([])
  }
  server.close()
})

test.each([
  ['over http', 'http://anlaufstelle.test'],
  ['over https', 'https://anlaufstelle.test'],
])('what comes while it starts, reached %s, and the page then has its look', async (_how, publicUrl) => {
  const https = publicUrl.startsWith('https:')
  const config = { ...installation.config, publicUrl, port: await freePort() }
  const door = await openDoor(config, clientDir)
  const ask = async (path: string, kind: 'answer' | 'file', init: RequestInit = {}) => {
    const answer = await fetch(`http://127.0.0.1:${config.port}${path}`, init)
    const wrong = compareHeaders(path, Object.fromEntries(answer.headers), { kind, https })
    expect(wrong).toEqual([])
    return { status: answer.status, text: await answer.text() }
  }
  try {
    const page = await ask('/segeberg/', 'answer')
    expect(page.status).toBe(503)
    const files = [...page.text.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, url]) => url ?? '')
    expect(files.length).toBeGreaterThan(1)
    for (const url of files) {
      const served = await installation.app.inject(url)
      expect(await ask(url, 'file')).toEqual({ status: 200, text: served.body })
    }
    for (const path of [
      '/healthz',
      '/readyz',
      '/segeberg/api/v1/sites',
      '/assets/none.js',
      '/assets/%2e%2e/package.json',
    ])
      await ask(path, 'answer')
    await ask('/segeberg/', 'answer', { method: 'HEAD' })
  } finally {
    door.close()
  }
})

test('what is no request at all', async () => {
  const { port } = installation.app.server.address() as AddressInfo
  const answer = await new Promise<string>((resolve) => {
    let heard = ''
    const socket = connect(port, '127.0.0.1', () => socket.write('no request\r\n\r\n'))
    socket.on('data', (bytes) => {
      heard += bytes
    })
    socket.once('close', () => resolve(heard))
  })
  const [first, ...lines] = (answer.split('\r\n\r\n')[0] ?? '').split('\r\n')
  expect(first).toBe('HTTP/1.1 400 Bad Request')
  const headers = Object.fromEntries(lines.map((line) => line.split(/: (.*)/).slice(0, 2)))
  expect(compareHeaders('', headers, { kind: 'answer', https: false })).toEqual([])
})
