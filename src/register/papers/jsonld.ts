import { type Language, periodInWords, translator } from '#platform/i18n/translate.ts'
import { onDeviceBy } from '../device.ts'
import { citeNorm } from '../law/norms.ts'
import { type Right, rightsFrom } from '../law/rights.ts'
import {
  type Activity,
  type Field,
  inLanguage,
  isMereNumbers,
  type Recipient,
  type Retention,
  type RunningTenant,
} from '../register.ts'
import { retentionSentences } from '../retention-text.ts'
import type { Contact } from '../schema-tenant.ts'
import type { Text } from '../schema-words.ts'
import { measures } from './measures.ts'
import { addressLine, receivedFields } from './written-register.ts'

/** A node of the graph, in JSON-LD 1.1. */
type Node = { [key: string]: unknown }

/** Every text with its language. */
const said = (text: Text): Node[] =>
  Object.entries(text).map(([language, words]) => ({ '@value': words, '@language': language }))

/** The same words in the languages of the tenant, from the catalogue or made of it. */
const inAll = (languages: readonly Language[], say: (language: Language) => string): Node[] =>
  languages.map((language) => ({ '@value': say(language), '@language': language }))

const ref = (id: string): Node => ({ '@id': id })

/** What part of the graph an id of the register becomes. `x:` is this document itself, so each of them leads into it. */
const nodeId = (...path: string[]): string => `x:${path.map(encodeURIComponent).join('/')}`

/** The term of DPV for a legal basis: `eu-gdpr:A6-1-e`. Null where DPV has none, as for German law. */
const dpvOfNorm = (norm: string): string | null => {
  const [, article, letter] = /^Art\. (6\(1\)|9\(2\))\(([a-j])\) GDPR$/.exec(norm) ?? []
  return article === undefined ? null : `eu-gdpr:A${article === '6(1)' ? '6-1' : '9-2'}-${letter}`
}

/** `§ 67b(2) SGB X` is `x:SGB-X-67b-2`. */
const normTerm = (norm: string): string => {
  const [, section = '', law = ''] = /^(?:Art\.|§) (\S+(?: No \d+)?) (.*)$/.exec(norm) ?? []
  return `x:${`${law} ${section}`.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '')}`
}

const context = (address: string) => ({
  '@version': 1.1,
  dpv: 'https://w3id.org/dpv#',
  pd: 'https://w3id.org/dpv/pd#',
  'eu-gdpr': 'https://w3id.org/dpv/legal/eu/gdpr#',
  loc: 'https://w3id.org/dpv/loc#',
  dct: 'http://purl.org/dc/terms/',
  foaf: 'http://xmlns.com/foaf/0.1/',
  rdf: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
  rdfs: 'http://www.w3.org/2000/01/rdf-schema#',
  skos: 'http://www.w3.org/2004/02/skos/core#',
  xsd: 'http://www.w3.org/2001/XMLSchema#',
  x: `${address}#`,
})

const party = (type: string, contact: Contact): Node => ({
  '@type': type,
  'dpv:hasName': said(contact.name),
  'dpv:hasAddress': addressLine(contact),
  ...(contact.phone || contact.email
    ? { 'dpv:hasContact': [contact.phone, contact.email].filter((each) => each !== undefined) }
    : {}),
})

const fieldNode = (activity: Activity, field: Field): Node => ({
  '@id': nodeId(activity.id, field.id),
  '@type': ['dpv:PersonalData', field.dataCategory],
  'dct:title': said(field.label),
  ...(field.hint ? { 'skos:scopeNote': said(field.hint) } : {}),
  'dct:description': said(field.reason),
  'x:ifRefused': said(field.ifRefused),
  'dpv:hasNecessity': ref(field.necessity === 'required' ? 'dpv:Required' : 'dpv:Optional'),
  'x:store': field.store,
  ...(field.specialCategory === 'possible' ? { 'x:mayHold': ref('dpv:SpecialCategoryPersonalData') } : {}),
})

