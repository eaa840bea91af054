import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lastDayOf, lawAsOf, laws } from './laws.ts'
import { citeNorm, faultOfNorm, faultsOfNorm } from './norms.ts'
import { staleEntries } from './stale.ts'

test.each([
  ['Art. 6(1)(a) GDPR', 'Art. 6 Abs. 1 Buchst. a DSGVO'],
  ['Art. 4 No 11 GDPR', 'Art. 4 Nr. 11 DSGVO'],
  ['§ 67b(2) SGB X', '§ 67b Abs. 2 SGB X'],
  ['§ 36a(2a) SGB I', '§ 36a Abs. 2a SGB I'],
  ['§ 25(2) No 2 TDDDG', '§ 25 Abs. 2 Nr. 2 TDDDG'],
  ['Art. 77 GDPR', 'Art. 77 DSGVO'],
  ['Art. 99 GDPR', 'Art. 99 DSGVO'],
  ['Art. 9(2)(j) GDPR', 'Art. 9 Abs. 2 Buchst. j DSGVO'],
  ['§ 120 SGB X', '§ 120 SGB X'],
])('%s is %s in German', (norm, german) => {
  expect(faultOfNorm(norm)).toBeNull()
  expect(citeNorm(norm, 'de')).toBe(german)
  expect(citeNorm(norm, 'en')).toBe(norm)
})

test.each([
  ['Art. 6 Abs. 1 lit. e DSGVO', 'cites an unknown law'],
  ['Art. 6(1)(e), (f) GDPR', 'is not a citation this software can read'],
  ['6-1-e', 'is not a citation this software can read'],
  ['§ 067b(2) SGB X', 'is not a citation this software can read'],
  ['Art. 6(01)(f) GDPR', 'is not a citation this software can read'],
  ['Art. 6(1)(e) GPDR', 'cites an unknown law'],
  ['Art. 25 TDDDG', 'has no such division'],
  ['§ 6 GDPR', 'has no such division'],
  ['§ 5 TMG', 'is repealed'],
  ['§ 999z SGB X', 'SGB X has no § 999z'],
  ['§ 121 SGB X', 'SGB X has no § 121'],
  ['§ 0 SGB II', 'SGB II has no § 0'],
  ['§ 31 TDDDG', 'TDDDG has no § 31'],
  ['§ 87 BDSG', 'BDSG has no § 87'],
  ['§ 72 SGB I', 'SGB I has no § 72'],
  ['Art. 100 GDPR', 'GDPR has no Art. 100'],
  ['Art. 6(1)(g) GDPR', 'Art. 6(1) GDPR ends with point (f)'],
  ['Art. 9(2)(k) GDPR', 'Art. 9(2) GDPR ends with point (j)'],
])('%s %s', (norm, message) => {
  expect(faultOfNorm(norm)?.message).toContain(message)
})

test('the Impressum section of the TMG has a successor', () => {
  expect(faultOfNorm('§ 5 TMG')?.remedy).toBe('cite § 5 DDG, its successor')
})

test('a section keeps its paragraph in the law that took over', () => {
  expect(faultOfNorm('§ 5(1) No 2 TMG')?.remedy).toBe('cite § 5(1) No 2 DDG, its successor')
  expect(faultOfNorm('§ 10 TMG')?.remedy).toContain('Digital Services Act')
})

test.each(['25(2) No 2', '19(4)', '4'])(
  '§ %s TTDSG is an old name of the same section of the TDDDG, and not repealed',
  (section) => {
    expect(faultOfNorm(`§ ${section} TTDSG`)).toEqual({
      kind: 'renamed',
      message: `'§ ${section} TTDSG' cites a law that was renamed on 2024-05-14: it is the TDDDG now`,
      remedy: `cite § ${section} TDDDG, the same section under its new name`,
    })
    expect(faultOfNorm(`§ ${section} TDDDG`)).toBeNull()
  },
)

test.each(['§ 13', '§ 15(3)', '§ 15b'])(
  '%s TMG ended with the coming of the TTDSG, before the rest of the TMG',
  (section) => {
    expect(faultsOfNorm(`${section} TMG`, '2021-11-30')).toEqual([])
    expect(faultsOfNorm(`${section} TMG`, '2021-12-01')[0]?.message).toBe(
      `'${section} TMG' is repealed, since 2021-12-01`,
    )
    expect(faultsOfNorm('§ 5 TMG', '2024-05-13')).toEqual([])
    expect(faultOfNorm('§ 5 TMG')?.message).toBe("'§ 5 TMG' is repealed, since 2024-05-14")
  },
)

