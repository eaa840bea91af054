import { formatDate } from '#platform/i18n/format.ts'
import { knownWord, type Language, periodInWords, translator } from '#platform/i18n/translate.ts'
import { citeNorm } from '../law/norms.ts'
import type { ProcessingRecord } from './record.ts'

/** In the order in which Art. 30(1) GDPR names them. */
const parts = [
  'controller',
  'representative',
  'officer',
  'authority',
  'summary',
  'executedBy',
  'purpose',
  'legalBasis',
  'condition',
  'dataSubjects',
  'field',
  'recipient',
  'thirdCountry',
  'erasure',
  'cookie',
  'consent',
  'backup',
  'measure',
] as const
export type Part = (typeof parts)[number]

/** One thing that the record says: a line of the table and of the printed record alike, so that both say the same. */
export type Statement = {
  /** Id and title of the activity; empty for what holds for all. */
  activity: string
  title: string
  part: Part
  id: string
  name: string
  text: string
}

type Recorded = ProcessingRecord['activities'][number]
type Said = Omit<Statement, 'activity' | 'title'>

const joined = (...sentences: (string | false | undefined)[]): string => sentences.filter(Boolean).join(' ')

const fieldText = ({ cookies }: Recorded, field: Recorded['fields'][number], language: Language): string => {
  const t = translator(language)
  const isKept = cookies.some((each) => each.field === field.id && each.kind !== undefined)
  return joined(
    t(`register.record.necessity.${field.necessity}`),
    t('register.record.category', { term: field.dataCategory }),
    field.specialCategory === 'possible' &&
      t('register.record.special', { norm: citeNorm('Art. 9(1) GDPR', language) }),
    t(knownWord(`register.record.store.${isKept ? 'kept' : field.store}`)),
    field.reason,
  )
}

const recipientText = ({ fields }: Recorded, recipient: Recorded['recipients'][number], language: Language): string => {
  const t = translator(language)
  const { address, contract, destination, subProcessors, country } = recipient
  const labels = fields.filter(({ id }) => recipient.fields.includes(id)).map(({ label }) => label)
  return joined(
    t('register.record.recipient.role', { role: t(knownWord(`register.record.role.${recipient.role}`)) }),
    address !== undefined && t('register.record.recipient.address', { address }),
    t('register.record.recipient.country', { country: country.name }),
    contract !== undefined &&
      t('register.record.recipient.contract', {
        contract: contract.text,
        date: dayInWords(contract.concluded, language),
      }),
    fields.every(({ store }) => store === 'device')
      ? t('register.record.recipient.device')
      : t('register.record.recipient.fields', { list: labels.join(t('platform.listComma')) }),
    t(knownWord(`register.record.recipient.${recipient.transport}`)),
    destination !== undefined && t('register.notice.recipient.destination', { host: destination }),
    subProcessors.length > 0 && t('register.record.recipient.subProcessors', { list: subProcessorList(subProcessors) }),
  )
}

/** The day of a contract, as people write it. */
export const dayInWords = (day: string, language: Language): string =>
  formatDate(Temporal.PlainDate.from(day), language)

/** "Rechenhaus (Deutschland): Strom", one after the other. */
export const subProcessorList = (list: Recorded['recipients'][number]['subProcessors']): string =>
  list.map(({ name, country, task }) => `${name} (${country.name}): ${task}`).join('; ')

const ofActivity = (recorded: Recorded, language: Language): Said[] => {
  const t = translator(language)
  const { executedBy, consent } = recorded
  const plain = (part: Part, text: string): Said => ({ part, id: '', name: '', text })
  return [
    plain('summary', recorded.summary),
    executedBy
      ? { part: 'executedBy', id: '', name: executedBy.name, text: executedBy.url }
      : plain('executedBy', t('register.record.executedHere')),
    ...recorded.purposes.map(({ id, text }): Said => ({ part: 'purpose', id, name: '', text })),
    ...recorded.legalBasis.map(({ norm, cite, text }): Said => ({ part: 'legalBasis', id: norm, name: cite, text })),
    ...recorded.conditions.map(({ norm, cite, text }): Said => ({ part: 'condition', id: norm, name: cite, text })),
    ...recorded.dataSubjects.map((text) => plain('dataSubjects', text)),
    ...recorded.fields.map(
      (field): Said => ({ part: 'field', id: field.id, name: field.label, text: fieldText(recorded, field, language) }),
    ),
    ...recorded.recipients.map(
      (recipient): Said => ({
        part: 'recipient',
        id: recipient.id,
        name: recipient.name,
        text: recipientText(recorded, recipient, language),
      }),
    ),
    ...(recorded.recipients.length === 0 ? [plain('recipient', t('register.record.recipient.nobody'))] : []),
    plain('thirdCountry', recorded.thirdCountries),
    ...recorded.retention.map(
      ({ id, period, text }): Said => ({ part: 'erasure', id, name: periodInWords(period, language), text }),
    ),
    ...recorded.cookies.map(
      ({ name, kind, field, period, strictlyNecessary, optional = '' }): Said => ({
        part: 'cookie',
        id: name,
        name: kind === undefined ? name : t(`register.record.onDevice.${kind}`, { name }),
        text: t('register.record.cookie', {
          field: recorded.fields.find(({ id }) => id === field)?.label ?? field,
          period: period === null ? t('register.record.onDevice.session') : periodInWords(period, language),
          why: strictlyNecessary ?? t('register.record.onDevice.optional', { text: optional }),
        }),
      }),
    ),
    ...(consent
      ? [{ part: 'consent', id: consent.version, name: '', text: t('register.record.consent', consent) } satisfies Said]
      : []),
  ]
}

const partyText = ({ address, phone, email }: ProcessingRecord['controller']): string =>
  [address, phone, email].filter(Boolean).join(', ')

/** What backups mean for erasure, with the window that the operator declares. */
export const backupSentence = ({ language, backupWindow }: ProcessingRecord): string =>
  translator(language)('register.record.deletion.backupsText', { window: periodInWords(backupWindow, language) })

/** The whole record, statement by statement: first what holds for all, then activity by activity, then the measures. */
export const recordStatements = (record: ProcessingRecord): Statement[] => {
  const { controller, representedBy, dataProtectionOfficer: officer, supervisoryAuthority: authority } = record
  const general: Said[] = [
    { part: 'controller', id: '', name: controller.name, text: partyText(controller) },
    { part: 'representative', id: '', name: '', text: representedBy },
    { part: 'officer', id: '', name: officer.name, text: partyText(officer) },
    { part: 'authority', id: '', name: authority.name, text: `${partyText(authority)}, ${authority.website}` },
  ]
  const taken = record.measures.map(({ id, title, text }): Said => ({ part: 'measure', id, name: title, text }))
  const forAll = (said: Said): Statement => ({ activity: '', title: '', ...said })
  return [
    ...general.map(forAll),
    ...record.activities.flatMap((recorded) =>
      ofActivity(recorded, record.language).map(
        (said): Statement => ({ activity: recorded.id, title: recorded.title, ...said }),
      ),
    ),
    forAll({ part: 'backup', id: '', name: '', text: backupSentence(record) }),
    ...taken.map(forAll),
  ]
}
