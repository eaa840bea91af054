import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { readYaml } from '../load/yaml.ts'
import type { Finding } from '../register.ts'
import { judge } from './judge.ts'
import { today } from './published.fixture.ts'
import { Published } from './published.ts'

/* The five real notices: what the rules find in them, and that they find it by themselves. */

type Expected = {
  /** How many statements of the notice are annotated. */
  annotated: number
  /** Findings, each as its rule and the statements it is about. */
  findings: string[]
  /** For each faulty statement, a change of the file that mends it. */
  mended: [fact: string, from: string, to: string][]
}

const notices: Record<string, Expected> = {
  duesseldorf: {
    annotated: 65,
    findings: [
      'address-unusable DUS-004',
      'authority-outdated DUS-065',
      'consent-by-reading DUS-020',
      'consent-by-use DUS-050',
      'consent-waives-protection DUS-050',
      'notice-undated',
      'recipient-undeclared DUS-055',
      'rights-missing',
      'transport-unencrypted DUS-035',
      'transport-unencrypted DUS-046',
      'transport-unencrypted DUS-049',
    ],
    mended: [
      ['DUS-004', 'Datenschutzbeauftragtejobcenter-ge.de', 'Datenschutzbeauftragte@jobcenter-ge.de'],
      ['DUS-020', 'givenBy: reading', 'givenBy: ownAct'],
      ['DUS-035', 'encryption: unstated, facts: [DUS-035]', 'encryption: endToEnd, facts: [DUS-035]'],
      ['DUS-046', 'encryption: none, facts: [DUS-046]', 'encryption: endToEnd, facts: [DUS-046]'],
      ['DUS-049', 'encryption: none, facts: [DUS-049]', 'encryption: tls, facts: [DUS-049]'],
      ['DUS-050', 'givenBy: use, waives: [encryption]', 'givenBy: ownAct'],
      ['DUS-055', 'name: Bundesagentur für Arbeit', 'name: Maixit GbR'],
      ['DUS-065', 'Husarenstraße 30', 'Graurheindorfer Straße 153'],
    ],
  },
  viersen: {
    annotated: 100,
    findings: [
      'authority-missing VIE-095',
      'basis-left-open VIE-021',
      'basis-left-open VIE-036',
      'basis-left-open VIE-048',
      'business-interest VIE-021',
      'contract-for-benefit VIE-054',
      'cookies-unlisted VIE-066',
      'cookies-without-consent VIE-080',
      'host-undeclared VIE-068',
      'legitimate-interest-of-authority',
      'legitimate-interest-of-authority VIE-015',
      'legitimate-interest-of-authority VIE-036',
      'legitimate-interest-of-authority VIE-048',
      'legitimate-interest-of-authority VIE-062',
      'legitimate-interest-of-authority VIE-080',
      'marketing-by-authority VIE-078',
      'notice-outdated VIE-099',
      'purpose-without-basis',
      'retention-missing',
      'retention-missing VIE-017',
    ],
    mended: [
      ['VIE-015', 'Art. 6(1)(f) GDPR, facts: [VIE-015]', 'Art. 6(1)(e) GDPR, facts: [VIE-015]'],
      ['VIE-017', 'unstated: true, facts: [VIE-017]', 'after: request, period: P7D, facts: [VIE-017]'],
      ['VIE-021', 'ground: businessInterest, leftOpen: true', 'norm: § 67b(1) SGB X'],
      ['VIE-036', 'Art. 6(1)(f) GDPR, leftOpen: true, facts: [VIE-036]', 'Art. 6(1)(e) GDPR, facts: [VIE-036]'],
      ['VIE-048', 'Art. 6(1)(f) GDPR, leftOpen: true, facts: [VIE-048]', 'Art. 6(1)(e) GDPR, facts: [VIE-048]'],
      ['VIE-054', 'Art. 6(1)(b) GDPR, relation: benefit', 'Art. 6(1)(e) GDPR'],
      ['VIE-062', 'norm: Art. 6(1)(f) GDPR', 'norm: § 25(2) No 2 TDDDG'],
      ['VIE-066', 'text: cookies in general', 'activity: analytics\n      text: cookies in general'],
      ['VIE-068', 'host: server.arcgisonline.com', 'host: server.arcgisonline.com, of: OpenStreetMap Foundation'],
      ['VIE-078', 'serves: marketing', 'serves: service'],
      ['VIE-080', 'Art. 6(1)(f) GDPR, facts: [VIE-080]', '§ 25(1) TDDDG, facts: [VIE-080]'],
      [
        'VIE-095',
        'supervisoryAuthority: { named: false,',
        'supervisoryAuthority: { name: Bundesbeauftragte für den Datenschutz und die Informationsfreiheit,',
      ],
      ['VIE-099', 'date: 2020-11', 'date: 2026-11'],
    ],
  },
  segeberg: {
    annotated: 57,
    findings: [
      'announced-not-described SEG-057',
      'cookie-lifetime-missing SEG-051',
      'legitimate-interest-of-authority SEG-014',
      'legitimate-interest-of-authority SEG-050',
      'norm-repealed SEG-001',
      'notice-undated',
      'reference-broken SEG-049',
      'rights-missing SEG-045',
      'stored-and-not-stored SEG-011',
    ],
    mended: [
      ['SEG-001', '  - { norm: § 13 TMG, facts: [SEG-001] }\n  - { norm: § 15 TMG, facts: [SEG-001] }\n', ''],
      ['SEG-011', 'id: ipAddress, kept: never', 'id: ipAddress, form: anonymised'],
      ['SEG-014', 'norm: Art. 6(1)(f) GDPR, facts: [SEG-014]', 'norm: § 67b(1) SGB X, facts: [SEG-014]'],
      [
        'SEG-045',
        '    - { right: access, facts: [SEG-043] }\n',
        `    - { right: access, facts: [SEG-043] }\n${['rectification', 'restriction', 'portability', 'objection'].map((right) => `    - { right: ${right} }\n`).join('')}`,
      ],
      ['SEG-049', 'to: 7.a', 'to: 8.a'],
      ['SEG-050', 'norm: Art. 6(1)(f) GDPR, facts: [SEG-050]', 'norm: § 25(2) No 2 TDDDG, facts: [SEG-050]'],
      ['SEG-051', 'unstated: true, facts: [SEG-051]', 'after: set, period: P1Y, facts: [SEG-051]'],
      ['SEG-057', 'announces: [cookies, externalMedia]', 'announces: [cookies]'],
    ],
  },
  'gross-gerau': {
    annotated: 69,
    findings: [
      'analytics-called-essential GGE-055',
      'cookies-denied GGE-034',
      'norm-miscited GGE-056',
      'norm-renamed',
      'norm-renamed GGE-018',
      'norm-renamed GGE-030',
      'norm-renamed GGE-052',
      'norm-renamed GGE-056',
      'notice-undated',
      'retention-missing GGE-064',
      'rights-missing',
      'stored-and-not-stored GGE-035',
      'tracker-without-consent GGE-053',
      'tracker-without-consent GGE-054',
    ],
    mended: [
      ['GGE-018', '§ 2(2) No 3 TTDSG', '§ 2(2) No 3 TDDDG'],
      ['GGE-030', '§ 19(4) TTDSG', '§ 19(4) TDDDG'],
      ['GGE-034', 'cookies: { set: false,', 'cookies: { set: true, bases: [{ norm: § 25(1) TDDDG }],'],
      ['GGE-035', 'form: anonymised, facts: [GGE-035]', 'kept: never, facts: [GGE-035]'],
      ['GGE-052', '§ 25(2) No 2 TTDSG, facts: [GGE-052]', '§ 25(2) No 2 TDDDG, facts: [GGE-052]'],
      ['GGE-053', 'AMP_MKTG_7eef0b4f39', 'malware_check'],
      ['GGE-054', 'name: AMP_7eef0b4f39', 'name: malware_check'],
      [
        'GGE-055',
        'essential: true\n      bases:\n        - { norm: § 25(2) No 2 TTDSG, facts: [GGE-056] }',
        'bases:\n        - { norm: § 25(1) TDDDG }',
      ],
      [
        'GGE-056',
        '- { norm: § 25(2) No 2 TTDSG, facts: [GGE-056] }\n        - { norm: Art. 19(4) TTDSG, facts: [GGE-056] }',
        '- { norm: § 25(1) TDDDG, facts: [GGE-056] }',
      ],
      ['GGE-064', 'unstated: true, facts: [GGE-064]', 'period: P10Y, facts: [GGE-064]'],
    ],
  },
  offenbach: {
    annotated: 46,
    findings: [
      'address-unusable OFF-006',
      'encryption-downgraded OFF-030',
      'notice-undated',
      'recipient-undeclared OFF-037',
      'withdrawal-missing OFF-046',
    ],
    mended: [
      ['OFF-006', 'remove-this.offenbach.de', 'offenbach.de'],
      ['OFF-030', 'fallsBackTo: tls', 'fallsBackTo: tls\n        shown: true'],
      ['OFF-037', 'claim: nobody', 'named: [{ name: Deutsche Telekom }, { name: Cisco Systems (Webex) }]'],
      ['OFF-046', 'givenBy: unstated, facts', 'givenBy: unstated, withdrawal: { ways: [by mail] }, facts'],
    ],
  },
}

