import { expect, test } from 'vitest'
import { citeNorm, faultOfNorm } from './norms.ts'

test.each([
  ['Art. 6(1)(a) GDPR', 'Art. 6 Abs. 1 Buchst. a DSGVO'],
  ['Art. 4 No 11 GDPR', 'Art. 4 Nr. 11 DSGVO'],
  ['§ 67b(2) SGB X', '§ 67b Abs. 2 SGB X'],
  ['§ 36a(2a) SGB I', '§ 36a Abs. 2a SGB I'],
  ['§ 25(2) No 2 TDDDG', '§ 25 Abs. 2 Nr. 2 TDDDG'],
  ['Art. 77 GDPR', 'Art. 77 DSGVO'],
])('%s is %s in German', (norm, german) => {
  expect(faultOfNorm(norm)).toBeNull()
  expect(citeNorm(norm, 'de')).toBe(german)
  expect(citeNorm(norm, 'en')).toBe(norm)
})

test.each([
  ['Art. 6 Abs. 1 lit. e DSGVO', 'cites an unknown law'],
  ['Art. 6(1)(e), (f) GDPR', 'is not a citation this software can read'],
  ['6-1-e', 'is not a citation this software can read'],
  ['Art. 6(1)(e) GPDR', 'cites an unknown law'],
  ['Art. 25 TDDDG', 'has no such division'],
  ['§ 6 GDPR', 'has no such division'],
  ['§ 5 TMG', 'is repealed'],
])('%s %s', (norm, message) => {
  expect(faultOfNorm(norm)?.message).toContain(message)
})

test('the Impressum section of the TMG has a successor', () => {
  expect(faultOfNorm('§ 5 TMG')?.remedy).toBe('cite § 5 DDG, its successor')
})
