import { formatDate } from '#platform/i18n/format.ts'
import { knownWord, type Language, periodInWords, translator } from '#platform/i18n/translate.ts'
import { citeNorm } from '../law/norms.ts'
import type { WrittenRegister } from './written-register.ts'

/** In the order in which Art. 30(1) GDPR names them. */
const kinds = [
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
export type Kind = (typeof kinds)[number]

/** One thing that the register says: a line of the table and of what is printed alike, so that both say the same. */
export type Statement = {
  /** Id and title of the activity; empty for what holds for all. */
  activity: string
  title: string
  kind: Kind
  id: string
  name: string
  text: string
}

type Written = WrittenRegister['activities'][number]
type Said = Omit<Statement, 'activity' | 'title'>

const joined = (...sentences: (string | false | undefined)[]): string => sentences.filter(Boolean).join(' ')

const fieldText = ({ cookies }: Written, field: Written['fields'][number], language: Language): string => {
  const t = translator(language)
  const isKept = cookies.some((each) => each.field === field.id && each.kind !== undefined)
  return joined(
    t(`register.paper.necessity.${field.necessity}`),
    t('register.paper.category', { term: field.dataCategory }),
    field.specialCategory === 'possible' && t('register.paper.special', { norm: citeNorm('Art. 9(1) GDPR', language) }),
    t(knownWord(`register.paper.store.${isKept ? 'kept' : field.store}`)),
    field.reason,
  )
}

const recipientText = ({ fields }: Written, recipient: Written['recipients'][number], language: Language): string => {
  const t = translator(language)
  const { address, contract, destination, subProcessors, country } = recipient
  const labels = fields.filter(({ id }) => recipient.fields.includes(id)).map(({ label }) => label)
  return joined(
    t('register.paper.recipient.role', { role: t(knownWord(`register.paper.role.${recipient.role}`)) }),
    address !== undefined && t('register.paper.recipient.address', { address }),
    t('register.paper.recipient.country', { country: country.name }),
    contract !== undefined &&
      t('register.paper.recipient.contract', {
        contract: contract.text,
        date: dayInWords(contract.concluded, language),
      }),
    fields.every(({ store }) => store === 'device')
      ? t('register.paper.recipient.device')
      : t('register.paper.recipient.fields', { list: labels.join(t('platform.listComma')) }),
    t(knownWord(`register.paper.recipient.${recipient.transport}`)),
    destination !== undefined && t('register.notice.recipient.destination', { host: destination }),
    subProcessors.length > 0 && t('register.paper.recipient.subProcessors', { list: subProcessorList(subProcessors) }),
  )
}

/** The day of a contract, as people write it. */
export const dayInWords = (day: string, language: Language): string =>
  formatDate(Temporal.PlainDate.from(day), language)

/** "Rechenhaus (Deutschland): Strom", one after the other. */
export const subProcessorList = (list: Written['recipients'][number]['subProcessors']): string =>
  list.map(({ name, country, task }) => `${name} (${country.name}): ${task}`).join('; ')

const ofActivity = (activity: Written, language: Language): Said[] => {
  const t = translator(language)
  const { executedBy, consent } = activity
  const plain = (kind: Kind, text: string): Said => ({ kind, id: '', name: '', text })
  return [
    plain('summary', activity.summary),
    executedBy
      ? { kind: 'executedBy', id: '', name: executedBy.name, text: executedBy.url }
      : plain('executedBy', t('register.paper.executedHere')),
    ...activity.purposes.map(({ id, text }): Said => ({ kind: 'purpose', id, name: '', text })),
    ...activity.legalBasis.map(({ norm, cite, text }): Said => ({ kind: 'legalBasis', id: norm, name: cite, text })),
    ...activity.conditions.map(({ norm, cite, text }): Said => ({ kind: 'condition', id: norm, name: cite, text })),
    ...activity.dataSubjects.map((text) => plain('dataSubjects', text)),
    ...activity.fields.map(
      (field): Said => ({ kind: 'field', id: field.id, name: field.label, text: fieldText(activity, field, language) }),
    ),
    ...activity.recipients.map(
      (recipient): Said => ({
        kind: 'recipient',
        id: recipient.id,
        name: recipient.name,
        text: recipientText(activity, recipient, language),
      }),
    ),
    ...(activity.recipients.length === 0 ? [plain('recipient', t('register.paper.recipient.nobody'))] : []),
    plain('thirdCountry', activity.thirdCountries),
    ...activity.retention.map(
      ({ id, period, text }): Said => ({ kind: 'erasure', id, name: periodInWords(period, language), text }),
    ),
    ...activity.cookies.map(
      ({ name, kind, field, period, strictlyNecessary, optional = '' }): Said => ({
        kind: 'cookie',
        id: name,
        name: kind === undefined ? name : t(`register.paper.onDevice.${kind}`, { name }),
        text: t('register.paper.cookie', {
          field: activity.fields.find(({ id }) => id === field)?.label ?? field,
          period: period === null ? t('register.paper.onDevice.session') : periodInWords(period, language),
          why: strictlyNecessary ?? t('register.paper.onDevice.optional', { text: optional }),
        }),
      }),
    ),
    ...(consent
      ? [{ kind: 'consent', id: consent.version, name: '', text: t('register.paper.consent', consent) } satisfies Said]
      : []),
  ]
}

const partyText = ({ address, phone, email }: WrittenRegister['controller']): string =>
  [address, phone, email].filter(Boolean).join(', ')

/** What backups mean for erasure, with the window that the operator declares. */
export const backupSentence = ({ language, backupWindow }: WrittenRegister): string =>
  translator(language)('register.paper.deletion.backupsText', { window: periodInWords(backupWindow, language) })

/** The whole register, statement by statement: first what holds for all, then activity by activity, then the measures. */
export const registerStatements = (register: WrittenRegister): Statement[] => {
  const { controller, representedBy, dataProtectionOfficer: officer, supervisoryAuthority: authority } = register
  const general: Said[] = [
    { kind: 'controller', id: '', name: controller.name, text: partyText(controller) },
    { kind: 'representative', id: '', name: '', text: representedBy },
    { kind: 'officer', id: '', name: officer.name, text: partyText(officer) },
    { kind: 'authority', id: '', name: authority.name, text: `${partyText(authority)}, ${authority.website}` },
  ]
  const taken = register.measures.map(({ id, title, text }): Said => ({ kind: 'measure', id, name: title, text }))
  const forAll = (said: Said): Statement => ({ activity: '', title: '', ...said })
  return [
    ...general.map(forAll),
    ...register.activities.flatMap((activity) =>
      ofActivity(activity, register.language).map(
        (said): Statement => ({ activity: activity.id, title: activity.title, ...said }),
      ),
    ),
    forAll({ kind: 'backup', id: '', name: '', text: backupSentence(register) }),
    ...taken.map(forAll),
  ]
}
