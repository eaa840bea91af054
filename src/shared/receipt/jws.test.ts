import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import fc from 'fast-check'
import { compactVerify, importJWK } from 'jose'
import { expect, test } from 'vitest'
import { fromBase64url, toBase64url } from './base64url.ts'
import { findJws, receiptFile, signReceipt, thumbprint, type Verdict, verifyReceipt } from './jws.ts'
import { acts, type PublicKey, parseReceipt, type Receipt, receiptText } from './receipt.ts'

const runs = { numRuns: process.env.SLOW ? 2000 : 100 }

const keyOf = async (byte: number) => {
  const head = Buffer.from('302e020100300506032b657004220420', 'hex')
  const key = createPrivateKey({
    key: Buffer.concat([head, Buffer.alloc(32, byte)]),
    format: 'der',
    type: 'pkcs8',
  })
  const x = createPublicKey(key).export({ format: 'jwk' }).x ?? ''
  const kid = await thumbprint({ crv: 'Ed25519', kty: 'OKP', x })
  const publicKey: PublicKey = { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', kid, x }
  return { publicKey, signer: { kid, sign: (data: Uint8Array) => sign(null, data, key) } }
}
const ours = await keyOf(1)
const other = await keyOf(2)
const keys = { keys: [ours.publicKey] }

const booked: Receipt = {
  version: 1,
  act: 'booked',
  tenant: 'segeberg',
  name: 'Jobcenter Kreis Segeberg',
  issuer: 'https://termine.example/segeberg',
  reference: 'ABCD-EFGH',
  services: [{ id: 'beratung', title: 'Beratung vor Ort' }],
  place: 'Hauptstelle, Hamburger Straße 30, 23795 Bad Segeberg',
  startsAt: '2026-11-30T10:20:00+01:00',
  endsAt: '2026-11-30T10:50:00+01:00',
  timeZone: 'Europe/Berlin',
  doneAt: '2026-11-23T08:00:00Z',
  issuedAt: '2026-11-23T08:01:02Z',
}
const jws = signReceipt(booked, ours.signer)

/** Signs any header and payload, as somebody does who has the key and no scruples. */
const signAnything = (header: string, payload: string): string => {
  const signed = [header, payload].map((part) => Buffer.from(part).toString('base64url')).join('.')
  return `${signed}.${Buffer.from(ours.signer.sign(Buffer.from(signed))).toString('base64url')}`
}
const header = JSON.stringify({ alg: 'EdDSA', kid: ours.publicKey.kid })

const two = (n: number) => String(n).padStart(2, '0')
const utc = fc.nat({ max: 4e9 }).map((s) => `${new Date(s * 1000).toISOString().slice(0, 19)}Z`)
const local = fc.tuple(utc, fc.integer({ min: -12, max: 14 })).map(([at, hours]) => {
  const offset = `${hours < 0 ? '-' : '+'}${two(Math.abs(hours))}:00`
  return at.replace('Z', offset)
})
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((each) => each.isWellFormed())
const receipts: fc.Arbitrary<Receipt> = fc
  .record({
    act: fc.constantFrom(...acts),
    name: text,
    services: fc.option(fc.array(fc.record({ id: text, title: text }), { minLength: 1, maxLength: 3 })),
    place: fc.option(text),
    times: fc.tuple(local, local, local, utc, utc),
    timeZone: fc.constantFrom('Europe/Berlin', 'Asia/Kathmandu', 'UTC'),
  })
  .map(({ act, name, services, place, timeZone, times: [startsAt, endsAt, movedFrom, doneAt, issuedAt] }) => ({
    ...booked,
    act,
    name,
    startsAt,
    endsAt,
    timeZone,
    doneAt,
    issuedAt,
    ...(services ? { services: services.map(({ id, title }) => ({ id, title })) } : {}),
    ...(place ? { place } : {}),
    ...(act === 'moved' ? { movedFrom } : {}),
  }))

test('whatever is signed comes back as it was, and another program finds the signature right', async () => {
  await fc.assert(
    fc.asyncProperty(receipts, async (receipt) => {
      const signed = signReceipt(receipt, ours.signer)
      const verdict = await verifyReceipt(signed, keys, 'segeberg')
      expect(verdict).toEqual({ kind: 'valid', receipt: parseReceipt(receiptText(receipt)), kid: ours.publicKey.kid })
      expect(verdict).toMatchObject({ receipt })
      const { payload } = await compactVerify(signed, await importJWK(ours.publicKey, 'EdDSA'))
      expect(JSON.parse(Buffer.from(payload).toString())).toEqual(receipt)
    }),
    runs,
  )
})

test('each single flipped bit is refused', async () => {
  const bytes = Buffer.from(jws, 'latin1')
  const accepted: number[] = []
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Buffer.from(bytes)
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    if ((await verifyReceipt(flipped.toString('latin1'), keys)).kind === 'valid') accepted.push(bit)
  }
  expect(accepted).toEqual([])
})

