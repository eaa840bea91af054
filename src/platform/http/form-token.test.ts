import { createSecretKey } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formToken, isFormToken, isSameSite, readNote, signNote } from './form-token.ts'

const runs = { numRuns: process.env.SLOW ? 500 : 50 }
const key = [createSecretKey(Buffer.alloc(32, 1))]
const otherKey = [createSecretKey(Buffer.alloc(32, 2))]

describe('a form token', () => {
  const token = formToken(key, 'segeberg')

  test('is good for the tenant it was made for', () => {
    expect(isFormToken(key, 'segeberg', token)).toBe(true)
  })

  test.each([
    ['of another tenant', formToken(key, 'musterstadt')],
    ['of another installation', formToken(otherKey, 'segeberg')],
    ['with one character changed', `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`],
    ['cut short', token.slice(0, -1)],
    ['with something behind it', `${token}A`],
    ['that is empty', ''],
    ['that is missing', undefined],
    ['of letters that take more bytes than one', 'ä'.repeat(16)],
  ])('%s is refused', (_, tampered) => {
    expect(isFormToken(key, 'segeberg', tampered)).toBe(false)
  })
})

test('while the key is rotated, the first of two signs and both prove', () => {
  const both = [...otherKey, ...key]
  expect(formToken(both, 'segeberg')).toBe(formToken(otherKey, 'segeberg'))
  for (const signer of [key, otherKey]) {
    expect(isFormToken(both, 'segeberg', formToken(signer, 'segeberg'))).toBe(true)
    expect(readNote(both, 'purpose', signNote(signer, 'purpose', 'text'))).toBe('text')
  }
  expect(isFormToken(otherKey, 'segeberg', formToken(key, 'segeberg'))).toBe(false)
})

describe('a sealed statement', () => {
  test('comes back as it was, whatever it says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(readNote(key, 'purpose', signNote(key, 'purpose', text))).toBe(text)
      }),
      runs,
    )
  })

  test('is worth nothing for another purpose, under another key, or changed', () => {
    const sealed = signNote(key, 'purpose', 'code 7 was right')
    const [, signature] = sealed.split('.')
    expect(readNote(key, 'other', sealed)).toBeNull()
    expect(readNote(otherKey, 'purpose', sealed)).toBeNull()
    expect(readNote(key, 'purpose', `${Buffer.from('code 8 was right').toString('base64url')}.${signature}`)).toBeNull()
    for (const text of ['', '.', 'a.b', undefined]) expect(readNote(key, 'purpose', text)).toBeNull()
  })

  test('with any byte flipped is refused', () => {
    const sealed = signNote(key, 'purpose', 'code 7 was right')
    fc.assert(
      fc.property(fc.integer({ min: 0, max: sealed.length - 1 }), fc.constantFrom('A', 'z', '_', '.'), (at, letter) => {
        const changed = sealed.slice(0, at) + letter + sealed.slice(at + 1)
        expect(readNote(key, 'purpose', changed) === null || changed === sealed).toBe(true)
      }),
      runs,
    )
  })
})

test.each([
  [{ 'sec-fetch-site': 'same-origin' }, true],
  [{ 'sec-fetch-site': 'same-origin', origin: 'https://ours.example' }, true],
  [{ 'sec-fetch-site': 'same-site' }, false],
  [{ 'sec-fetch-site': 'cross-site' }, false],
  [{ 'sec-fetch-site': 'cross-site', origin: 'https://ours.example' }, false],
  [{ 'sec-fetch-site': 'none' }, false],
  [{ origin: 'https://ours.example' }, true],
  [{ origin: 'https://ours.example.evil.example' }, false],
  [{ origin: 'http://ours.example' }, false],
  [{ origin: 'null' }, false],
  [{ origin: '' }, false],
  [{}, true],
] as const)('whether a form comes from our own page, by its headers: %o: %s', (headers, same) => {
  expect(isSameSite(headers, ['https://ours.example'])).toBe(same)
})
