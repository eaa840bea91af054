import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '#test/helpers/folder.ts'
import { replaced } from '#test/helpers/tenants.ts'
import { loadRegister } from '../load/load.ts'
import type { Judged } from '../register.ts'
import { rules } from './judge.ts'
import { judgeTenants } from './tenants.ts'

/* A sixth notice, of a Jobcenter that does not exist, with every fault at once. No annotation helps the rules. */

const sixth = `
notice: { title: Datenschutz bei uns, date: undated, readOn: 2026-11-20 }
name: Jobcenter Hinterwald
kind: zkT
land: DE-SN
cites:
  - { norm: § 5 TMG }
  - { norm: § 25(1) TTDSG }
  - { norm: Art. 9 BDSG }
  - { norm: § 12 Hinterwaldgesetz }
controller: { name: Jobcenter Hinterwald, email: { printed: postjobcenter.example } }
dataProtectionOfficer: { name: Datenschutz }
supervisoryAuthority: { named: false }
rights: { named: [{ right: access }] }
sections:
  - { number: '1', announces: [service, security], describes: [service] }
references:
  - { from: '1', to: '9', about: cookies }
activities:
  - id: chat
    title: chat
    purposes:
      - { text: answering }
      - { text: advertising, serves: marketing }
    bases:
      - { norm: Art. 6(1)(a) GDPR }
      - { norm: Art. 6(1)(b) GDPR }
      - { norm: Art. 6(1)(f) GDPR, leftOpen: true }
      - { ground: businessInterest }
    fields:
      - { id: message, kept: P1Y }
      - { id: message, kept: never }
    retention:
      - { unstated: true }
      - { period: P3M }
    consents:
      - { givenBy: reading }
      - { givenBy: use, waives: [encryption, secrecy] }
    recipients:
      claim: nobody
      named:
        - { name: Chatfirma, role: processor, country: US }
    operators:
      - { name: Rechenzentrum, does: stores }
    hosts:
      - { host: schrift.example }
    transports:
      - { what: files, by: mail, encryption: none }
      - { what: calls, by: call, encryption: endToEnd, fallsBackTo: none }
    cookies: { set: true, serves: statistics, essential: false, bases: [{ norm: Art. 6(1)(e) GDPR }] }
  - id: calls
    title: calls
    purposes: [{ text: answering }]
    bases: [{ norm: Art. 4 No 11 GDPR }]
  - id: counting
    title: counting visits
    purposes: [{ text: statistics, serves: statistics }]
    cookies: { set: false }
cookies:
  claim: complete
  groups:
    - text: all cookies
      serves: statistics
      essential: true
      cookies: [{ name: _ga }]
`

/** Of these a notice can have one only. */
const variants: [rule: string, from: string, to: string][] = [
  ['notice-outdated', 'date: undated', "date: '2019-03-01'"],
  ['authority-wrong', '{ named: false }', '{ name: Bundesbeauftragte für den Datenschutz }'],
  ['authority-outdated', 'kind: zkT\nland: DE-SN', 'kind: gE\nland: DE-SN'],
]

describe('a sixth notice with every fault at once', () => {
  let dir: string
  beforeAll(() => {
    dir = temporaryFolder('sixth')
    mkdirSync(join(dir, 'hinterwald'))
  })
  afterAll(() => rmSync(dir, { recursive: true }))

  const judgedAs = (text: string): Judged => {
    writeFileSync(join(dir, 'hinterwald', 'published.yaml'), text)
    const register = loadRegister(dir, { needs: [], additions: [] }, '2026-11-22')
    expect([...register.quarantined.keys()]).toEqual([])
    const [found] = judgeTenants(dir, register, '2026-11-22')
    if (!found) throw new Error('not judged')
    return found
  }

  const rulesIn = ({ findings }: Judged) => new Set(findings.map(({ rule }) => rule))

  test('is reported by every rule, save those that exclude each other', () => {
    const found = judgedAs(sixth)
    expect(found.problems).toEqual([])
    const silent = rules.map(({ name }) => name).filter((name) => !rulesIn(found).has(name))
    expect(silent).toEqual(['authority-wrong', 'authority-outdated', 'notice-outdated'])
  })

  test.each(variants)('in a variant is reported by %s', (rule, from, to) => {
    const outdated = rule === 'authority-outdated' ? '{ name: BfDI, street: Husarenstraße 30 }' : '{ named: false }'
    const text = replaced(replaced(sixth, '{ named: false }', outdated), from, to)
    expect(rulesIn(judgedAs(text))).toContain(rule)
  })

  test('is named with file, line, date, law and remedy in every finding', () => {
    const lines = sixth.split('\n')
    for (const { file, line, message, remedy, law, noticeDate, facts } of judgedAs(sixth).findings) {
      expect(file).toBe(join(dir, 'hinterwald', 'published.yaml'))
      expect(lines[line - 1]?.trim()).not.toBe('')
      expect(noticeDate).toBe('undated, read 2026-11-20')
      expect(law).toMatch(/Art\. |§ /)
      expect(message.length).toBeGreaterThan(10)
      expect(remedy.length).toBeGreaterThan(5)
      expect(facts).toEqual([])
    }
  })
})