/** XML Schema knows no weeks. */
const xsdDuration = (period: string): string => {
  const duration = Temporal.Duration.from(period)
  return duration.with({ weeks: 0, days: duration.days + 7 * duration.weeks }).toString()
}

const retentionNode = (activity: Activity, rule: Retention, index: number, languages: readonly Language[]): Node => ({
  '@id': nodeId(activity.id, 'retention', rule.id),
  '@type': ['dpv:StorageDuration', 'dpv:StorageDeletion'],
  'dct:description': inAll(languages, (language) => retentionSentences(activity, language)[index] ?? ''),
  'x:startsWith': ref(nodeId('trigger', rule.trigger)),
  'dpv:hasDuration': {
    '@type': Temporal.Duration.from(rule.period).blank ? 'dpv:UntilEventDuration' : 'dpv:TemporalDuration',
    'rdf:value': { '@value': xsdDuration(rule.period), '@type': 'xsd:duration' },
    'rdfs:label': inAll(languages, (language) => periodInWords(rule.period, language)),
  },
})

const roles: Record<Recipient['role'], { property: string; type: string }> = {
  processor: { property: 'dpv:hasDataProcessor', type: 'dpv:DataProcessor' },
  thirdParty: { property: 'dpv:hasRecipientThirdParty', type: 'dpv:ThirdParty' },
  dataSubject: { property: 'dpv:hasRecipient', type: 'dpv:DataSubject' },
  internalUnit: { property: 'dpv:hasRecipient', type: 'dpv:OrganisationalUnit' },
}

const country = (code: string): Node =>
  code === 'chosenByPerson' ? { 'x:country': 'chosenByPerson' } : { 'dpv:hasCountry': ref(`loc:${code}`) }

const recipientNode = (activity: Activity, recipient: Recipient): Node => ({
  '@id': nodeId(activity.id, 'recipient', recipient.id),
  '@type': roles[recipient.role].type,
  'dpv:hasName': said(recipient.name),
  ...(recipient.address ? { 'dpv:hasAddress': addressLine(recipient.address) } : {}),
  ...country(recipient.country),
  ...(recipient.contract
    ? {
        'dpv:hasLegalMeasure': {
          '@type': recipient.role === 'processor' ? 'dpv:ControllerProcessorAgreement' : 'dpv:LegalMeasure',
          'dct:title': said(recipient.contract.text),
          'dct:date': { '@value': recipient.contract.concluded, '@type': 'xsd:date' },
        },
      }
    : {}),
  'dpv:hasPersonalData': receivedFields(activity, recipient).map(({ id }) => ref(nodeId(activity.id, id))),
  'x:transport': recipient.transport,
  ...(recipient.transport === 'tls' ? { 'dpv:hasTechnicalMeasure': ref('dpv:EncryptionInTransfer') } : {}),
  ...(recipient.subProcessors && recipient.subProcessors.length > 0
    ? {
        'dpv:hasDataProcessor': recipient.subProcessors.map((sub) => ({
          '@id': nodeId(activity.id, 'recipient', recipient.id, sub.id),
          '@type': 'dpv:DataSubProcessor',
          'dpv:hasName': said(sub.name),
          'dct:description': said(sub.task),
          ...country(sub.country),
        })),
      }
    : {}),
})

/** Recipients under the property that says what they are to the controller. */
const recipients = (activity: Activity): Node =>
  Object.fromEntries(
    [...Map.groupBy(activity.recipients, ({ role }) => roles[role].property)].map(([property, group]) => [
      property,
      group.map((recipient) => recipientNode(activity, recipient)),
    ]),
  )

/** Terms of DPV's extension for the GDPR. To complain (Art. 77) is a right whatever the basis. */
const rightTerms: Record<Right, string> = {
  access: 'A15',
  rectification: 'A16',
  erasure: 'A17',
  restriction: 'A18',
  withdrawal: 'A7-3',
  portability: 'A20',
  objection: 'A21',
}

