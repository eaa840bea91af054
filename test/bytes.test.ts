import { type ClientRequest, type IncomingMessage, request as open } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { clientDir } from '#apps/compose.ts'
import { compareHeaders } from '#apps/doctor/policy.ts'
import { features } from '#apps/features.ts'
import { createServer } from '#apps/server.ts'
import type { Feature } from '#features/feature.ts'
import { tokenHeader } from '#platform/http/form-token.ts'
import { openStreams } from '#platform/http/open-streams.ts'
import { eventually, type Installation, startInstallation } from './helpers/installation.ts'
import { formTokenOf } from './helpers/person.ts'
import { at, limits, needsOfCamera, postRoom, rawBytes, sha } from './helpers/post-room.ts'

/* Bytes and streams over real connections, with pages that only this test has. */

let installation: Installation
let app: Awaited<ReturnType<typeof createServer>>
let token: string
let port: number
const { feature, state } = postRoom()
const logged: string[] = []
const stopping = new AbortController()
beforeAll(async () => {
  installation = await startInstallation({ tenants: ['segeberg'] })
  const fault = (where: string, error: unknown) => void logged.push(`${where} ${(error as Error).message}`)
  const deps = { ...installation.deps, log: { ...installation.deps.log, fault } }
  app = await createServer(deps, [...features, feature], clientDir, {
    stopping: stopping.signal,
    streams: openStreams({ ofCaller: 2, ofAll: 4 }),
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  port = (app.server.address() as AddressInfo).port
  token = formTokenOf(installation, 'segeberg')
})
afterAll(async () => {
  await app.close()
  await installation.close()
})
beforeEach(() => {
  state.faults.length = 0
})

const place = { slug: 'segeberg', language: 'de' } as const
const addressOf = (route: (typeof at)[keyof typeof at], query = ''): string =>
  `http://127.0.0.1:${port}${route.href(place, {})}${query}`

type Sent = { type?: string; body?: BodyInit; headers?: Record<string, string>; isOurs?: boolean }

const send = async (method: string, url: string, { type, body, headers = {}, isOurs = true }: Sent = {}) => {
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: { ...(type ? { 'content-type': type } : {}), ...(isOurs ? { [tokenHeader]: token } : {}), ...headers },
    ...(body === undefined ? {} : { body, duplex: 'half' }),
  } as RequestInit)
  return { status: response.status, headers: response.headers, text: await response.text() }
}

/** A request by hand, for what no honest program sends. */
const begin = (method: string, url: string, headers: Record<string, string>): ClientRequest =>
  open(url, { method, headers: { [tokenHeader]: token, ...headers } }).on('error', () => {})

const answerTo = (request: ClientRequest): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => request.once('response', resolve).once('error', reject))

const png = (size: number, name = 'bild.png', type = 'image/png') => new File([Buffer.alloc(size, 7)], name, { type })

const letter = (parts: readonly [string, string | File][]): FormData => {
  const data = new FormData()
  for (const [name, value] of parts) data.append(name, value)
  return data
}

const mail = (parts: readonly [string, string | File][], more: Sent = {}) =>
  send('POST', addressOf(at.letters), { body: letter(parts), isOurs: false, ...more })

