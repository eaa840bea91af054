import { createSecretKey, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { systemRandom } from '#platform/random.ts'
import { blindIndex, decrypt, encrypt, openFields, type SealedPlace, sealFields, TamperedError } from './seal.ts'

const newKey = () => createSecretKey(randomBytes(32))
const key = newKey()
const place: SealedPlace = {
  tenantId: '9c3bc0ab-982f-4e76-90d3-a21bbfece880',
  recordId: '11111111-1111-4111-8111-111111111111',
  activity: 'appointments.booking',
  registerVersion: '1@0123456789ab',
}
const seal = (fields: Record<string, string>) => sealFields(key, fields, place, systemRandom)
const erika = { name: 'Erika Markerfrau', mail: 'erika@example.org' }
const runs = { numRuns: process.env.SLOW ? 500 : 50 }

const anyText = fc.string({ unit: 'binary', maxLength: 40 })
const anyFields = fc
  .array(fc.tuple(anyText, fc.string({ unit: 'binary', maxLength: 600 })), { maxLength: 12 })
  .map((pairs) => Object.fromEntries(pairs))

test('whatever is sealed opens as it was', () => {
  fc.assert(
    fc.property(anyFields, (fields) => {
      expect(Object.entries(openFields(key, seal(fields), place))).toEqual(Object.entries(fields))
    }),
    runs,
  )
})

test('no value can be read in what is sealed, and sealing twice gives two different texts', () => {
  const [one, two] = [seal(erika), seal(erika)]
  expect(one.toString('latin1')).not.toMatch(/Erika|Markerfrau|example/)
  expect(one.subarray(-40).equals(two.subarray(-40))).toBe(false)
})

test('not one bit can be turned without notice', () => {
  const sealed = seal(erika)
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const altered = Buffer.from(sealed)
    altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(() => openFields(key, altered, place), `bit ${bit}`).toThrow(TamperedError)
  }
})

test('nothing can be cut off or added without notice', () => {
  const sealed = seal(erika)
  for (let length = 0; length < sealed.length; length++) {
    expect(() => openFields(key, sealed.subarray(0, length), place), `${length} bytes`).toThrow(TamperedError)
  }
  expect(() => openFields(key, Buffer.concat([sealed, Buffer.of(0)]), place)).toThrow(TamperedError)
})

test.each<[string, Partial<SealedPlace>]>([
  ['tenant', { tenantId: 'ad911fce-55c3-4ede-b303-203a86c24519' }],
  ['record', { recordId: '22222222-2222-4222-8222-222222222222' }],
  ['activity', { activity: 'mail.delivery' }],
  ['version of the register', { registerVersion: '2@0123456789ab' }],
])('what was sealed for one %s does not open for another', (_what, other) => {
  expect(() => openFields(key, seal(erika), { ...place, ...other })).toThrow(TamperedError)
})

test('values cannot be given to each other’s fields', () => {
  const sealed = seal(erika)
  const text = sealed.toString('latin1')
  const swapped = Buffer.from(text.replace('["name","mail"]', '["mail","name"]'), 'latin1')
  expect(swapped.equals(sealed)).toBe(false)
  expect(() => openFields(key, swapped, place)).toThrow(TamperedError)
})

test('another key opens nothing', () => {
  expect(() => openFields(newKey(), seal(erika), place)).toThrow(TamperedError)
})

test('a format of the future is refused, not guessed at', () => {
  const context = Buffer.from('context')
  const sealed = encrypt(key, Buffer.from('x'), context, systemRandom)
  expect(decrypt(key, sealed, context).toString()).toBe('x')
  sealed[0] = 2
  expect(() => decrypt(key, sealed, context)).toThrow(TamperedError)
})

test('the check value of an address does not depend on case, outer blanks or how an umlaut is composed', () => {
  const one = blindIndex(key, 'email', 'jörg@example.org')
  for (const same of ['JÖRG@Example.org', '  jörg@example.org\n', 'jo\u0308rg@example.org']) {
    expect(blindIndex(key, 'email', same).equals(one), same).toBe(true)
  }
})

test('of a secret every letter counts', () => {
  const one = blindIndex(key, 'manageLink', 'AbCdEfGhIjKlMnOpQrStUv', true)
  expect(blindIndex(key, 'manageLink', 'AbCdEfGhIjKlMnOpQrStUv', true).equals(one)).toBe(true)
  for (const other of ['abCdEfGhIjKlMnOpQrStUv', ' AbCdEfGhIjKlMnOpQrStUv']) {
    expect(blindIndex(key, 'manageLink', other, true).equals(one), other).toBe(false)
  }
})

test('the same value has another check value in another field, another tenant, or as another address', () => {
  const one = blindIndex(key, 'email', 'erika@example.org')
  expect(blindIndex(key, 'name', 'erika@example.org').equals(one)).toBe(false)
  expect(blindIndex(newKey(), 'email', 'erika@example.org').equals(one)).toBe(false)
  expect(blindIndex(key, 'email', 'erika@example.com').equals(one)).toBe(false)
  // Field and value are kept apart: moving the border between them gives something else.
  expect(blindIndex(key, 'e', 'mail').equals(blindIndex(key, 'em', 'ail'))).toBe(false)
})
