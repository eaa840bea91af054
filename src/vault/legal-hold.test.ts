import { expect, test } from 'vitest'
import { isLegalHoldReason, restrictedSince } from './legal-hold.ts'

const at = (text: string | null) => (text === null ? null : Temporal.Instant.from(text))
const now = Temporal.Instant.from('2026-12-01T08:00:00Z')

test.each([
  [null, null, null],
  [null, '2026-12-01T08:00:01Z', null],
  [null, '2026-12-01T08:00:00Z', '2026-12-01T08:00:00Z'],
  [null, '2026-11-30T08:00:00Z', '2026-11-30T08:00:00Z'],
  // Noted before the demonstration's clock went back: restricted is restricted.
  ['2027-01-01T08:00:00Z', '2027-01-01T08:00:00Z', '2027-01-01T08:00:00Z'],
])('noted at %s and due at %s, a held record is restricted since %s', (noted, due, since) => {
  expect(restrictedSince(at(noted), at(due), now)?.toString() ?? null).toBe(since)
})

test('a reason is one of the four', () => {
  expect(['legal-claim', 'tax-law'].every(isLegalHoldReason)).toBe(true)
  expect([undefined, '', 'because', 'Tax-Law'].some(isLegalHoldReason)).toBe(false)
})