describe('a form with files', () => {
  const ours = (): [string, string] => ['formToken', token]

  test('is read field by field and file by file, of what is declared', async () => {
    const { status, text } = await mail([
      ours(),
      ['betreff', 'Miete'],
      ['fremd', 'x'],
      ['datei', png(5)],
      ['datei', png(90_000, '../../b.pdf', 'application/pdf')],
    ])
    expect(status).toBe(200)
    expect(JSON.parse(text)).toEqual({
      fields: { formToken: token, betreff: 'Miete' },
      files: [
        { name: 'datei', filename: 'bild.png', contentType: 'image/png', content: sha(Buffer.alloc(5, 7)) },
        { name: 'datei', filename: 'b.pdf', contentType: 'application/pdf', content: sha(Buffer.alloc(90_000, 7)) },
      ],
    })
    expect(JSON.parse((await mail([ours()])).text)).toEqual({ fields: { formToken: token }, files: [] })
  })

  test.each<[string, number, () => [string, string | File][]]>([
    ['without the token of one of our forms', 403, () => [['datei', png(5)]]],
    [
      'with a token that is not ours',
      403,
      () => [
        ['formToken', 'x'],
        ['datei', png(5)],
      ],
    ],
    ['whose token comes after a file', 400, () => [['datei', png(5)], ours()]],
    ['with a field after a file', 400, () => [ours(), ['datei', png(5)], ['betreff', 'x']]],
    ['with a file under a name that no form has', 400, () => [ours(), ['fremd', png(5)]]],
    ['with a file of another kind', 415, () => [ours(), ['datei', png(5, 'x.exe', 'application/x-msdownload')]]],
    ['with a file that is too large', 413, () => [ours(), ['datei', png(limits.bytes + 1)]]],
    ['with too many files', 413, () => [ours(), ['datei', png(5)], ['datei', png(5)], ['datei', png(5)]]],
    ['with more in its fields than any form has', 413, () => [ours(), ['betreff', 'x'.repeat(129 * 1024)]]],
    [
      'with more fields than any form has',
      413,
      () => [ours(), ...Array.from({ length: 201 }, (): [string, string] => ['betreff', 'x'])],
    ],
  ])('%s is refused with %i', async (_, status, parts) => {
    expect((await mail(parts())).status).toBe(status)
  })

  test('is taken where it is declared only, and nothing else is there', async () => {
    const elsewhere = `http://127.0.0.1:${port}/segeberg/beleg`
    expect((await send('POST', elsewhere, { body: letter([ours()]), isOurs: false })).status).toBe(415)
    for (const type of ['application/x-www-form-urlencoded', 'application/json', 'text/plain'])
      expect((await send('POST', addressOf(at.letters), { type, body: `formToken=${token}` })).status).toBe(415)
    expect((await send('POST', addressOf(at.letters), { type: 'multipart/form-data', body: 'x' })).status).toBe(400)
  })

  const head = (boundary: string) =>
    `--${boundary}\r\ncontent-disposition: form-data; name="formToken"\r\n\r\n${token}\r\n--${boundary}\r\n` +
    'content-disposition: form-data; name="datei"; filename="a.png"\r\ncontent-type: image/png\r\n\r\n'
  const type = { 'content-type': 'multipart/form-data; boundary=x' }

  test('that says how large it is and is too large is refused before any of it is sent', async () => {
    const request = begin('POST', addressOf(at.letters), { ...type, 'content-length': '900000000' })
    request.flushHeaders()
    expect((await answerTo(request)).statusCode).toBe(413)
    request.destroy()
  })

  test('that goes on and on is cut, however much its sender would send', async () => {
    const request = begin('POST', addressOf(at.letters), type)
    request.write(head('x'))
    let sent = 0
    const more = () => {
      while (sent < 50_000_000 && !request.destroyed && request.write(Buffer.alloc(65_536))) sent += 65_536
    }
    request.on('drain', more)
    more()
    const response = await answerTo(request)
    expect([response.statusCode, response.headers.connection]).toEqual([413, 'close'])
    expect(sent).toBeLessThan(50_000_000)
    request.destroy()
    expect(state.faults).toEqual(['TooMuchError'])
  })

  test('that breaks off in the middle of a file fails for who reads it', async () => {
    const request = begin('POST', addressOf(at.letters), type)
    request.write(head('x'))
    request.write(Buffer.alloc(2000))
    await pause(100)
    request.destroy()
    await eventually(() => state.faults.length > 0, 'the fault')
    expect(state.faults).toEqual(['CutError'])
  })

  test.each([
    ['with a part that has no name', `--x\r\ncontent-disposition: form-data\r\n\r\nx\r\n--x--\r\n`, 400],
    ['with more before its first part than any form has', 'x'.repeat(2 * limits.bytes + 200 * 1024), 413],
  ])('%s is refused', async (_, body, status) => {
    const request = begin('POST', addressOf(at.letters), type) // without a length
    request.end(body)
    expect((await answerTo(request)).statusCode).toBe(status)
    request.destroy()
  })

  test('with a field after a file is refused, also where the file was read long before', async () => {
    const request = begin('POST', addressOf(at.letters), type)
    request.write(`${head('x')}abc\r\n--x`)
    await pause(100)
    request.end('\r\ncontent-disposition: form-data; name="betreff"\r\n\r\nx\r\n--x--\r\n')
    expect((await answerTo(request)).statusCode).toBe(400)
    request.destroy()
  })

  test('that ends before it says so is refused', async () => {
    const body = `${head('x')}half`
    expect(
      (await send('POST', addressOf(at.letters), { type: type['content-type'], body, isOurs: false })).status,
    ).toBe(400)
  })
})

