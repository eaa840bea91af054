import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { printPaper } from '#apps/paper.tsx'
import { languages, periodInWords } from '#platform/i18n/translate.ts'
import { citeNorm } from '#register/law/norms.ts'
import { loadRegister } from '#register/load/load.ts'
import { deletionConcept, startTypeOf } from '#register/papers/deletion.ts'
import { registerJsonld } from '#register/papers/jsonld.ts'
import { processorReport, processorsOf } from '#register/papers/processor-report.ts'
import { registerCsv } from '#register/papers/register-csv.ts'
import { registerPaper } from '#register/papers/register-paper.ts'
import { WrittenRegister, writeRegister } from '#register/papers/written-register.ts'
import { type Activity, inLanguage, type RunningTenant } from '#register/register.ts'
import { remainsSentence } from '#register/retention-text.ts'
import type { Text } from '#register/schema-words.ts'
import { readCsv } from './helpers/csv.ts'
import { look, textOf } from './helpers/html.ts'
import { markup } from './helpers/inspect.ts'
import { type Installation, startInstallation } from './helpers/installation.ts'
import { person } from './helpers/person.ts'
import { allTenants, claims, copyTenants, replaced, runningTenant } from './helpers/tenants.ts'

/* What an authority gets out of the register, held against the register itself: the cases are what it declares. */

type Language = (typeof languages)[number]

const booking = 'segeberg/activities/appointments-booking.yaml'
const address = 'https://termine.example/segeberg/.well-known/privacy-register.jsonld'

/** As a reader sees it, wherever lines break. */
const plain = (text: string) => text.replace(/\s+/g, ' ')

const outputs = {
  html: (running: RunningTenant, language: Language) =>
    textOf(printPaper(registerPaper(running, writeRegister(running, language)), 'html', language)),
  text: (running: RunningTenant, language: Language) =>
    plain(printPaper(registerPaper(running, writeRegister(running, language)), 'text', language)),
  json: (running: RunningTenant, language: Language) => valuesOf(writeRegister(running, language)),
  csv: (running: RunningTenant, language: Language) =>
    readCsv(registerCsv(writeRegister(running, language)))
      .flat()
      .join(' '),
  jsonld: (running: RunningTenant) => valuesOf(registerJsonld(running, address)),
}

/** Every text in a value, so that quotes and backslashes stand as they were written. */
const valuesOf = (value: unknown): string =>
  typeof value === 'object' && value !== null ? Object.values(value).map(valuesOf).join(' ') : String(value)

/** What an activity declares, as words that have to be found again. */
const declared = (activity: Activity, language: Language): string[] => {
  const say = (text: Text) => inLanguage(text, language).replace(/\s+/g, ' ')
  return [
    say(activity.title),
    say(activity.summary),
    ...(activity.executedBy ? [say(activity.executedBy.name), activity.executedBy.url] : []),
    ...activity.purposes.map(({ text }) => say(text)),
    ...[...activity.legalBasis, ...activity.conditions].flatMap(({ norm, text }) => [
      citeNorm(norm, language),
      say(text),
    ]),
    ...activity.dataSubjects.map(say),
    ...activity.fields.flatMap(({ label, dataCategory, reason }) => [say(label), dataCategory, say(reason)]),
    ...activity.recipients.flatMap(({ name, contract }) => [say(name), ...(contract ? [say(contract.text)] : [])]),
    ...activity.retention.map(({ period }) => periodInWords(period, language)),
    ...activity.cookies.flatMap(({ name, strictlyNecessary }) => [
      name,
      ...(strictlyNecessary ? [say(strictlyNecessary)] : []),
    ]),
    ...(activity.consent ? [say(activity.consent.text), activity.consent.version] : []),
  ]
}

const tenants = [...loadRegister('tenants', claims).running.values()].map((running) => ({
  running,
  slug: running.tenant.slug,
}))
const cases = tenants.flatMap(({ running, slug }) =>
  languages.flatMap((language) =>
    (Object.keys(outputs) as (keyof typeof outputs)[]).map((format) => ({ running, slug, language, format })),
  ),
)

