import { expect, test } from 'vitest'
import type { Fact } from './facts.ts'
import { type Notice, promisesPage } from './promises.ts'

const aFact = (id: string, given: Partial<Fact> = {}): Fact => ({
  id,
  kind: 'right',
  claim: `Claim of ${id}`,
  verdict: 'keep',
  shownBy: 'behaviour',
  tenant: 'here',
  notice: 'Jobcenter Here',
  ...given,
})

const notices: Notice[] = [
  {
    tenant: 'here',
    name: 'Jobcenter Here',
    isRunning: true,
    toCome: new Set(['HER-006']),
    facts: [
      aFact('HER-001'),
      aFact('HER-002', { verdict: 'improve', note: 'half the data' }),
      aFact('HER-003', { claim: 'a | b' }),
      aFact('HER-004', { verdict: 'defect', shownBy: 'finding', note: 'cites what is repealed' }),
      aFact('HER-005', { verdict: 'vendor', shownBy: 'party' }),
      aFact('HER-006', { comesWith: 'site.map' }),
    ],
  },
  {
    tenant: 'there',
    name: 'Jobcenter There',
    isRunning: false,
    toCome: new Set(['THE-001']),
    facts: [aFact('THE-001', { tenant: 'there' })],
  },
]
const witness = (name: string, file = 'test/x.test.ts') => ({ file, name })
const shown = new Map([
  ['HER-001', [witness('z'), witness('a cancelled time is free')]],
  ['HER-002', [witness('half')]],
])
const page = promisesPage(notices, shown)
const lineOf = (id: string) => page.split('\n').find((line) => line.startsWith(`| ${id} `))

test('a promise that was shown names the test, the first by its name if there are several', () => {
  expect(lineOf('HER-001')).toBe(
    '| HER-001 | Claim of HER-001 | as it says |  | [a cancelled time is free](../test/x.test.ts), and 1 more |',
  )
  expect(lineOf('HER-002')).toContain('| better | half the data | [half](../test/x.test.ts) |')
})

test('what nobody showed is not said to be kept', () => {
  expect(lineOf('HER-003')).toBe('| HER-003 | a \\| b | as it says |  | **not shown** |')
  expect(lineOf('HER-004')).toContain('| wrong | cites what is repealed | not found yet |')
  expect(lineOf('THE-001')).toContain('| to come |')
  expect(lineOf('HER-006')).toContain('| to come, with the map |')
})

test('the counts are those of the run', () => {
  expect(page).toContain('they make 7 statements')
  expect(page).toContain('| Jobcenter Here | 2 | 1 | 1 | 0 | 1 | 1 |')
  expect(page).toContain('| Jobcenter There | 0 | 0 | 1 | 0 | 0 | 0 |')
  expect(page).toContain('| all | 2 | 1 | 2 | 0 | 1 | 1 |')
  expect(page).toContain('Running: Jobcenter Here.')
})

test('the order in which tests ran changes nothing', () => {
  const turned = new Map([...shown].reverse().map(([id, list]) => [id, list.toReversed()]))
  expect(promisesPage(notices, turned)).toBe(page)
})