const rights = (activity: Activity): Node[] =>
  isMereNumbers(activity)
    ? []
    : [...rightsFrom(activity.legalBasis.map(({ norm }) => norm)).map((right) => rightTerms[right]), 'A77'].map(
        (term) => ref(`eu-gdpr:${term}`),
      )

const citedNode = ({ norm, text }: Activity['legalBasis'][number], languages: readonly Language[]): Node => ({
  '@type': dpvOfNorm(norm) ?? normTerm(norm),
  'dct:title': inAll(languages, (language) => citeNorm(norm, language)),
  'dct:description': said(text),
})

const consent = ({ id, consent: asked }: Activity): Node =>
  asked
    ? {
        'dpv:hasNotice': {
          '@id': nodeId(id, 'consent'),
          '@type': 'dpv:ConsentNotice',
          'dct:hasVersion': asked.version,
          'dct:description': said(asked.text),
          'x:refusal': said(asked.refusal),
          'x:withdrawal': said(asked.withdrawal),
        },
      }
    : {}

/** By whom: this software, with its measures, or somebody who has measures of their own. */
const execution = ({ id, executedBy }: Activity): Node =>
  executedBy
    ? {
        'dpv:isImplementedByEntity': {
          '@id': nodeId(id, 'executedBy'),
          '@type': 'dpv:Entity',
          'dpv:hasName': said(executedBy.name),
          'foaf:homepage': ref(executedBy.url),
        },
      }
    : { 'dpv:hasTechnicalMeasure': measures.map((measure) => ref(nodeId('measure', measure.id))) }

/** Of what is no cookie, too: the classes tell them apart. */
const deviceClass = { cookie: 'x:Cookie', local: 'x:BrowserStorage', opfs: 'x:PrivateFile' } as const

const deviceNodes = (running: RunningTenant, activity: Activity): Node[] =>
  onDeviceBy(running, activity).map(({ kind, name, field, rule, isNecessary, why }) => ({
    '@id': nodeId(activity.id, kind, name),
    '@type': deviceClass[kind],
    'dct:identifier': name,
    'dpv:hasPersonalData': ref(nodeId(activity.id, field)),
    ...(rule === null ? {} : { 'dpv:hasStorageCondition': ref(nodeId(activity.id, 'retention', rule)) }),
    [isNecessary ? 'x:strictlyNecessary' : 'x:optional']: said(why),
  }))

const processNode = (running: RunningTenant, activity: Activity, languages: readonly Language[]): Node => ({
  '@id': nodeId(activity.id),
  '@type': 'dpv:Process',
  'dct:identifier': activity.id,
  'dct:hasVersion': activity.version,
  'dct:title': said(activity.title),
  'dct:description': said(activity.summary),
  'dpv:hasDataController': ref('x:controller'),
  'dpv:hasPurpose': activity.purposes.map(({ id, dpv, text }) => ({
    '@id': nodeId(activity.id, 'purpose', id),
    '@type': dpv,
    'dct:description': said(text),
  })),
  'dpv:hasLegalBasis': activity.legalBasis.map((cited) => citedNode(cited, languages)),
  'x:underCondition': activity.conditions.map((cited) => citedNode(cited, languages)),
  'dpv:hasDataSubject': activity.dataSubjects.map((text) => ({ '@type': 'dpv:DataSubject', 'dct:title': said(text) })),
  'dpv:hasPersonalData': activity.fields.map((field) => fieldNode(activity, field)),
  'dpv:hasStorageCondition': activity.retention.map((rule, index) => retentionNode(activity, rule, index, languages)),
  ...recipients(activity),
  'dpv:hasRight': rights(activity),
  ...consent(activity),
  ...execution(activity),
  'x:setsCookie': deviceNodes(running, activity),
  'dpv:hasProcess': activity.includes.map((id) => ref(nodeId(id))),
})

