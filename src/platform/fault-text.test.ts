import { describe, expect, test } from 'vitest'
import { faultText } from './fault-text.ts'

const thrownBy = (work: () => unknown): unknown => {
  try {
    work()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}
const coded = (code: string, message: string) => Object.assign(new Error(message), { code })
const firstLine = (error: unknown): string => faultText('a test', error).split('\n')[0] ?? ''

describe('what an error quotes of what somebody sent is not written', () => {
  const values = [
    'erika',
    'Markerfrau',
    '198.51.100.23',
    '2001:db8:ca4a::17',
    'DE02',
    '23125',
    'Zq3vKp9sLm2xTn7wYb4cRd',
  ]

  test.each<[string, unknown]>([
    ['JSON that is none', thrownBy(() => JSON.parse('erika@example.org'))],
    ['a day that is none', thrownBy(() => Temporal.PlainDate.from('erika Markerfrau'))],
    ['a number that is none', thrownBy(() => BigInt('Markerfrau'))],
    ['a time zone that is none', thrownBy(() => new Intl.DateTimeFormat('de', { timeZone: 'Markerfrau' }))],
    ['an address that is none', thrownBy(() => new URL('erika@Markerfrau'))],
    ['an argument of Node', thrownBy(() => Buffer.alloc('Markerfrau' as unknown as number))],
    ['a property', thrownBy(() => (undefined as unknown as Record<string, string>).Markerfrau)],
    ['a value for the database', coded('22P02', 'invalid input syntax for type uuid: "erika"')],
    ['a value in a statement', coded('42601', 'syntax error at or near "Markerfrau"')],
    ['the words of a mail server', coded('EENVELOPE', '550 5.1.1 <erika@example.org>: Recipient rejected')],
    ['an address in percent signs', new Error('cannot GET /segeberg/erika%40example.org')],
    ['an IPv4 address', new TypeError('invalid IP address: 198.51.100.23')],
    ['an IPv6 address', new TypeError('invalid IP address: 2001:db8:ca4a::17')],
    ['an account', new Error('no such account DE02120300000000202051')],
    ['a telephone', new Error('cannot call 030 23125 777')],
    ['the secret part of a link', new Error('not found: /termin/verwalten/Zq3vKp9sLm2xTn7wYb4cRd')],
    ['a name in German quotation marks', new Error('unbekannt: „Erika Markerfrau“')],
    ['a code that is none', coded('erika@example.org', 'refused')],
    ['a second line that looks like a place', new Error('refused\n    at Markerfrau (erika@example.org)')],
  ])('%s', (_what, error) => {
    const text = faultText('a test', error)
    for (const value of values) expect(text.toLowerCase()).not.toContain(value.toLowerCase())
    expect(text).toMatch(/^fault in a test: \w*Error/)
    expect(text).toContain('fault-text.test.ts')
  })
})

test('a message of any length is looked at in no time, and nothing of a value stays where it is cut', () => {
  const long = 'erika'.repeat(13_000)
  const begin = process.cpuUsage()
  const lines = [long, `cannot send to ${long}@example.org`, `no such account: "${'erika '.repeat(13_000)}"`].map(
    (message) => firstLine(new Error(message)),
  )
  firstLine(coded('E'.repeat(64_000).concat('!'), 'refused'))
  const { user, system } = process.cpuUsage(begin)
  expect((user + system) / 1000).toBeLessThan(200)
  expect(lines).toEqual([
    'fault in a test: Error: …',
    'fault in a test: Error: cannot send to …',
    'fault in a test: Error: no such account: …',
  ])
})

test('a quotation that goes on in the next line is none of the first', () => {
  for (const marks of ['""', '``', '„“', '“”', '«»', "''"])
    expect(firstLine(new Error(`refused: ${marks[0]}Erika\nMarkerfrau${marks[1]}`))).toBe(
      'fault in a test: Error: refused: …',
    )
})

describe('what helps to find the fault stays', () => {
  test.each<[unknown, string]>([
    [
      coded('23505', 'duplicate key value violates unique constraint "one"'),
      'Error 23505: duplicate key value violates unique constraint "one"',
    ],
    [coded('42703', 'column "reply" does not exist'), 'Error 42703: column "reply" does not exist'],
    [coded('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:5432'), 'Error ECONNREFUSED: connect ECONNREFUSED …'],
    [new Error('tenant segeberg is not prepared'), 'Error: tenant segeberg is not prepared'],
    [
      new Error('no running tenant 0b6f7a0e-3f0f-4c8e-9d52-6a1f6f0c7f11'),
      'Error: no running tenant 0b6f7a0e-3f0f-4c8e-9d52-6a1f6f0c7f11',
    ],
    [new Error("Cannot find module 'pg'"), 'Error: Cannot find module …'],
  ])('%s', (error, line) => {
    expect(firstLine(error)).toBe(`fault in a test: ${line}`)
  })
})
