import { request } from 'node:http'
import { type AddressInfo, connect, createServer, type LookupFunction } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { connect as tlsConnect } from 'node:tls'
import { createTransport } from 'nodemailer'
import pg from 'pg'
import { afterEach, describe, expect, test } from 'vitest'
import { connectingTo, guardOutbound, hostOf, isDeclared, isThisMachine, type UndeclaredHostError } from './outbound.ts'

const reported: UndeclaredHostError[] = []
let end = () => {}
const guard = (...hosts: string[]) => {
  end = guardOutbound(
    hosts.map((host) => ({ host, for: 'mail' })),
    (error) => reported.push(error),
  )
}
afterEach(() => {
  end()
  reported.length = 0
})

const failure = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'connected',
    (error: Error & { cause?: Error }) => `${error.message} ${error.cause?.message ?? ''}`,
  )

// 192.0.2.0/24 is kept free for documentation (RFC 5737): without the guard these would wait, not fail at once.
const ways: [string, () => Promise<unknown>][] = [
  ['fetch', () => fetch('http://192.0.2.1/')],
  [
    'an HTTP request',
    () =>
      new Promise((resolve, reject) => request('http://192.0.2.1/').on('response', resolve).on('error', reject).end()),
  ],
  [
    'TLS',
    () =>
      new Promise((resolve, reject) =>
        tlsConnect(443, '192.0.2.1')
          .on('secureConnect', () => resolve(null))
          .on('error', reject),
      ),
  ],
  ['a database', () => new pg.Client({ host: '192.0.2.1', user: 'x', database: 'x' }).connect()],
  ['a mail server', () => createTransport({ host: '192.0.2.1', port: 25 }).verify()],
]

describe('a connection to a host that nobody declared', () => {
  test.each(ways)('is refused and reported: %s', async (_way, connect) => {
    guard('mail.example.org')
    expect(await failure(connect())).toContain('nobody declares the host 192.0.2.1')
    expect(reported.map(({ message }) => message)).toEqual(['nobody declares the host 192.0.2.1'])
  })

  test('does not stop what is declared, or what stays on this machine', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 204 No Content\r\n\r\n'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    guard()
    expect((await fetch(`http://localhost:${port}/`)).status).toBe(204)
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(204)
    expect(reported).toEqual([])
    server.close()
  })
})

test('work that may connect to one more host does, with all it starts; other work meanwhile does not', async () => {
  const server = createServer((socket) => socket.end('welcome'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  // A name that leads here: only the name decides.
  const lookup: LookupFunction = (_name, _options, found) => found(null, [{ address: '127.0.0.1', family: 4 }])
  const ask = async (host: string) => {
    await turn()
    return new Promise<string>((resolve, reject) => {
      const socket = connect({ host, port, lookup })
      socket.on('data', (data) => resolve(String(data))).on('error', reject)
    })
  }
  guard()
  const work = connectingTo({ host: 'sms.example' }, () => [ask('sms.example'), ask('tiles.example')])
  expect(await Promise.all([...work, ask('sms.example')].map(failure))).toEqual([
    'connected',
    'nobody declares the host tiles.example ',
    'nobody declares the host sms.example ',
  ])
  server.close()
})

test.each([
  ['localhost', true],
  ['127.0.0.1', true],
  ['127.255.0.3', true],
  ['::1', true],
  ['/var/run/postgresql', true],
  ['db.localhost', true],
  ['127.example.org', false],
  ['localhost.example.org', false],
  ['10.0.0.1', false],
  ['example.org', false],
])('%s is this machine: %s', (host, is) => {
  expect(isThisMachine(host)).toBe(is)
})

test.each([
  ['smtp://user:secret@mail.example:587', 'mail.example'],
  ['smtp://[::1]:25', '::1'],
  ['postgres://db.example/x', 'db.example'],
  ['postgres:///x?host=/var/run/postgresql', '/var/run/postgresql'],
  ['postgres:///x', null],
])('the host of %s is %s', (url, host) => {
  expect(hostOf(url)).toBe(host)
})

test('case makes no other host, a longer name does', () => {
  const declared = [{ host: 'Mail.Example.org', for: 'mail' as const }]
  expect(isDeclared('mail.example.ORG', declared)).toBe(true)
  expect(isDeclared('mail.example.org.evil.example', declared)).toBe(false)
  expect(isDeclared('example.org', declared)).toBe(false)
})