const meanings: Record<string, Record<Language, string>> = {
  ifRefused: {
    de: 'was ohne diese Angabe geschieht',
    en: 'what happens without this datum',
    ar: 'ما يحدث من دون هذه المعلومة',
  },
  store: { de: 'wie die Angabe gespeichert wird', en: 'how the datum is stored', ar: 'كيف تُحفظ المعلومة' },
  mayHold: { de: 'was darin vorkommen kann', en: 'what can occur in it', ar: 'ما يمكن أن يرد فيها' },
  startsWith: { de: 'womit die Frist beginnt', en: 'what the period starts with', ar: 'الحدث الذي تبدأ به المدة' },
  transport: { de: 'wie übertragen wird', en: 'how it is transmitted', ar: 'كيفية النقل' },
  country: {
    de: 'wer den Ort der Verarbeitung bestimmt',
    en: 'who decides on the place of processing',
    ar: 'من يحدد مكان المعالجة',
  },
  setsCookie: {
    de: 'welches Cookie auf dem Gerät abgelegt wird',
    en: 'which cookie is put on the device',
    ar: 'ملف الكوكي الذي يوضع على الجهاز',
  },
  strictlyNecessary: {
    de: 'warum es unbedingt nötig ist',
    en: 'why it is strictly necessary',
    ar: 'لماذا هو ضروري تماماً',
  },
  underCondition: {
    de: 'was dabei außerdem gilt',
    en: 'what else applies to it',
    ar: 'ما يسري على ذلك أيضاً',
  },
  refusal: { de: 'was ohne Einwilligung geschieht', en: 'what happens without consent', ar: 'ما يحدث من دون موافقة' },
  withdrawal: { de: 'wie ein Widerruf wirkt', en: 'what a withdrawal does', ar: 'أثر سحب الموافقة' },
}

/** Terms for what few tenants put on a device: a register without it does not speak of it. */
const deviceTerms = (activities: readonly Activity[], languages: readonly Language[]): Node[] => {
  const kinds = new Set(activities.flatMap(({ device }) => device.map(({ kind }) => kind)))
  const isOptional = activities.some(({ cookies, device }) => [...cookies, ...device].some(({ optional }) => optional))
  const labelled = (name: keyof typeof deviceWords, type: string): Node => ({
    '@id': `x:${name}`,
    '@type': type,
    'rdfs:label': inAll(languages, (language) => deviceWords[name][language]),
  })
  return [
    ...(kinds.has('local') ? [labelled('BrowserStorage', 'rdfs:Class')] : []),
    ...(kinds.has('opfs') ? [labelled('PrivateFile', 'rdfs:Class')] : []),
    ...(isOptional ? [labelled('optional', 'rdf:Property')] : []),
  ]
}

const deviceWords = {
  BrowserStorage: { de: 'Speicher des Browsers', en: 'browser storage', ar: 'ذاكرة المتصفح' },
  PrivateFile: {
    de: 'Datei, die nur unsere Seiten lesen können',
    en: 'file that only our pages can read',
    ar: 'ملف لا تستطيع قراءته إلا صفحاتنا',
  },
  optional: { de: 'wozu es mit Einwilligung dient', en: 'what it is for, with consent', ar: 'الغرض منه بموافقة' },
} satisfies Record<string, Record<Language, string>>