test.each([
  ['§ 12', 'cite Art. 6(1) GDPR with the law of the task'],
  ['§ 13', 'cite Art. 13 GDPR for what people are told, § 19 TDDDG for how a service has to be built'],
  ['§ 13(1)', 'cite Art. 13 GDPR'],
  ['§ 13(4)', 'cite § 19 TDDDG'],
  ['§ 13(8)', 'cite Art. 15 GDPR'],
  ['§ 14', 'cite Art. 6(1)(e) GDPR with the law of the task, and § 25 TDDDG for what is stored or read on a device'],
  ['§ 15(3)', 'cite Art. 6(1)(e) GDPR with the law of the task, and § 25 TDDDG for what is stored or read on a device'],
  ['§ 15a', 'cite § 22 TDDDG'],
  ['§ 15b(2)', 'cite § 23 TDDDG'],
  ['§ 15c', 'cite § 24 TDDDG'],
])('whoever cites %s TMG is told what covers the matter now', (section, remedy) => {
  expect(faultOfNorm(`${section} TMG`)?.remedy).toBe(remedy)
})

test('§ 11 TMG, the old § 16, ended with the TMG and not before', () => {
  expect(faultsOfNorm('§ 11 TMG', '2024-05-13')).toEqual([])
  expect(faultOfNorm('§ 11 TMG')?.message).toBe("'§ 11 TMG' is repealed, since 2024-05-14")
  expect(faultsOfNorm('§ 16 TMG', '2021-12-01').map(({ kind }) => kind)).toEqual(['repealed'])
})

test('one citation can be wrong twice', () => {
  expect(faultsOfNorm('Art. 19(4) TTDSG', '2026-11-22').map(({ kind }) => kind)).toEqual(['renamed', 'mark'])
})

const days = fc
  .date({ min: new Date('2020-01-01T00:00:00Z'), max: new Date('2035-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))

test('what ended is reported on every day after its last, and on none while it was in force', () => {
  const ended = [...laws].filter(([, { to }]) => to !== undefined)
  expect(ended.map(([name]) => name)).toEqual(['TTDSG', 'TMG'])
  fc.assert(
    fc.property(fc.constantFrom(...ended), fc.nat(), days, ([name, law], any, on) => {
      const section = 1 + (any % law.last)
      const kinds = faultsOfNorm(`§ ${section} ${name}`, on).map(({ kind }) => kind)
      const past = law.renamed === undefined ? 'repealed' : 'renamed'
      expect(kinds).toEqual(on > (lastDayOf(law, String(section)) ?? '') ? [past] : on < law.from ? ['future'] : [])
    }),
  )
})

test('a law and the one that took its place are never in force together, and never both missing', () => {
  fc.assert(
    fc.property(days, (on) => {
      if (on < '2021-12-01') return
      const inForce = ['§ 25 TTDSG', '§ 25 TDDDG'].filter((norm) => faultsOfNorm(norm, on).length === 0)
      expect(inForce).toEqual([on < '2024-05-14' ? '§ 25 TTDSG' : '§ 25 TDDDG'])
    }),
  )
})

test.each([
  ['Art. 6(1)(f) GDPR', 'legitimateInterest'],
  ['Art. 6(1)(b) GDPR', 'contract'],
])('%s is closed to an authority in its tasks, not to one that is party to a contract', (norm, kind) => {
  expect(faultsOfNorm(norm, lawAsOf).map((fault) => fault.kind)).toEqual([kind])
  expect(faultsOfNorm(norm, lawAsOf, 'authority.contract')).toEqual([])
  expect(faultsOfNorm(norm, lawAsOf, 'private')).toEqual([])
})

test('every law that ended leads to one that is in the catalogue', () => {
  for (const [name, { to, renamed, successor }] of laws) {
    if (to === undefined) continue
    expect([name, laws.has(renamed ?? successor?.law ?? '')]).toEqual([name, true])
  }
})

test('an entry that nobody has checked for more than a year is named, with the file it stands in', () => {
  const catalogue = [
    { name: 'old', checked: '2025-03-10', file: 'countries.ts' },
    { name: 'newer', checked: '2026-03-10', file: 'laws.ts' },
  ]
  expect(staleEntries('2026-03-10', catalogue)).toEqual([])
  expect(staleEntries('2026-03-11', catalogue)).toEqual([
    { name: 'old', lastChecked: '2025-03-10', file: 'src/register/law/countries.ts' },
  ])
})

test('everything in the catalogues has been checked within twelve months of the newest check of a law', () => {
  expect(staleEntries(lawAsOf)).toEqual([])
})

test('laws, authorities, countries, tasks and rights grow old; what ended does not', () => {
  const names = staleEntries('2030-01-01').map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['SGB X', 'the BfDI', 'adequacy decisions', '§ 3 BDSG']))
  expect(names).not.toContain('TMG')
})