describe('nothing that is declared is missing', () => {
  test.each(cases)('in the register of $slug as $format, $language', ({ running, language, format }) => {
    const text = outputs[format](running, language).replace(/\s+/g, ' ')
    for (const activity of running.activities.values()) {
      const missing = declared(activity, language).filter((words) => !text.includes(words))
      expect(missing, activity.id).toEqual([])
    }
    const { controller, dataProtectionOfficer } = running.tenant
    for (const contact of [controller, dataProtectionOfficer]) {
      expect(text).toContain(inLanguage(contact.name, language))
      expect(text).toContain(`${contact.street}, ${contact.postalCode} ${contact.city}`)
    }
    expect(text).toContain(inLanguage(controller.representedBy, language))
    expect(text).not.toMatch(/\{\{|undefined|\[object|register\.paper\.\w/)
  })

  test.each(tenants)('in the deletion concept of $slug', ({ running }) => {
    for (const language of languages) {
      const text = plain(printPaper(deletionConcept(running, writeRegister(running, language)), 'text', language))
      for (const { title, fields, retention, remains, executedBy } of running.activities.values()) {
        const words = [
          inLanguage(title, language),
          ...fields.map(({ label }) => inLanguage(label, language)),
          ...retention.flatMap(({ trigger, period }) => [trigger, periodInWords(period, language)]),
          ...remains.map((one) => remainsSentence(one, language)),
          ...(executedBy ? [`${inLanguage(executedBy.name, language)}, ${executedBy.url}`] : []),
        ]
        expect(words.filter((each) => !text.includes(each))).toEqual([])
      }
      expect(text).not.toMatch(/\{\{|undefined|\[object|register\.paper\.\w/)
    }
  })

  test.each(tenants)('in the report about the processor of $slug', ({ running }) => {
    for (const language of languages) {
      const register = writeRegister(running, language)
      expect(processorsOf(register)).toEqual(['operator'])
      const paper = processorReport(running, register, 'operator')
      const text = paper ? plain(printPaper(paper, 'text', language)) : ''
      const commissioned = [...running.activities.values()].filter(({ recipients }) =>
        recipients.some(({ role }) => role === 'processor'),
      )
      for (const { title, fields, dataSubjects, purposes } of commissioned) {
        const words = [title, ...dataSubjects, ...fields.map(({ label }) => label), ...purposes.map(({ text: t }) => t)]
        expect(words.map((each) => inLanguage(each, language)).filter((each) => !text.includes(each))).toEqual([])
      }
      expect(text).toContain(citeNorm('§ 80(1) SGB X', language))
      // The file is executed by others and given to no processor of ours.
      expect(text).not.toContain('.example/')
      expect(text).not.toMatch(/\{\{|undefined|\[object|register\.paper\.\w/)
    }
  })
})

describe('a change in one file', () => {
  test('of a period changes every output', () => {
    using copy = copyTenants()
    copy.write(booking, replaced(copy.read(booking), 'P14D', 'P9D'))
    const after = runningTenant('segeberg', copy.load())
    for (const [format, output] of Object.entries(outputs)) {
      expect(output(after, 'de'), format).toContain('9 Tage')
      expect(output(after, 'de'), format).not.toContain('14 Tage')
    }
    const concept = plain(printPaper(deletionConcept(after, writeRegister(after, 'de')), 'text', 'de'))
    expect(concept).toContain('ab Ende des Vorgangs × 9 Tage')
    expect(concept).not.toContain('14 Tage')
  })

  test('of the window of backups reaches the register and the deletion concept', () => {
    using copy = copyTenants()
    copy.write('operator.yaml', replaced(copy.read('operator.yaml'), 'window: P7D', 'window: P11D'))
    const after = runningTenant('segeberg', copy.load())
    const register = writeRegister(after, 'de')
    const papers = [registerPaper(after, register), deletionConcept(after, register)]
    for (const paper of papers) expect(plain(printPaper(paper, 'text', 'de'))).toContain('so lange auf: 11 Tage')
    expect(register.backupWindow).toBe('P11D')
  })

  test('of a cookie’s lifetime reaches the deletion concept', () => {
    using copy = copyTenants()
    const terms = 'segeberg/activities/web-terms.yaml'
    copy.write(terms, replaced(copy.read(terms), 'P30D', 'P21D'))
    const after = runningTenant('segeberg', copy.load())
    const text = plain(printPaper(deletionConcept(after, writeRegister(after, 'de')), 'text', 'de'))
    expect(text).toContain('Cookie „disclaimer“ auf dem Gerät der Person: 21 Tage.')
    for (const [format, output] of Object.entries(outputs)) expect(output(after, 'de'), format).toContain('disclaimer')
  })

  test('of the processor’s address and those it works with reaches the report about it', () => {
    using copy = copyTenants()
    const more = `country: DE
subProcessors:
  - { id: dc, name: { de: Rechenhaus, en: Data house, ar: نص }, country: DE, task: { de: Strom liefern, en: power, ar: نص } }`
    const running = runningTenant('segeberg')
    const bare = plain(
      printPaper(processorReport(running, writeRegister(running, 'de'), 'operator') ?? never(), 'text', 'de'),
    )
    expect(bare).toContain('Beispielweg 1, 12345 Musterstadt')
    expect(bare).toContain('§ 80 SGB X, vom 1. Oktober 2026')
    expect(bare).not.toContain('nicht angegeben')
    expect(bare).toMatch(/Unterauftragsverhältnisse -+ Keine\./)
    const operator = replaced(copy.read('operator.yaml'), 'Beispielweg 1', 'Datenweg 1')
    copy.write('operator.yaml', replaced(operator, 'country: DE', more))
    const after = runningTenant('segeberg', copy.load())
    const text = plain(
      printPaper(processorReport(after, writeRegister(after, 'de'), 'operator') ?? never(), 'text', 'de'),
    )
    expect(text).toContain('Datenweg 1, 12345 Musterstadt')
    expect(text).toContain('Rechenhaus (Deutschland): Strom liefern')
    expect(text).not.toMatch(/Unterauftragsverhältnisse -+ Keine\./)
    for (const [format, output] of Object.entries(outputs)) {
      expect(output(after, 'de'), format).toContain('Datenweg 1, 12345 Musterstadt')
      expect(output(after, 'de'), format).toContain('Rechenhaus')
    }
  })
})

const never = (): never => {
  throw new Error('no such processor')
}

test('there is no report about somebody who is no processor', () => {
  const running = runningTenant('segeberg')
  const register = writeRegister(running, 'de')
  for (const id of ['mailboxProvider', 'caseworkers', 'nobody'])
    expect(processorReport(running, register, id)).toBeNull()
})

describe('as JSON', () => {
  test.each(tenants)('the register of $slug has the form that is described, and nothing else', ({ running }) => {
    for (const language of languages) {
      const written = JSON.parse(JSON.stringify(writeRegister(running, language)))
      expect(WrittenRegister.parse(written)).toEqual(written)
      expect(WrittenRegister.safeParse({ ...written, more: 1 }).success).toBe(false)
    }
  })

  test('whoever executes an activity elsewhere is named; what this software executes names nobody', () => {
    const { activities } = writeRegister(runningTenant('segeberg'), 'en')
    const elsewhere = activities.filter(({ executedBy }) => executedBy !== null)
    expect(elsewhere.map(({ id, executedBy }) => [id, executedBy?.url])).toEqual([
      ['case.file', 'https://akte.segeberg.example/'],
    ])
    expect(elsewhere[0]?.retention).toMatchObject([{ trigger: 'benefitDecision.notified', period: 'P10Y' }])
  })
})

/** The same tenant with another text in places that people fill in. */
const withText = (running: RunningTenant, text: string): RunningTenant => {
  const both = { de: text, en: text }
  const change = (activity: Activity): Activity => ({
    ...activity,
    title: both,
    purposes: activity.purposes.map((purpose) => ({ ...purpose, text: both })),
    recipients: activity.recipients.map((recipient) => ({ ...recipient, name: both })),
  })
  return { ...running, activities: new Map([...running.activities].map(([id, activity]) => [id, change(activity)])) }
}

const nasty = fc.oneof(
  fc.constantFrom(
    '=cmd|"/c calc"!A1',
    '+49 30 1',
    '-2+3',
    '@SUM(A1)',
    ' =1+1',
    '\u200e=1+1',
    '＝1',
    '\t=1',
    '\r=1',
    'a;b',
    '"',
    '""";"',
    'one\r\ntwo',
    'عربي "مرحبا"',
    '\u202eabc',
    '</style><script>alert(1)</script>',
    '&amp;',
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((text) => text.trim() !== ''),
)

describe('whatever somebody writes into a file', () => {
  const running = runningTenant('segeberg')

  test('the table reads back to the letter, with an apostrophe before what would be a formula', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const csv = registerCsv(writeRegister(withText(running, text), 'de'))
        const rows = readCsv(csv)
        expect(new Set(rows.map((row) => row.length))).toEqual(new Set([6]))
        const cells = rows.flat()
        expect(cells.some((cell) => cell === text || cell === `'${text}`)).toBe(true)
        expect(cells.filter((cell) => /^[\s\p{Cf}]*[=+\-@＝＋－＠]|^[\t\r\n]/u.test(cell))).toEqual([])
      }),
    )
  })

  test('pages stay pages, and JSON-LD stays JSON', async () => {
    await fc.assert(
      fc.asyncProperty(nasty, async (text) => {
        const changed = withText(running, text)
        const html = printPaper(registerPaper(changed, writeRegister(changed, 'de')), 'html', 'de')
        expect(html).not.toContain('<script')
        expect(textOf(html)).toContain(textOf(`<b>${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</b>`).trim())
        const graph = JSON.parse(JSON.stringify(registerJsonld(changed, address)))
        expect(valuesOf(graph)).toContain(text)
      }),
      { numRuns: 25 },
    )
  })
})

test('a table begins with the mark that shows a spreadsheet its umlauts, and ends each line as RFC 4180 has it', () => {
  const csv = registerCsv(writeRegister(runningTenant('segeberg'), 'de'))
  expect(csv.startsWith('\ufeff"Kennung der Tätigkeit";"Tätigkeit";')).toBe(true)
  expect(csv.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
  expect(csv.endsWith('"\r\n')).toBe(true)
})

test.each(tenants)('every page of $slug to print is valid HTML that loads nothing', async ({ running }) => {
  for (const language of languages) {
    const register = writeRegister(running, language)
    const papers = [
      registerPaper(running, register),
      deletionConcept(running, register),
      processorReport(running, register, 'operator') ?? never(),
    ]
    for (const paper of papers) {
      const html = printPaper(paper, 'html', language)
      expect(await markup(html)).toEqual([])
      expect(look(html).find('style').html.length).toBeGreaterThan(1000)
      expect(look(html).all('link, script, img')).toEqual([])
      expect(html).not.toMatch(/url\(["']?(?!data:)/)
      expect(
        printPaper(paper, 'text', language)
          .split('\n')
          .filter((line) => line.length > 78),
      ).toEqual([])
    }
  }
})

test.each([
  ['code.created', 'collected'],
  ['mail.queued', 'collected'],
  ['terms.agreed', 'collected'],
  ['draft.kept', 'collected'],
  ['page.counted', 'collected'],
  ['request.received', 'collected'],
  ['appointment.ended', 'processEnd'],
  ['benefitDecision.notified', 'processEnd'],
  ['consent.withdrawn', 'relationEnd'],
  ['erasure.requested', 'relationEnd'],
  ['something.new', 'processEnd'],
])('a period that begins with %s is counted from %s', (trigger, type) => {
  expect(startTypeOf(trigger)).toBe(type)
})

test.each(tenants)('what Arabic papers of $slug list stands between Arabic commas', ({ running }) => {
  const register = writeRegister(running, 'ar')
  const papers = [registerPaper(running, register), deletionConcept(running, register)]
  const text = papers.map((paper) => plain(printPaper(paper, 'text', 'ar'))).join(' ')
  expect(text).toContain('، ')
  expect([...text.matchAll(/[\u0620-\u064a][)»]?[,;] [«(]?[\u0620-\u064a]/g)].map(String)).toEqual([])
})

test('the matrix of deletion classes holds every rule once, a week and seven days in one row', () => {
  using copy = copyTenants()
  const web = 'segeberg/activities/web-delivery.yaml'
  copy.write(web, replaced(copy.read(web), 'P7D', 'P1W'))
  copy.write(booking, replaced(copy.read(booking), 'P14D', 'P7D'))
  const running = runningTenant('segeberg', copy.load())
  const { sections } = deletionConcept(running, writeRegister(running, 'en'))
  const table = sections.flatMap(({ blocks }) => blocks).findLast(({ kind }) => kind === 'table')
  if (table?.kind !== 'table') throw new Error('no matrix')
  const cells = table.rows.flatMap(([, ...rest]) => rest).flatMap((cell) => (cell === '–' ? [] : cell.split('), ')))
  expect(cells).toHaveLength([...running.activities.values()].flatMap(({ retention }) => retention).length)
  const week = table.rows.find((row) => row.some((cell) => cell.includes('Visiting our pages (log)')))
  expect(week?.some((cell) => cell.includes('Booking appointments online (after)'))).toBe(true)
  expect(table.rows.map(([period]) => period)).toEqual([
    'at once',
    '30 minutes',
    '1 hour',
    '90 minutes',
    '24 hours',
    week?.[0],
    '30 days',
    '1 year',
    '10 years',
  ])
})

/** Every term of W3C DPV 2.3 in use, looked up in its published term lists; a new one is looked up and added. */
const published = new Set(
  `dpv: AccessControlMethod ActivityMonitoring AuthenticationProtocols AuthorisationProtocols CommunicationManagement
  ConsentNotice ControllerProcessorAgreement CryptographicKeyManagement DataController DataProcessor
  DataProtectionAuthority DataProtectionOfficer DataSanitisationTechnique DataSubject DataSubProcessor Deidentification
  EncryptionAtRest EncryptionInTransfer EnforceSecurity Entity FailSafeProtocols HashMessageAuthenticationCode
  IdentityVerification InformationFlowControl LegalBasis LegalMeasure Optional OrganisationalUnit PersonalData
  PrivacyNotice Process Purpose RecordManagement Representative RequestedServiceProvision Required RightsFulfilment
  ServiceMonitoring ServiceProvision ServiceUsageAnalytics SpecialCategoryPersonalData StorageDeletion StorageDuration TechnicalMeasure
  TechnicalServiceProvision TemporalDuration ThirdParty UntilEventDuration hasAddress hasAuthority hasContact
  hasCountry hasDataController hasDataProcessor hasDataProtectionOfficer hasDataSubject hasDuration hasLegalBasis
  hasLegalMeasure hasName hasNecessity hasNotice hasPersonalData hasProcess hasPurpose hasRecipient
  hasRecipientThirdParty hasRepresentative hasRight hasStorageCondition hasTechnicalMeasure isImplementedByEntity
  pd: BirthDate Communication EmailAddress IPAddress Identifier Language Name PhysicalAddress TelephoneNumber UserAgent
  eu-gdpr: A15 A16 A17 A18 A20 A21 A6-1-a A6-1-c A6-1-e A7-3 A77 A9-2-a A9-2-b
  loc: DE
  dct: date description hasVersion identifier title valid
  foaf: homepage
  rdf: Property value
  rdfs: Class label subClassOf
  skos: scopeNote
  xsd: date duration`
    .split(/\s+(?=[\w-]+:)/)
    .flatMap((group) => {
      const [prefix = '', ...names] = group.split(/\s+/)
      return names.map((name) => prefix + name)
    }),
)

type Term = Record<string, unknown>

const nodesOf = (value: unknown): Term[] =>
  typeof value !== 'object' || value === null
    ? []
    : [...(Array.isArray(value) ? [] : [value as Term]), ...Object.values(value).flatMap(nodesOf)]

describe('as JSON-LD', () => {
  const documents = tenants.map(({ running, slug }) => ({ slug, document: registerJsonld(running, address) as Term }))

  test.each(documents)(
    '$slug uses no prefix that is not declared and no term that nobody has published',
    ({ document }) => {
      const { '@version': _, ...prefixes } = document['@context'] as Record<string, string>
      const nodes = nodesOf(document['@graph'])
      const own = new Set(nodes.filter((node) => Object.keys(node).length > 1).map((node) => node['@id']))
      const terms = nodes.flatMap((node) => [
        ...Object.keys(node).filter((key) => !key.startsWith('@')),
        ...[node['@type'] ?? []].flat().map(String),
        ...(typeof node['@id'] === 'string' && !node['@id'].includes('://') ? [node['@id']] : []),
      ])
      expect(new Set(terms.filter((term) => !((term.split(':')[0] as string) in prefixes)))).toEqual(new Set())
      const unknown = terms.filter((term) => !published.has(term) && !own.has(term))
      expect([...new Set(unknown)]).toEqual([])
      expect(Object.values(prefixes).filter((iri) => !/[#/]$/.test(iri))).toEqual([])
    },
  )

  test('a demonstration says that it is one, to programs too', () => {
    const texts = documents.map(({ document }) => valuesOf((document['@graph'] as Term[])[0]))
    const isReal = expect.stringContaining('Dies ist eine Vorführung und kein Angebot dieser Behörde.')
    expect(texts).toEqual([isReal, expect.stringContaining('Dieses Jobcenter ist erfunden.'), isReal, isReal])
    const running = runningTenant('segeberg')
    const real = { ...running, tenant: { ...running.tenant, demonstration: false } }
    expect(valuesOf(registerJsonld(real, address))).not.toContain('Vorführung und kein')
    expect(valuesOf(registerPaper(real, writeRegister(real, 'de')))).not.toContain('Vorführung: kein')
  })

  test('a rule is a duration that XML Schema can read, also if it was written in weeks', () => {
    using copy = copyTenants()
    copy.write(booking, replaced(copy.read(booking), 'P14D', 'P2W'))
    const text = JSON.stringify(registerJsonld(runningTenant('segeberg', copy.load()), address))
    expect(text).toContain('{"@value":"P14D","@type":"xsd:duration"}')
    expect(text).not.toContain('P2W')
  })

  test('rights follow from the legal basis of each activity', () => {
    const graph = nodesOf(documents.find(({ slug }) => slug === 'segeberg')?.document['@graph'])
    const rightsOf = (id: string) =>
      nodesOf(graph.find((node) => node['@id'] === `x:${id}` && node['dpv:hasRight'])?.['dpv:hasRight'])
        .map((right) => String(right['@id']).replace('eu-gdpr:', ''))
        .sort()
    const always = ['A15', 'A16', 'A17', 'A18', 'A77']
    expect(rightsOf('appointments.booking')).toEqual([...always, 'A20', 'A7-3'].sort())
    expect(rightsOf('web.delivery')).toEqual([...always, 'A21'].sort())
    expect(rightsOf('rights.code')).toEqual(always)
  })
})

describe('at its address', () => {
  let installation: Installation
  beforeAll(async () => {
    installation = await startInstallation({ tenants: allTenants, withoutWorker: true })
  })
  afterAll(() => installation.close())

  test('the register stands as JSON-LD that names itself, the same in every language', async () => {
    const path = '/segeberg/.well-known/privacy-register.jsonld'
    const who = person(installation)
    const { status, headers, html } = await who.open(path)
    expect([status, headers['content-type']]).toEqual([200, 'application/ld+json; charset=utf-8'])
    const document = JSON.parse(html)
    expect(document['@graph'][0]['@id']).toBe(`${installation.config.publicUrl}${path}`)
    expect(document['@context'].x).toBe(`${installation.config.publicUrl}${path}#`)
    expect((await who.open('/segeberg/en/.well-known/privacy-register.jsonld')).html).toBe(html)
    expect((await who.open('/musterstadt/.well-known/privacy-register.jsonld')).html).not.toBe(html)
  })

  test.each(['verzeichnis', 'record', 'loeschkonzept', '.well-known/record.json'])(
    'the register of the authority is at no address of the public: %s',
    async (name) => {
      expect((await person(installation).open(`/segeberg/${name}`)).status).toBe(404)
    },
  )
})
