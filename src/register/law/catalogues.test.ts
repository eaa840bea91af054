import { describe, expect, test } from 'vitest'
import { Land } from '../schema-tenant.ts'
import { authorities, authorityOf, isAddressOf, isWebsiteOf } from './authorities.ts'
import { allowsNothing, foreignAct, isPointOfSix, neededBeside, ownAct } from './bases.ts'
import { adequacy, adequacyDecision, allowsSocialData, equated } from './countries.ts'
import { laws } from './laws.ts'
import { faultOfNorm } from './norms.ts'
import { rightsAlways, rightsByBasis, rightsFrom } from './rights.ts'
import { givesTask, laysDuty, tasksAndDuties } from './tasks.ts'

const today = Temporal.Now.plainDateISO().toString()

test('what was read in an older text says so', () => {
  const old = [...laws].filter(([, { source }]) => source.title.includes('March 2022')).map(([, { source }]) => source)
  expect(old.length).toBeGreaterThan(5)
  for (const { asOf } of old) expect(asOf).toBe('2022-03')
  expect(equated.source.asOf).toBe('2022-03')
})

test.each([
  ...laws,
  ...authorities.map((each) => [each.name, each] as const),
  ...[...rightsAlways, ...rightsByBasis].map((each) => [each.right, each] as const),
  ...tasksAndDuties.map((each) => [each.norm, each] as const),
  ['equated countries', equated] as const,
  ['adequacy decisions', adequacy] as const,
])('%s names its source and the day on which it was checked, which is not to come', (_name, { source, checked }) => {
  expect(source.title.length).toBeGreaterThan(10)
  expect(source.url ?? 'https://').toMatch(/^https:\/\//)
  expect(checked).toMatch(/^20\d\d-\d\d-\d\d$/)
  expect(checked <= today).toBe(true)
})

describe('supervisory authorities', () => {
  const lands = Land.options

  test('there is one for each of the sixteen Länder, none like another, and the BfDI for every joint institution', () => {
    const ofLands = lands.map((land) => authorityOf('zkT', land))
    expect(ofLands).toHaveLength(16)
    for (const key of ['name', 'title', 'website', 'street'] as const)
      expect(new Set([...ofLands, authorityOf('gE', 'DE-BE')].map((each) => each[key])).size).toBe(17)
    expect(new Set(lands.map((land) => authorityOf('gE', land).name))).toEqual(new Set(['the BfDI']))
  })

  test('each is recognised by what it calls itself, and by no other', () => {
    const seen = authorities.map(({ title, name }) => [
      name,
      authorities.filter(({ called }) => called.test(title)).map((each) => each.name),
    ])
    expect(seen).toEqual(authorities.map(({ name }) => [name, [name]]))
  })

  test.each([
    ['DE-SN', 'Landesbeauftragte für Datenschutz Sachsen-Anhalt'],
    ['DE-SN', 'Commissioner of Lower Saxony'],
    ['DE-SN', 'Niedersächsische Landesbeauftragte für den Datenschutz'],
    ['DE-SN', 'Landesbeauftragte Sachsen Anhalt'],
    ['DE-BY', 'Landesamt für Datenschutzaufsicht Bayern'],
    ['DE-BY', 'LDA Bayern'],
    // It supervises companies.
    ['DE-BY', 'Bayerisches Landesamt für Datenschutzaufsicht (BayLDA)'],
  ] as const)('that of %s is not %s', (land, other) => {
    expect(authorityOf('zkT', land).called.test(other)).toBe(false)
  })

  test.each([
    ['DE-SN', 'Landesbeauftragte Sachsen'],
    ['DE-SN', 'Sächsischer Datenschutzbeauftragter'],
    ['DE-NI', 'Niedersächsische Landesbeauftragte für den Datenschutz'],
    ['DE-BY', 'Landesbeauftragter für den Datenschutz Bayern'],
    ['DE-HB', 'Der Landesbeauftragte für Datenschutz und Informationsfreiheit der Freien Hansestadt Bremen'],
    ['DE-HE', 'Landesbeauftragte für den Datenschutz Hessen'],
    ['DE-RP', 'Rheinland-pfälzischer Landesbeauftragter für den Datenschutz'],
    ['DE-NW', 'LDI NRW'],
    ['DE-SL', 'Saarländisches Datenschutzzentrum'],
    ['DE-ST', 'Landesbeauftragter für den Datenschutz Sachsen-Anhalt'],
  ] as const)('that of %s is %s, and no other is', (land, name) => {
    const found = authorities.filter(({ called }) => called.test(name))
    expect(found.map((each) => each.name)).toEqual([authorityOf('zkT', land).name])
  })

  test('a title is that of the office, whoever holds it', () => {
    for (const { title } of authorities) expect(title).toMatch(/oder|Unabhängiges/)
  })

  test('the whole of a printed address is compared: street, city, and the box where it is known', () => {
    const uld = authorityOf('zkT', 'DE-SH')
    const whole = { street: 'Holstenstr. 98', postalCode: '24103', city: 'Kiel', postOfficeBox: 'Postfach 71 16' }
    expect(isAddressOf(uld, whole)).toBe(true)
    expect(isAddressOf(uld, { ...whole, postalCode: '24171' })).toBe(true)
    expect(isAddressOf(uld, { ...whole, city: 'Lübeck' })).toBe(false)
    expect(isAddressOf(uld, { ...whole, postOfficeBox: 'Postfach 71 17' })).toBe(false)
    expect(isAddressOf(uld, { ...whole, postalCode: '24104' })).toBe(false)
    expect(isAddressOf(uld, { city: 'Lübeck' })).toBe(false)
    expect(isAddressOf(uld, { street: 'Holstenstr. 98', postalCode: '24171' })).toBe(false)
  })

  test('the post office box of the ULD is its address, another is not; where none is known, none is compared', () => {
    const uld = authorityOf('zkT', 'DE-SH')
    expect(isAddressOf(uld, { postOfficeBox: 'Postfach 71 16', postalCode: '24171' })).toBe(true)
    expect(isAddressOf(uld, { postOfficeBox: 'Postfach 71 17', postalCode: '24171' })).toBe(false)
    expect(isAddressOf(authorityOf('zkT', 'DE-TH'), { postOfficeBox: 'Postfach 1', postalCode: '99999' })).toBe(true)
  })

  test('every one can be written to and looked up', () => {
    for (const authority of authorities) {
      expect(authority.postalCode).toMatch(/^\d{5}$/)
      expect(authority.street).toMatch(/ \d/)
      expect(authority.title).not.toMatch(/\bDr\b|Prof/)
      expect(isWebsiteOf(authority, `${authority.website}/kontakt`)).toBe(true)
      expect(isWebsiteOf(authority, authority.website.replace('https://', ''))).toBe(true)
      expect(isWebsiteOf(authority, `${authority.website}:8443/`)).toBe(false)
    }
  })
})

test('social data may go to the EU, the EEA and Switzerland, and where an adequacy decision says so', () => {
  expect(['DE', 'NO', 'CH', 'NZ', 'BR'].map(allowsSocialData)).toEqual([true, true, true, true, true])
  // Of the decision on the United Kingdom nothing here would notice the end.
  expect(['US', 'RU', 'CA', 'GB'].map(allowsSocialData)).toEqual([false, false, false, false])
  expect(adequacyDecision('BR')).toBe('2026/179')
  // Equal where social data are processed (§ 35(7) SGB I), and yet a third country of the GDPR.
  expect([equated.countries.has('CH'), adequacyDecision('CH')]).toEqual([true, '2000/518'])
  expect([equated.countries.has('NZ'), adequacyDecision('NO')]).toEqual([false, null])
})

describe('what allows', () => {
  test.each([
    'Art. 6(1)(a) GDPR',
    'Art. 6(1)(e) GDPR',
    'Art. 9(2)(b) GDPR',
    '§ 67c(1) SGB X',
    '§ 67b(1) SGB X',
    '§ 67a SGB X',
    '§ 3 BDSG',
    '§ 22(1) BDSG',
    '§ 25(2) No 2 TDDDG',
    '§ 69(1) SGB X',
  ])('%s allows something', (norm) => expect(allowsNothing(norm)).toBe(false))

  test.each([
    ...[
      'Art. 4 No 11 GDPR',
      'Art. 7 GDPR',
      'Art. 12(3) GDPR',
      'Art. 15 GDPR',
      'Art. 6(3) GDPR',
      'Art. 9 GDPR',
      'Art. 32 GDPR',
      'Art. 10 GDPR',
      '§ 35(1) SGB I',
    ],
    ...['§ 36 BDSG', '§ 34(1) BDSG', '§ 78(1) SGB X'],
    ...['§ 67 SGB X', '§ 67(2) SGB X', '§ 67b(2) SGB X', '§ 80(1) SGB X', '§ 83 SGB X', '§ 84(5) SGB X'],
  ])('%s allows nothing', (norm) => {
    expect(allowsNothing(norm)).toBe(true)
    expect(givesTask(norm)).toBe(false)
  })

  test('duty and task need a law beside them; consent and what lifts a ban do not', () => {
    expect(['Art. 6(1)(c) GDPR', 'Art. 6(1)(e) GDPR'].map(neededBeside)).toEqual(['duty', 'task'])
    expect(['Art. 6(1)(a) GDPR', 'Art. 9(2)(b) GDPR', '§ 3 BDSG'].map(neededBeside)).toEqual([null, null, null])
    expect(['Art. 6(1)(a) GDPR', 'Art. 9(2)(b) GDPR', 'Art. 6 GDPR'].map(isPointOfSix)).toEqual([true, false, false])
  })

  test.each([
    ['§ 3 BDSG', 'task'],
    ['§ 67c(1) SGB X', 'task'],
    ['§ 67a SGB X', 'task'],
    ['§ 50(1) SGB II', 'task'],
    ['§ 14 SGB I', 'both'],
    ['§ 14(2) SGB II', 'both'],
    ['Art. 12(3) GDPR', 'duty'],
    ['Art. 15(1) GDPR', 'duty'],
    ['§ 67c(5) SGB X', 'none'],
    ['§ 14(3) SGB II', 'task'],
    // Who supervises whom.
    ['§ 50(4) SGB II', 'none'],
    ['§ 25(2) No 2 TDDDG', 'none'],
    ['Art. 12(6) GDPR', 'none'],
    ['§ 35(1) SGB I', 'none'],
    ['Art. 6(1)(a) GDPR', 'none'],
  ] as const)('%s lays down: %s', (norm, lays) => {
    expect([givesTask(norm), laysDuty(norm)]).toEqual([
      lays === 'task' || lays === 'both',
      lays === 'duty' || lays === 'both',
    ])
  })

  test('every task and duty is a norm that can be cited', () => {
    expect(tasksAndDuties.map(({ norm }) => faultOfNorm(norm)).filter((fault) => fault !== null)).toEqual([])
  })

  test('the BDSG binds joint institutions, the act of a Land its municipal Jobcenters', () => {
    expect(foreignAct('§ 3 BDSG', { kind: 'gE', land: 'DE-HE' })).toBeNull()
    expect(foreignAct('§ 3 BDSG', { kind: 'zkT', land: 'DE-HE' })).toBe('BDSG')
    expect(foreignAct('§ 3(1) HDSIG', { kind: 'zkT', land: 'DE-HE' })).toBeNull()
    expect(foreignAct('§ 3(1) HDSIG', { kind: 'gE', land: 'DE-HE' })).toBe('HDSIG')
    expect(foreignAct('§ 3 DSG NRW', { kind: 'zkT', land: 'DE-HE' })).toBe('DSG NRW')
    expect(foreignAct('§ 67c(1) SGB X', { kind: 'zkT', land: 'DE-HE' })).toBeNull()
    expect(foreignAct('§ 1 OffensivG', { kind: 'zkT', land: 'DE-HE' })).toBeNull()
    expect(foreignAct('§ 1 OffensivG', { kind: 'gE', land: 'DE-HE' })).toBe('OffensivG')
    expect(foreignAct('§ 4 HGO', { kind: 'zkT', land: 'DE-NW' })).toBe('HGO')
    expect(ownAct({ kind: 'zkT', land: 'DE-NW' })).toBe('DSG NRW')
    expect(ownAct({ kind: 'zkT', land: 'DE-BY' })).toBeNull()
  })

  test('objection comes with a public task or interests, not with a duty or consent', () => {
    const objects = (norm: string) => rightsFrom([norm]).includes('objection')
    expect(['e', 'f', 'c', 'a'].map((point) => objects(`Art. 6(1)(${point}) GDPR`))).toEqual([true, true, false, false])
  })
})
