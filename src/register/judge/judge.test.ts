import { describe, expect, test } from 'vitest'
import { rules } from './judge.ts'
import { faultless, judged, spoiled, type Written } from './published.fixture.ts'

type Notice = ReturnType<typeof faultless>
type Spoil = (notice: Notice) => void

const first = (notice: Notice) => notice.activities[0]
const second = (notice: Notice) => notice.activities[1] as Notice['activities'][0]
const groups = (notice: Notice) => notice.cookies?.groups ?? []

/** What is wrong, the rule that has to see it, and words it has to say. One change each, and one finding. */
const wrong: [name: string, rule: string, words: string, spoil: Spoil][] = [
  [
    'a repealed law, invoked by the whole notice',
    'norm-repealed',
    'cite Art. 13 GDPR',
    (n) => n.cites?.push({ norm: '§ 13 TMG' }),
  ],
  [
    'a law by its old name as legal basis',
    'norm-renamed',
    'cite § 19(4) TDDDG',
    (n) => first(n).bases?.push({ norm: '§ 19(4) TTDSG' }),
  ],
  [
    'a law by its old name for a cookie',
    'norm-renamed',
    'cite § 25(2) No 2 TDDDG',
    (n) => groups(n)[0]?.bases?.push({ norm: '§ 25(2) No 2 TTDSG' }),
  ],
  [
    'an article of a law that has sections',
    'norm-miscited',
    "begin with '§'",
    (n) => (first(n).cites = [{ norm: 'Art. 25 TDDDG' }]),
  ],
  [
    'a norm in a form nobody can read',
    'norm-miscited',
    'not a citation',
    (n) => (first(n).cites = [{ norm: 'DSGVO 6 I e' }]),
  ],
  [
    'a law that nobody knows',
    'norm-unknown',
    'unknown law',
    (n) => (first(n).cites = [{ norm: '§ 3 Beispielgesetz' }]),
  ],
  [
    'an article that does not exist',
    'norm-unknown',
    'GDPR has no Art. 140',
    (n) => (first(n).cites = [{ norm: 'Art. 140 GDPR' }]),
  ],
  [
    'a section that does not exist',
    'norm-unknown',
    'SGB X has no § 999z',
    (n) => first(n).bases?.push({ norm: '§ 999z SGB X' }),
  ],
  [
    'legitimate interest, by its norm',
    'legitimate-interest-of-authority',
    'closed to authorities',
    (n) => first(n).bases?.push({ norm: 'Art. 6(1)(f) GDPR' }),
  ],
  [
    'legitimate interest, in words',
    'legitimate-interest-of-authority',
    'closed to authorities',
    (n) => first(n).bases?.push({ ground: 'legitimateInterest' }),
  ],
  [
    'a contract with people who receive benefits',
    'contract-for-benefit',
    'needs a contract',
    (n) => first(n).bases?.push({ norm: 'Art. 6(1)(b) GDPR' }),
  ],
  [
    'business interests',
    'business-interest',
    'business interests',
    (n) => first(n).bases?.push({ ground: 'businessInterest' }),
  ],
  [
    'bases of which one or another applies',
    'basis-left-open',
    'left open',
    (n) => first(n).bases?.push({ norm: 'Art. 6(1)(c) GDPR', leftOpen: true }),
  ],
  ['purposes without legal basis', 'purpose-without-basis', 'without any legal basis', (n) => (first(n).bases = [])],
  [
    'marketing',
    'marketing-by-authority',
    'marketing',
    (n) => first(n).purposes?.push({ text: 'marketing', serves: 'marketing' }),
  ],
  [
    'reading taken for consent',
    'consent-by-reading',
    'counts as consent',
    (n) => (second(n).consents = [{ givenBy: 'reading' }]),
  ],
  ['use taken for consent', 'consent-by-use', 'counts as consent', (n) => (second(n).consents = [{ givenBy: 'use' }])],
  [
    'a waiver of encryption',
    'consent-waives-protection',
    'waive encryption',
    (n) => (second(n).consents = [{ givenBy: 'ownAct', waives: ['encryption'] }]),
  ],
  [
    'consent without withdrawal',
    'withdrawal-missing',
    'can be withdrawn',
    (n) => (n.rights.named = n.rights.named?.filter(({ right }) => right !== 'withdrawal')),
  ],
  [
    'an address without @',
    'address-unusable',
    'no e-mail address',
    (n) => (n.dataProtectionOfficer = { name: 'officer', email: { printed: 'datenschutz.example.org' } }),
  ],
  [
    'a disguised address',
    'address-unusable',
    'disguised',
    (n) => (n.controller.email = { printed: 'post (at) example.org' }),
  ],
  [
    'no data protection officer',
    'contact-missing',
    'no data protection officer',
    (n) => delete n.dataProtectionOfficer,
  ],
  [
    'an officer nobody can reach',
    'contact-missing',
    'how to reach',
    (n) => (n.dataProtectionOfficer = { name: 'officer' }),
  ],
  [
    'a right to complain, but nowhere',
    'authority-missing',
    'name the BfDI, Graurheindorfer Straße 153',
    (n) => (n.supervisoryAuthority = { named: false }),
  ],
  ['no word on complaints', 'authority-missing', 'not named', (n) => delete n.supervisoryAuthority],
  [
    "the Land's commissioner for a joint institution",
    'authority-wrong',
    'name the BfDI',
    (n) => (n.supervisoryAuthority = { name: 'LDI Nordrhein-Westfalen' }),
  ],
  [
    'the BfDI for a municipal Jobcenter',
    'authority-wrong',
    'commissioner of North Rhine-Westphalia',
    (n) => (n.kind = 'zkT'),
  ],
  [
    "the authority of another Land with a name like this one's",
    'authority-wrong',
    'commissioner of Saxony',
    (n) =>
      Object.assign(n, {
        kind: 'zkT',
        land: 'DE-SN',
        supervisoryAuthority: { name: 'Landesbeauftragte für den Datenschutz Sachsen-Anhalt' },
      }),
  ],
  [
    'articles that allow nothing as the only bases',
    'basis-allows-nothing',
    'Art. 4 No 11 GDPR, Art. 7 GDPR',
    (n) => (first(n).bases = [{ norm: 'Art. 4 No 11 GDPR' }, { norm: 'Art. 7 GDPR' }]),
  ],
  [
    'an old address of the authority',
    'authority-outdated',
    'write Graurheindorfer Straße 153, 53117 Bonn',
    (n) => (n.supervisoryAuthority = { name: 'BfDI', street: 'Husarenstraße 30', postalCode: '53117' }),
  ],
  [
    'another city than that of the authority',
    'authority-outdated',
    'write Graurheindorfer Straße 153, 53117 Bonn',
    (n) => (n.supervisoryAuthority = { name: 'BfDI', city: 'Berlin' }),
  ],
  [
    "the authority's street with a wrong post office box",
    'authority-outdated',
    'write Holstenstraße 98, 24103 Kiel, Postfach 7116, 24171 Kiel',
    (n) =>
      Object.assign(n, {
        kind: 'zkT',
        land: 'DE-SH',
        supervisoryAuthority: { name: 'ULD', street: 'Holstenstr. 98', postOfficeBox: 'Postfach 71 17' },
      }),
  ],
  [
    'another page than that of the authority',
    'authority-outdated',
    'https://www.bfdi.bund.de',
    (n) => (n.supervisoryAuthority = { name: 'BfDI', website: 'https://datenschutz.example' }),
  ],
  [
    'an operator who is no recipient',
    'recipient-undeclared',
    'Rechenzentrum: not among the recipients',
    (n) => first(n).operators?.push({ name: 'Rechenzentrum', does: 'stores' }),
  ],
  [
    'an operator where nobody receives anything',
    'recipient-undeclared',
    'nobody is said to receive',
    (n) =>
      Object.assign(second(n), { recipients: { claim: 'nobody' }, operators: [{ name: 'Hoster', does: 'hosts' }] }),
  ],
  [
    'a host of somebody who is no recipient',
    'host-undeclared',
    'karten.example',
    (n) => first(n).hosts?.push({ host: 'karten.example', of: 'Kartendienst' }),
  ],
  ['a host of nobody', 'host-undeclared', 'karten.example', (n) => first(n).hosts?.push({ host: 'karten.example' })],
  [
    'a processor without contract',
    'processor-without-contract',
    'Druckerei',
    (n) => first(n).recipients?.named?.push({ name: 'Druckerei', role: 'processor' }),
  ],
  [
    'a recipient in a third country',
    'third-country-without-basis',
    'US',
    (n) => first(n).recipients?.named?.push({ name: 'Cloud', country: 'US' }),
  ],
  [
    'a recipient in Switzerland, which stands equal where social data are processed, and is a third country of the GDPR',
    'third-country-without-basis',
    'name the adequacy decision, 2000/518',
    (n) => first(n).recipients?.named?.push({ name: 'Bank', country: 'CH' }),
  ],
  [
    'no word on how long',
    'retention-missing',
    'name, ',
    (n) => Object.assign(first(n), { retention: [], fields: [{ id: 'name' }, { id: 'phone' }] }),
  ],
  [
    'a period that is said to exist and not named',
    'retention-missing',
    'no period',
    (n) => first(n).retention?.push({ after: 'filed', unstated: true }),
  ],
  [
    'a period from nowhere',
    'retention-without-trigger',
    'P7D from when',
    (n) => first(n).retention?.push({ period: 'P7D' }),
  ],
  [
    'stored and never stored',
    'stored-and-not-stored',
    "'name'",
    (n) => first(n).fields?.push({ id: 'name', kept: 'never' }),
  ],
  [
    'never stored, yet in a shorter form',
    'stored-and-not-stored',
    "'phone'",
    (n) => first(n).fields?.push({ id: 'phone', kept: 'never' }, { id: 'phone', form: 'anonymised' }),
  ],
  [
    'no encryption',
    'transport-unencrypted',
    'without encryption',
    (n) => (n.transports = [{ what: 'answers', by: 'web', encryption: 'none' }]),
  ],
  [
    'ordinary mail',
    'transport-unencrypted',
    'ordinary e-mail',
    (n) => first(n).transports?.push({ what: 'documents', by: 'mail', encryption: 'unstated' }),
  ],
  [
    'encryption that weakens in silence',
    'encryption-downgraded',
    'from endToEnd to tls',
    (n) => first(n).transports?.push({ what: 'talks', by: 'call', encryption: 'endToEnd', fallsBackTo: 'tls' }),
  ],
  [
    'a cookie of unknown lifetime',
    'cookie-lifetime-missing',
    'wahl',
    (n) => groups(n)[0]?.cookies?.push({ name: 'wahl' }),
  ],
  [
    'cookies kept as the person likes',
    'cookie-lifetime-missing',
    'no lifetime',
    (n) => Object.assign(groups(n)[0] ?? {}, { retention: [{ unstated: true }] }),
  ],
  [
    'cookies described and not in the whole list',
    'cookies-unlisted',
    'inquiries',
    (n) => (first(n).cookies = { set: true }),
  ],
  ['cookies denied and listed', 'cookies-denied', '_pk_id.1.1fff', (n) => (second(n).cookies = { set: false })],
  [
    'statistics without cookies, and cookies for statistics',
    'cookies-denied',
    '_pk_id.1.1fff',
    (n) => Object.assign(first(n), { purposes: [{ text: 'counting', serves: 'statistics' }], cookies: { set: false } }),
  ],
  [
    'no cookies at all, and then some',
    'cookies-denied',
    'no cookies are said to be set',
    (n) => Object.assign(n.cookies ?? {}, { claim: 'none' }),
  ],
  [
    'cookies that count among the needed ones',
    'analytics-called-essential',
    'strictly necessary',
    (n) => Object.assign(groups(n)[1] ?? {}, { essential: true, cookies: [{ name: 'zaehler' }] }),
  ],
  [
    'cookies that count without consent',
    'cookies-without-consent',
    'without consent',
    (n) =>
      Object.assign(groups(n)[1] ?? {}, { bases: [{ norm: 'Art. 6(1)(e) GDPR' }], cookies: [{ name: 'zaehler' }] }),
  ],
  [
    'an activity that counts by cookies without consent',
    'cookies-without-consent',
    'without consent',
    (n) => Object.assign(second(n).cookies ?? {}, { bases: [{ norm: 'Art. 6(1)(e) GDPR' }] }),
  ],
  [
    'a tracker called by its name',
    'tracker-without-consent',
    'Google Analytics, kept P2Y',
    (n) =>
      n.cookies?.groups?.push({
        text: 'cookies for comfort',
        serves: 'function',
        bases: [{ norm: 'Art. 6(1)(e) GDPR' }],
        cookies: [{ name: '_ga', lifetime: 'P2Y' }],
      }),
  ],
  [
    'rights that the legal bases bring',
    'rights-missing',
    'restriction, objection',
    (n) => (n.rights.named = n.rights.named?.filter(({ right }) => right !== 'restriction' && right !== 'objection')),
  ],
  ['no date', 'notice-undated', 'no date', (n) => (n.notice.date = 'undated')],
  ['a date before the law changed', 'notice-outdated', '(TMG ended)', (n) => (n.notice.date = '2020-11')],
  [
    'a date before a law was renamed',
    'notice-outdated',
    '(TTDSG became TDDDG, TMG ended)',
    (n) => (n.notice.date = '2022-11'),
  ],
  [
    'a reference to nowhere',
    'reference-broken',
    '7.a, which does not exist',
    (n) => n.references?.push({ from: '2', to: '7.a', about: 'cookies' }),
  ],
  [
    'a reference to something else',
    'reference-broken',
    'point to 2',
    (n) => n.references?.push({ from: '2', to: '1', about: 'cookies' }),
  ],
  [
    'a heading that promises more',
    'announced-not-described',
    'externalMedia',
    (n) => n.sections?.push({ number: '3', announces: ['cookies', 'externalMedia'], describes: ['cookies'] }),
  ],
]