const fileOf = (slug: string): string => `tenants/${slug}/published.yaml`
const textOf = (slug: string): string => readFileSync(fileOf(slug), 'utf8')

const judgeText = (text: string): Finding[] => {
  const yaml = readYaml('published.yaml', new TextEncoder().encode(text))
  expect(yaml.faults).toEqual([])
  return judge(yaml, Published.parse(yaml.data), today)
}

const inShort = ({ rule, facts }: Finding): string => [rule, ...facts].join(' ')

/** All of it but the annotations. */
const withoutFacts = (node: unknown): unknown => {
  if (Array.isArray(node)) return node.map(withoutFacts)
  if (typeof node !== 'object' || node === null) return node
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key]) => key !== 'facts')
      .map(([key, value]) => [key, withoutFacts(value)]),
  )
}

test('every published notice that is shipped is held to what is expected of it', () => {
  const shipped = readdirSync('tenants').filter((slug) => existsSync(fileOf(slug)))
  expect(Object.keys(notices).sort()).toEqual(shipped)
})

test('forty-three faulty statements are known in them, and a finding cites each', () => {
  const known = Object.values(notices).flatMap(({ mended }) => mended.map(([fact]) => fact))
  expect([known.length, new Set(known).size]).toEqual([43, 43])
})

describe.each(Object.entries(notices))('the notice of %s', (slug, { annotated, findings, mended }) => {
  test('is found to have exactly these faults', () => {
    expect([...new Set(judgeText(textOf(slug)).map(inShort))].sort()).toEqual(findings)
  })

  test('has its statements annotated, each at least once', () => {
    expect(new Set(textOf(slug).match(/\b[A-Z]{3}-\d{3}\b/g)).size).toBe(annotated)
  })

  test('is judged the same without any annotation, so that no list of known faults does the work', () => {
    const rulesAndWords = (text: string) => judgeText(text).map(({ rule, message, remedy }) => [rule, message, remedy])
    const yaml = readYaml('published.yaml', new TextEncoder().encode(textOf(slug)))
    const bare = stringify(withoutFacts(yaml.data))
    expect(bare).not.toContain('facts')
    expect(rulesAndWords(bare)).toEqual(rulesAndWords(textOf(slug)))
  })

  test.each(mended)('once %s is mended, it is not reported any more', (fact, from, to) => {
    const about = (text: string) => judgeText(text).filter(({ facts }) => facts.includes(fact))
    const text = textOf(slug)
    expect(about(text)).not.toEqual([])
    expect(text).toContain(from)
    expect(about(text.replaceAll(from, to))).toEqual([])
  })

  test('has a mending for every faulty statement', () => {
    const cited = new Set(findings.flatMap((finding) => finding.split(' ').slice(1)))
    expect(mended.map(([fact]) => fact)).toEqual([...cited].sort())
  })
})
