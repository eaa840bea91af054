import { expect, test } from 'vitest'
import { dueAt, endOf } from './retention.ts'

const berlin = 'Europe/Berlin'
const end = (at: string, period: string) => endOf(Temporal.Instant.from(at), period, berlin).toString()

test.each([
  [
    'two weeks are two weeks on the clock when summer time ends',
    '2026-10-20T08:00:00Z',
    'P14D',
    '2026-11-03T09:00:00Z',
  ],
  ['and when it begins', '2027-03-20T09:00:00Z', 'P14D', '2027-04-03T08:00:00Z'],
  ['a day of the clock change has 25 hours', '2026-10-24T10:00:00Z', 'P1D', '2026-10-25T11:00:00Z'],
  ['24 hours are 24 hours, whatever the clock does', '2026-10-24T10:00:00Z', 'PT24H', '2026-10-25T10:00:00Z'],
  ['a month from the 31st ends with a shorter month', '2027-01-31T11:00:00Z', 'P1M', '2027-02-28T11:00:00Z'],
  ['a year from the 29th of February ends on the 28th', '2028-02-29T11:00:00Z', 'P1Y', '2029-02-28T11:00:00Z'],
  ['no time at all is now', '2026-11-23T08:00:00Z', 'PT0S', '2026-11-23T08:00:00Z'],
])('%s', (_rule, at, period, expected) => expect(end(at, period)).toBe(expected))

const rules = [
  { id: 'after', trigger: 'ended', period: 'P14D' },
  { id: 'cancelled', trigger: 'cancelled', period: 'PT0S' },
  { id: 'idle', trigger: 'seen', period: 'P20D' },
]
const due = (events: Record<string, string>) => {
  const found = dueAt(rules, events, 'UTC')
  return found && `${found.rule} ${found.at}`
}

test('as long as nothing has happened that a rule names, there is no date', () => {
  expect(due({})).toBeNull()
  expect(due({ somethingElse: '2026-11-23T08:00:00Z' })).toBeNull()
})

test('of several rules the one that falls due first decides', () => {
  expect(due({ ended: '2026-11-10T08:00:00Z' })).toBe('after 2026-11-24T08:00:00Z')
  expect(due({ ended: '2026-11-10T08:00:00Z', seen: '2026-11-01T08:00:00Z' })).toBe('idle 2026-11-21T08:00:00Z')
  expect(due({ ended: '2026-11-10T08:00:00Z', cancelled: '2026-11-02T08:00:00Z' })).toBe(
    'cancelled 2026-11-02T08:00:00Z',
  )
})
