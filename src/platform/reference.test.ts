import fc from 'fast-check'
import { expect, test } from 'vitest'
import { newReference, readReference } from './reference.ts'

const runs = { numRuns: process.env.SLOW ? 500 : 20 }

test('a reference is eight characters that nobody mistakes for others', () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat(255)), (bytes) => {
      const random = (n: number) => Uint8Array.from(bytes.take(n))
      expect(newReference(random)).toMatch(/^[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}$/)
    }),
    runs,
  )
})

test.each([
  ['ABCD-EFGH', 'ABCD-EFGH'],
  ['abcd efgh', 'ABCD-EFGH'],
  [' abcdefgh ', 'ABCD-EFGH'],
  ['A B C D – E F G H', null],
  ['ABCD-EFG', null],
  ['ABCD-EFG0', null],
  ['', null],
])('a reference is read however it is written down: %j', (text, reference) => {
  expect(readReference(text)).toBe(reference)
})