describe('what a script sends', () => {
  const json = (text: string) => ({ type: 'application/json', body: text })

  test.each(['PUT', 'PATCH', 'DELETE'])('is JSON that its page knows (%s)', async (method) => {
    const { status, text } = await send(method, addressOf(at.note), json('{"text":"guten Tag"}'))
    expect([status, JSON.parse(text)]).toEqual([200, { method, text: 'guten Tag' }])
  })

  test.each<[string, number, Sent]>([
    ['without a token', 403, { ...json('{"text":"x"}'), isOurs: false }],
    ['from another site', 403, { ...json('{"text":"x"}'), headers: { 'sec-fetch-site': 'cross-site' } }],
    ['of another origin', 403, { ...json('{"text":"x"}'), headers: { origin: 'https://elsewhere.example' } }],
    ['of another shape', 400, json('{"text":7}')],
    ['with more than its page knows', 400, json('{"text":"x","more":1}')],
    ['that is no JSON', 400, json('{"text":')],
    ['deeper than any', 400, json('['.repeat(50) + ']'.repeat(50))],
    ['larger than any', 413, json(JSON.stringify({ text: 'x'.repeat(130 * 1024) }))],
    ['as a form', 415, { type: 'application/x-www-form-urlencoded', body: 'text=x' }],
  ])('%s is refused with %i', async (_, status, sent) => {
    expect((await send('PUT', addressOf(at.note), sent)).status).toBe(status)
  })

  test('is answered at declared methods only', async () => {
    expect((await send('POST', addressOf(at.note), json('{"text":"x"}'))).status).toBe(404)
    expect((await send('GET', addressOf(at.note))).status).toBe(404)
  })

  const raw = (size: number) => ({
    type: 'application/octet-stream',
    body: Buffer.alloc(size, 1) as unknown as BodyInit,
  })

  test('can be bytes, as many as its page takes, read as they come', async () => {
    const { status, text } = await send('POST', addressOf(at.bytes), raw(rawBytes))
    expect([status, JSON.parse(text)]).toEqual([200, sha(Buffer.alloc(rawBytes, 1))])
    expect((await send('POST', addressOf(at.bytes), raw(rawBytes + 1))).status).toBe(413)
    expect((await send('POST', addressOf(at.bytes), { ...raw(5), type: 'image/png' })).status).toBe(415)
    expect((await send('POST', addressOf(at.bytes), { ...raw(5), isOurs: false })).status).toBe(403)
  })

  test('without a length is counted, and cut where it is too much; what breaks off fails', async () => {
    const type = { 'content-type': 'application/octet-stream' }
    const long = begin('POST', addressOf(at.bytes), type)
    long.write(Buffer.alloc(rawBytes))
    long.write(Buffer.alloc(1))
    expect((await answerTo(long)).statusCode).toBe(413)
    long.destroy()
    const broken = begin('POST', addressOf(at.bytes), type)
    broken.write(Buffer.alloc(1000))
    await pause(100)
    broken.destroy()
    await eventually(() => state.faults.length > 1, 'the second fault')
    expect(state.faults).toEqual(['TooMuchError', 'CutError'])
  })
})

