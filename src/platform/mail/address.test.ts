import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { comparableAddress, parseEmailAddress } from './address.ts'

const runs = { numRuns: process.env.SLOW ? 500 : 50 }

describe('an address people can be reached at', () => {
  test.each([
    ['erika@example.org', 'erika@example.org'],
    ['  erika@example.org \r\n', 'erika@example.org'],
    ['Erika.Mustermann@Example.ORG', 'Erika.Mustermann@example.org'],
    ['erika+jobcenter@mail.example.org', 'erika+jobcenter@mail.example.org'],
    ["o'brien_{x}@example.org", "o'brien_{x}@example.org"],
    ['info@jobcenter-düsseldorf.de', 'info@xn--jobcenter-dsseldorf-gbc.de'],
    ['info@Jobcenter-DU\u0308SSELDORF.de', 'info@xn--jobcenter-dsseldorf-gbc.de'],
    ['info@straße.de', 'info@xn--strae-oqa.de'],
    ['a@пример.рф', 'a@xn--e1afmkfd.xn--p1ai'],
    ['a@1und1.de', 'a@1und1.de'],
    [`${'l'.repeat(64)}@example.org`, `${'l'.repeat(64)}@example.org`],
  ])('%j is taken as %j', (typed, address) => expect(parseEmailAddress(typed)).toBe(address))
})

describe('not one address', () => {
  test.each([
    '',
    '@',
    'erika',
    'erika@',
    '@example.org',
    'erika@@example.org',
    'a@b@example.org',
    'erika@localhost',
    'a@example.org,b@example.org',
    'a@example.org;b@example.org',
    'a@example.org b@example.org',
    'Erika <erika@example.org>',
    '<erika@example.org>',
    '"er ika"@example.org',
    'erika mustermann@example.org',
    '.erika@example.org',
    'erika.@example.org',
    'er..ika@example.org',
    'jürgen@example.org',
    'erika@.example.org',
    'erika@example..org',
    'erika@example.org.',
    'erika@-example.org',
    'erika@example-.org',
    'erika@exa_mple.org',
    'erika@example.org:25',
    'erika@[127.0.0.1]',
    'erika@127.0.0.1',
    'erika@0x7f.1',
    'erika@example%2Eorg',
    'erika@example。org',
    'erika@exam\u200bple.org',
    'erika@example.org\r\nBcc: a@example.org',
    'eri\nka@example.org',
    'eri\u0000ka@example.org',
    'erika@exam\tple.org',
    `${'l'.repeat(65)}@example.org`,
    `a@${'d'.repeat(64)}.org`,
    `a@${'d.'.repeat(126)}org`,
  ])('%j is refused', (typed) => expect(parseEmailAddress(typed)).toBeNull())
})

test('whatever is typed, the result is a fixed point, short, ASCII, and safe in a header', () => {
  const pieces = fc.array(
    fc.constantFrom('a', 'Z', '.', '@', 'ü', 'u\u0308', '-', ',', '\r\n', ' ', '<', '0', 'ß', 'org', '%', '。'),
  )
  const typed = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.emailAddress(),
    pieces.map((all) => all.join('')),
  )
  fc.assert(
    fc.property(typed, (text) => {
      const address = parseEmailAddress(text)
      if (address === null) return
      expect(parseEmailAddress(address)).toBe(address)
      expect(address).toMatch(/^[!-+\--:=?-~]+@[a-z0-9.-]+$/)
      expect(address.length).toBeLessThanOrEqual(254)
    }),
    { numRuns: runs.numRuns * 4 },
  )
})

test('two spellings of one mailbox are found under one index', () => {
  const spell = (text: string) => comparableAddress(parseEmailAddress(text) ?? '')
  expect(spell('Erika@STRASSE.de')).toBe(spell('erika@strasse.de'))
  expect(spell('INFO@MÜLLER.de')).toBe(spell('info@müller.de'))
  expect(spell('erika@example.org')).not.toBe(spell('erica@example.org'))
})