test('a receipt with anything left out, put in or put elsewhere is refused', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: jws.length }),
      fc.nat({ max: 5 }),
      fc.oneof(fc.constant(''), fc.constantFrom('.', '=', ' ', '\n', 'A', '..', 'ä'), fc.string({ maxLength: 5 })),
      async (at, without, instead) => {
        const changed = jws.slice(0, at) + instead + jws.slice(at + without)
        fc.pre(changed !== jws)
        expect((await verifyReceipt(changed, keys)).kind).not.toBe('valid')
      },
    ),
    runs,
  )
})

const why = (reason: string) => ({ kind: 'unreadable', why: reason })
test.each<[string, string, Partial<Verdict> | object]>([
  ['nothing', '', why('empty')],
  ['too much', 'A'.repeat(5000), why('tooLong')],
  ['HTML', '<script>alert(1)</script>', why('form')],
  ['two parts', jws.split('.').slice(0, 2).join('.'), why('form')],
  ['a fourth part', `${jws}.AAAA`, why('form')],
  ['padding', `${jws}==`, why('form')],
  ['no signature', `${jws.split('.').slice(0, 2).join('.')}.`, why('form')],
  ['the algorithm none', signAnything('{"alg":"none"}', receiptText(booked)), why('algorithm')],
  ['the algorithm HS256', signAnything(header.replace('EdDSA', 'HS256'), receiptText(booked)), why('algorithm')],
  ['more in the header', signAnything(header.replace('}', ',"crit":["b"]}'), receiptText(booked)), why('algorithm')],
  ['its own key in the header', signAnything(header.replace('}', ',"jwk":{}}'), receiptText(booked)), why('algorithm')],
  ['another text', signAnything(header, '{"sub":"somebody"}'), why('content')],
  ['no JSON', signAnything(header, 'hello'), why('content')],
  ['null', signAnything(header, 'null'), why('content')],
  ['blanks', signAnything(header, JSON.stringify(booked, null, 1)), why('content')],
  ['one member twice', signAnything(header, receiptText(booked).replace('{', '{"act":"moved",')), why('content')],
  ['a member more', signAnything(header, receiptText(booked).replace('}]', '}],"x":1')), why('content')],
  ['__proto__', signAnything(header, receiptText(booked).replace('{', '{"__proto__":{},')), why('content')],
  ['a later version', signAnything(header, receiptText(booked).replace(':1,', ':2,')), why('content')],
  [
    'a day that is none',
    signAnything(header, receiptText({ ...booked, startsAt: '2026-02-30T99:00:00+01:00' })),
    why('content'),
  ],
  ['a zone that is none', signAnything(header, receiptText({ ...booked, timeZone: 'Mars/Olympus' })), why('content')],
  [
    'a script as address',
    signAnything(header, receiptText({ ...booked, issuer: 'javascript:alert(1)' })),
    why('content'),
  ],
  ['a move without a former time', signAnything(header, receiptText({ ...booked, act: 'moved' })), why('content')],
])('%s is no receipt, whoever signed it', async (_what, given, verdict) => {
  expect(await verifyReceipt(given, keys)).toEqual(verdict)
})