/** What looks like a fault and is none. */
const right: [name: string, change: Spoil][] = [
  ['a contract with employers', (n) => first(n).bases?.push({ norm: 'Art. 6(1)(b) GDPR', relation: 'contract' })],
  [
    'withdrawal said beside the consent only',
    (n) => {
      n.rights.named = n.rights.named?.filter(({ right: each }) => each !== 'withdrawal')
      second(n).consents = [{ givenBy: 'ownAct', withdrawal: { ways: ['a link'] } }]
    },
  ],
  [
    'no consent, so no withdrawal, and no portability',
    (n) => {
      n.rights.named = n.rights.named?.filter(({ right: each }) => each !== 'withdrawal' && each !== 'portability')
      n.activities = [first(n)]
      n.cookies = { claim: 'none' }
    },
  ],
  ['an officer by post only', (n) => (n.dataProtectionOfficer = { name: 'officer', street: 'Weg 1' })],
  ['an authority without address', (n) => (n.supervisoryAuthority = { name: 'BfDI' })],
  [
    "a municipal Jobcenter and its Land's commissioner, by post office box",
    (n) =>
      Object.assign(n, {
        kind: 'zkT',
        land: 'DE-HE',
        supervisoryAuthority: {
          name: 'Hessischer Beauftragter für Datenschutz',
          postOfficeBox: 'Postfach 3163',
          postalCode: '65021',
        },
      } satisfies Partial<Written>),
  ],
  [
    'a third country with a ground',
    (n) => first(n).recipients?.named?.push({ name: 'Bank', country: 'CH', transferBasis: 'adequacy decision' }),
  ],
  [
    'data that concern nobody any more',
    (n) => Object.assign(first(n), { anonymous: true, retention: [], bases: [], fields: [{ id: 'visits' }] }),
  ],
  [
    'fields with periods of their own',
    (n) => Object.assign(first(n), { retention: [], fields: [{ id: 'name', kept: 'P1D' }] }),
  ],
  [
    'a weaker encryption that is shown',
    (n) =>
      first(n).transports?.push({ what: 'talks', by: 'call', encryption: 'endToEnd', fallsBackTo: 'tls', shown: true }),
  ],
  [
    'a choice of cookies kept for a year',
    (n) => groups(n)[0]?.cookies?.push({ name: 'complianz_policy_id', lifetime: 'P1Y' }),
  ],
  ['a state of the EEA', (n) => first(n).recipients?.named?.push({ name: 'Bank', country: 'LI' })],
  ['conditions named beside consent', (n) => second(n).bases?.push({ norm: 'Art. 7 GDPR' })],
  [
    'the authority of a Land by its own name',
    (n) =>
      Object.assign(n, {
        kind: 'zkT',
        land: 'DE-SN',
        supervisoryAuthority: { name: 'Sächsische Datenschutzbeauftragte', postOfficeBox: '11 01 32' },
      } satisfies Partial<Written>),
  ],
  ['a month as date', (n) => (n.notice.date = '2026-07')],
]

describe('a published notice', () => {
  test('without fault has no finding', () => {
    expect(judged(faultless())).toEqual([])
  })

  test.each(wrong)('with %s: %s', (_name, rule, words, spoil) => {
    const findings = judged(spoiled(spoil))
    expect(findings.map((finding) => finding.rule)).toEqual([rule])
    expect(`${findings[0]?.message} ${findings[0]?.remedy}`).toContain(words)
  })

  test('is spoiled here against every rule there is', () => {
    expect([...new Set(wrong.map(([, rule]) => rule))].sort()).toEqual(rules.map(({ name }) => name).sort())
  })

  test.each(right)('with %s has no finding', (_name, change) => {
    expect(judged(spoiled(change))).toEqual([])
  })
})