describe('an answer that is a stream', () => {
  test('has its length and name, to HEAD nothing else', async () => {
    const url = addressOf(at.large, '?groesse=200000')
    for (const [method, length] of [
      ['GET', 200_000],
      ['HEAD', 0],
    ] as const) {
      const { status, headers, text } = await send(method, url)
      expect([
        status,
        headers.get('content-length'),
        headers.get('content-disposition'),
        headers.get('cache-control'),
        text.length,
      ]).toEqual([200, '200000', 'attachment; filename=gross.zip', 'no-store', length])
    }
  })

  test('is empty for the doctor, and ends where it comes from', async () => {
    const before = state.closed
    const doctors = await createServer(installation.deps, [...features, feature], clientDir, { forVisitors: false })
    const { statusCode, body, headers } = await doctors.inject(`${at.large.href(place, {})}?groesse=endless`)
    expect([statusCode, body, headers['content-type']]).toEqual([200, '', 'application/zip'])
    expect(state.closed).toBe(before + 1)
    expect((await doctors.inject(at.news.href(place, {}, { wer: 'erika' }))).statusCode).toBe(200)
    await doctors.close()
  })

  test.each([
    ['a"; x=".zip', String.raw`attachment; filename="a\"; x=\".zip"`],
    ['صورة.zip', 'attachment; filename="????.zip"; filename*=UTF-8\'\'%D8%B5%D9%88%D8%B1%D8%A9.zip'],
  ])('is called what it is called, and says nothing else: %s', async (name, expected) => {
    const { headers } = await send('GET', addressOf(at.large, `?groesse=1&betreff=${encodeURIComponent(name)}`))
    expect(headers.get('content-disposition')).toBe(expected)
  })

  test('ends with the session of who reads it', async () => {
    const before = state.closed
    const response = await fetch(addressOf(at.files, '?wer=erika'))
    const reader = response.body?.getReader()
    await reader?.read()
    state.session.abort()
    await eventually(() => state.closed > before, 'the end of the stream')
    await expect(fetch(addressOf(at.files, '?wer=erika'))).rejects.toThrow()
    state.session = new AbortController()
  })

  test('that breaks is told to whoever runs the server', async () => {
    const response = await fetch(addressOf(at.large, '?groesse=broken'))
    await expect(response.arrayBuffer()).rejects.toThrow()
    expect(logged).toContainEqual('GET /:tenant/post/gross the source broke')
  })

  /** Two readers on one connection; only what the first is sent arrives. */
  const twoOnOne = (query: string) => {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    const head = `GET ${at.large.href(place, {})}${query} HTTP/1.1\r\nhost: anlaufstelle.test\r\n\r\n`
    socket.write(`${head}${head}`)
    return socket
  }

  test('gives back its place when its reader leaves, before it begins or while it waits behind another', async () => {
    const all = state.closed
    for (let round = 1; round <= 3; round++) {
      const waiting = Promise.withResolvers<void>()
      state.later = waiting.promise
      const socket = twoOnOne('?groesse=endless')
      await eventually(() => state.waiting === 2, 'two who wait')
      if (round === 2) {
        socket.destroy()
        await pause(50)
      }
      waiting.resolve()
      if (round !== 2) await new Promise((resolve) => socket.once('data', resolve))
      socket.destroy()
      await eventually(() => state.closed === all + 2 * round, 'the end of both')
    }
    state.later = Promise.resolve()
    expect((await send('GET', addressOf(at.large, '?groesse=1'))).status).toBe(200)
  })

  test('ends where it comes from when its reader leaves', async () => {
    const before = state.closed
    const response = await fetch(addressOf(at.large, '?groesse=endless'))
    const reader = response.body?.getReader()
    await reader?.read()
    await reader?.cancel()
    await eventually(() => state.closed > before, 'the end of the stream')
  })
})

describe('events', () => {
  const listen = () => fetch(addressOf(at.news, '?wer=erika'))

  test('come with the headers of every answer, one by one, as long as the session lasts', async () => {
    const response = await listen()
    const names = ['content-type', 'cache-control', 'x-accel-buffering', 'x-content-type-options', 'set-cookie']
    expect(names.map((name) => response.headers.get(name))).toEqual([
      'text/event-stream; charset=utf-8',
      'no-store',
      'no',
      'nosniff',
      null,
    ])
    expect(compareHeaders('', Object.fromEntries(response.headers), { kind: 'answer', https: false })).toEqual([])
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    const until = async (part: string) => {
      while (!text.includes(part)) text += (await reader?.read())?.value ?? ''
    }
    await until('event: neu\nid: 7\ndata: eins\ndata: zwei\n\n')
    state.send?.({ data: 'drei' })
    await until('data: drei\n\n')
    const before = state.ended
    state.session.abort()
    expect((await reader?.read())?.done).toBe(true)
    expect(state.ended).toBe(before + 1)
    expect((await listen()).status).toBe(200) // over at once, as the session is
    state.session = new AbortController()
  })

  test('are opened by nobody whom the guard refuses, and not to HEAD', async () => {
    expect((await send('GET', addressOf(at.news))).status).toBe(303)
    const { status, headers, text } = await send('HEAD', addressOf(at.news, '?wer=erika'))
    expect([status, headers.get('content-type'), text]).toEqual([200, 'text/event-stream; charset=utf-8', ''])
  })

  test('to a reader who has stopped reading do not pile up', async () => {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    socket.write(`GET ${at.news.href(place, {}, { wer: 'erika' })} HTTP/1.1\r\nhost: anlaufstelle.test\r\n\r\n`)
    await new Promise((resolve) => socket.once('data', resolve))
    socket.pause()
    const before = state.ended
    const { send: tell } = state
    for (let i = 0; i < 2000 && state.ended === before; i++) {
      tell?.({ data: 'x'.repeat(60_000) })
      await new Promise(setImmediate)
    }
    await eventually(() => state.ended > before, 'the end of who does not read')
    socket.destroy()
  })

  test('are given to so many of one caller, and to others beside them', async () => {
    const open = Array.from({ length: 3 }, () => new AbortController())
    const ask = (nth: number, forwarded: string) =>
      fetch(addressOf(at.news, '?wer=erika'), {
        signal: open[nth]?.signal ?? null,
        headers: { 'x-forwarded-for': forwarded },
      })
    const mine = [await ask(0, '192.0.2.1'), await ask(1, '192.0.2.1')]
    expect(mine.map(({ status }) => status)).toEqual([200, 200])
    expect((await ask(2, '192.0.2.1')).status).toBe(429)
    expect((await ask(2, '192.0.2.9')).status).toBe(200)
    open[0]?.abort()
    await eventually(async () => {
      const again = await fetch(addressOf(at.news, '?wer=erika'), { headers: { 'x-forwarded-for': '192.0.2.1' } })
      await again.body?.cancel()
      return again.status === 200
    }, 'a place')
    for (const each of open) each.abort()
  })

  test('end when the server does', async () => {
    const response = await listen()
    const ended = response.text()
    stopping.abort()
    expect(await ended).toContain('data: eins')
  })
})