/** What our own terms mean: DPV has none for German social law, for events, and for some of what we say. */
const vocabulary = (activities: readonly Activity[], languages: readonly Language[]): Node[] => {
  const bases = new Set(activities.flatMap(({ legalBasis }) => legalBasis.map(({ norm }) => norm)))
  const norms = bases.union(new Set(activities.flatMap(({ conditions }) => conditions.map(({ norm }) => norm))))
  const fields = Map.groupBy(
    activities.flatMap((activity) => activity.fields),
    ({ dataCategory }) => dataCategory,
  )
  const purposes = Map.groupBy(
    activities.flatMap((activity) => activity.purposes),
    ({ dpv }) => dpv,
  )
  const own = <T>(terms: ReadonlyMap<string, readonly T[]>) =>
    [...terms].flatMap(([term, [first]]) => (term.startsWith('x:') && first ? [{ term, first }] : []))
  const triggers = new Set(activities.flatMap(({ retention }) => retention.map(({ trigger }) => trigger)))
  return [
    { '@id': 'x:Cookie', '@type': 'rdfs:Class', 'rdfs:label': inAll(languages, () => 'Cookie') },
    ...deviceTerms(activities, languages),
    ...Object.entries(meanings).map(([name, text]) => ({
      '@id': `x:${name}`,
      '@type': 'rdf:Property',
      'rdfs:label': inAll(languages, (language) => text[language]),
    })),
    ...[...norms]
      .filter((norm) => dpvOfNorm(norm) === null)
      .map((norm) => ({
        '@id': normTerm(norm),
        '@type': 'rdfs:Class',
        ...(bases.has(norm) ? { 'rdfs:subClassOf': ref('dpv:LegalBasis') } : {}),
        'rdfs:label': inAll(languages, (language) => citeNorm(norm, language)),
      })),
    ...own(fields).map(({ term, first }) => ({
      '@id': term,
      '@type': 'rdfs:Class',
      'rdfs:subClassOf': ref('dpv:PersonalData'),
      'rdfs:label': said(first.label),
    })),
    ...own(purposes).map(({ term, first }) => ({
      '@id': term,
      '@type': 'rdfs:Class',
      'rdfs:subClassOf': ref('dpv:Purpose'),
      'rdfs:label': said(first.text),
    })),
    ...[...triggers].map((trigger) => ({ '@id': nodeId('trigger', trigger), 'dct:identifier': trigger })),
  ]
}

const measureNodes = (languages: readonly Language[]): Node[] =>
  measures.map(({ id, dpv }) => ({
    '@id': nodeId('measure', id),
    '@type': dpv,
    'dct:title': inAll(languages, (language) => translator(language)(`register.paper.measure.${id}.title`)),
    'dct:description': inAll(languages, (language) => translator(language)(`register.paper.measure.${id}.text`)),
  }))

/** A program that collects such documents has to see that this one is no authority's own. */
const caveat = ({ fictional, demonstration, languages }: RunningTenant['tenant']): Node =>
  fictional || demonstration
    ? {
        'dct:description': inAll(languages, (language) =>
          translator(language)(`register.notice.${fictional ? 'fictional' : 'demonstration'}`),
        ),
      }
    : {}

/** The register in terms of W3C DPV 2.3, as JSON-LD that needs nothing from elsewhere to be read. `address` is where the
 *  document itself is found: our own terms are its fragments and explained in it. */
export const registerJsonld = (running: RunningTenant, address: string): Node => {
  const { tenant, activities, hash } = running
  const all = [...activities.values()]
  const { controller, supervisoryAuthority, dataProtectionOfficer, languages } = tenant
  const title = (language: Language) =>
    translator(language)('register.notice.title', { name: inLanguage(tenant.name, language) })
  return {
    '@context': context(address),
    '@graph': [
      {
        '@id': address,
        '@type': 'dpv:PrivacyNotice',
        'dct:title': inAll(languages, title),
        ...caveat(tenant),
        'dct:identifier': hash,
        'dct:valid': { '@value': tenant.effectiveFrom, '@type': 'xsd:date' },
        'dpv:hasDataController': ref('x:controller'),
        'dpv:hasProcess': all.map(({ id }) => ref(nodeId(id))),
      },
      {
        '@id': 'x:controller',
        ...party('dpv:DataController', controller),
        'dpv:hasRepresentative': { '@type': 'dpv:Representative', 'dpv:hasName': said(controller.representedBy) },
        'dpv:hasDataProtectionOfficer': party('dpv:DataProtectionOfficer', dataProtectionOfficer),
        'dpv:hasAuthority': {
          ...party('dpv:DataProtectionAuthority', supervisoryAuthority),
          'foaf:homepage': ref(supervisoryAuthority.website),
        },
      },
      ...all.map((activity) => processNode(running, activity, languages)),
      ...measureNodes(languages),
      ...vocabulary(all, languages),
    ],
  }
}