test('a signature by another key is refused, also when that key borrows the name of ours', async () => {
  const foreign = signReceipt(booked, other.signer)
  expect(await verifyReceipt(foreign, keys)).toEqual({
    kind: 'unknownKey',
    kid: other.publicKey.kid,
    claims: booked,
  })
  const posing = signReceipt(booked, { ...other.signer, kid: ours.publicKey.kid })
  expect(await verifyReceipt(posing, keys)).toEqual({ kind: 'wrongSignature' })
  const renamed = { keys: [{ ...other.publicKey, kid: ours.publicKey.kid }] }
  expect(await verifyReceipt(posing, renamed)).toEqual({ kind: 'wrongSignature' })
})

test('a key that is no key refuses, and does not fail', async () => {
  const x = 'AAAA'
  const kid = await thumbprint({ ...ours.publicKey, x })
  const given = signReceipt(booked, { ...ours.signer, kid })
  expect(await verifyReceipt(given, { keys: [{ ...ours.publicKey, kid, x }] })).toEqual({ kind: 'wrongSignature' })
})

test('a receipt in the name of another Jobcenter is refused, also with a key of this one', async () => {
  expect((await verifyReceipt(jws, keys, 'musterstadt')).kind).toBe('otherTenant')
})

test('a retired key proves what was signed before, and nothing that was signed later', async () => {
  const retiredAt = (retired: string) => ({ keys: [{ ...ours.publicKey, retired }] })
  const retired = '2026-11-24T00:00:00Z'
  expect(await verifyReceipt(jws, retiredAt(retired))).toMatchObject({ kind: 'valid', retired })
  expect((await verifyReceipt(jws, retiredAt('2026-11-23T07:30:00Z'))).kind).toBe('valid')
  expect((await verifyReceipt(jws, retiredAt('2026-11-23T07:00:00Z'))).kind).toBe('afterRetirement')
})

test('a receipt is found in what people paste: an address, a file, broken lines', () => {
  const lines = jws.replace(/(.{60})/g, '$1\n  ')
  const given = [jws, ` ${jws}\n`, `https://termine.example/segeberg/beleg#${jws}`, lines, receiptFile(jws, keys)]
  expect(given.map(findJws)).toEqual(given.map(() => jws))
  // As mail programs and chats hand it on.
  const carried = [
    `\u202a${jws}\u202c`,
    `${jws}\u200b`,
    jws.replaceAll('-', '\u2011'),
    jws.replaceAll('.', '.\u00ad'),
    `\ufeff${given.at(-1)}`,
  ]
  expect(carried.map(findJws)).toEqual(carried.map(() => jws))
  for (const end of ['.', ')', '>', ',', '”', '\u200b', ' .', '](', '=', '»…'])
    expect(findJws(`https://example.org/beleg#${jws}${end}`)).toBe(jws)
  expect(findJws('{"receipt":5}')).toBe('{"receipt":5}')
  expect(findJws('{broken')).toBe('{broken')
})

test('a receipt is looked for in no more time than a long text needs', () => {
  const { user } = process.cpuUsage()
  for (const piece of ['.', ' ', '#', '\u2011', '\u00ad', '=a']) findJws(`${piece.repeat(128 * 1024)}x`)
  expect(process.cpuUsage().user - user).toBeLessThan(2_000_000) // microseconds; with the square of the length it is half a minute
})

test('bytes are written in one way only', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 90 }), (bytes) => {
      const written = toBase64url(bytes)
      expect(written).toBe(Buffer.from(bytes).toString('base64url'))
      expect(fromBase64url(written)).toEqual(bytes)
    }),
    runs,
  )
  expect(['AB', 'AA==', 'A', 'A A', 'A+A/'].map(fromBase64url)).toEqual([null, null, null, null, null])
})