describe('what a page declares of its answers', () => {
  test('is in its headers, and in those of no other', async () => {
    const { headers } = await send('GET', addressOf(at.camera))
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data: blob:;connect-src 'self';" +
        "worker-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none';require-trusted-types-for 'script';trusted-types scanner",
    )
    expect(headers.get('permissions-policy')).toBe(
      'camera=(self), display-capture=(), geolocation=(), microphone=(self), midi=(), payment=(), serial=(), usb=()',
    )
    const strict = (await send('GET', addressOf(at.letters))).headers
    for (const name of ['content-security-policy', 'permissions-policy'])
      expect((await send('GET', addressOf(at.camera, '?groesse=1'))).headers.get(name)).toBe(strict.get(name))
    const told = { kind: 'answer', https: false } as const
    const asked = Object.fromEntries(headers)
    expect(compareHeaders('', asked, { ...told, options: { needs: needsOfCamera } })).toEqual([])
    expect(compareHeaders('', asked, told).map(({ message }) => message)).toEqual([
      expect.stringContaining('content-security-policy'),
      expect.stringContaining('permissions-policy'),
    ])
    expect(strict.get('content-security-policy')).not.toMatch(/blob:|worker-src|wasm/)
  })

  test('lets the script of a worker run WebAssembly, and nothing but a script', async () => {
    const { headers } = await send('GET', addressOf(at.scanner))
    expect(headers.get('content-security-policy')).toContain("script-src 'self' 'wasm-unsafe-eval';")
    expect((await send('GET', addressOf(at.scanner, '?groesse=1'))).status).toBe(500)
  })

  test('keeps no cookie of one person for everybody', async () => {
    expect((await send('GET', addressOf(at.scanner, '?wer=erika'))).status).toBe(500)
  })

  test('lets caches keep an answer, and not its failures', async () => {
    const cacheOf = async (url: string) => (await send('GET', url)).headers.get('cache-control')
    expect(await cacheOf(addressOf(at.scanner))).toBe('public, max-age=3600, immutable')
    expect(await cacheOf(addressOf(at.seal, '?wer=erika'))).toBe('private, max-age=60')
    for (const url of [
      addressOf(at.scanner, '?groesse=1'),
      addressOf(at.seal, '?wer=erika&groesse=1'),
      addressOf(at.camera),
    ])
      expect(await cacheOf(url)).toBe('no-store')
  })

  const withPage = (index: number, change: object): Feature => ({
    ...feature,
    pages: [{ ...(feature.pages[index] as Feature['pages'][number]), ...change }],
  })
  const seal = feature.pages.findIndex(({ route }) => route.path === at.seal.path)

  test.each<[string, object]>([
    ['has caches keep for everybody what not everybody may see', { cache: { scope: 'public', seconds: 1 } }],
    ['has caches keep what changes something', { method: 'POST' }],
    ['names a Trusted Types policy that has no name', { needs: { workers: "* 'allow-duplicates'" } }],
    ['is the script of a worker and needs more than WebAssembly', { needs: { wasmInWorker: true, camera: true } }],
  ])('%s: the server does not start', async (fault, change) => {
    await expect(createServer(installation.deps, [withPage(seal, change)], clientDir)).rejects.toThrow(fault)
  })
})
