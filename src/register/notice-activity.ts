import { formatDate } from '#platform/i18n/format.ts'
import { type Language, translator } from '#platform/i18n/translate.ts'
import { citeNorm } from './norms.ts'
import type { Block } from './notice.ts'
import { type Activity, type Field, fieldsOfForm, inLanguage, type Recipient, type RunningTenant } from './register.ts'
import { retentionSentences } from './retention-text.ts'

const joined = (...sentences: (string | false | undefined)[]): string => sentences.filter(Boolean).join(' ')

/** Necessity, reason, and what follows from leaving it out: Art. 13(2)(e) GDPR. */
const fieldInWords = (field: Field, language: Language): string => {
  const t = translator(language)
  const optional = field.necessity === 'optional'
  const necessity = field.channel ? `${field.channel}${optional ? 'Optional' : ''}` : field.necessity
  return joined(
    field.input !== 'none' && t(`register.notice.field.${necessity}`),
    // The hint of an input helps with typing; the one of anything else says what it holds.
    field.input === 'none' && field.hint && inLanguage(field.hint, language),
    inLanguage(field.reason, language),
    inLanguage(field.ifRefused, language),
    field.store === 'hash' && t('register.notice.field.hash'),
    (field.store === 'memory' || field.store === 'device' || field.store === 'count') &&
      t(`register.notice.field.${field.store}`),
    field.specialCategory === 'possible' && t('register.notice.field.special'),
  )
}

const fieldBlocks = (heading: string, fields: readonly Field[], language: Language): Block[] =>
  fields.length === 0
    ? []
    : [
        { kind: 'subheading', text: heading },
        {
          kind: 'facts',
          rows: fields.map((field) => ({
            label: inLanguage(field.label, language),
            value: fieldInWords(field, language),
          })),
        },
      ]

const countryName = (code: string, language: Language): string =>
  new Intl.DisplayNames(language, { type: 'region' }).of(code) ?? code

const recipientInWords = (activity: Activity, recipient: Recipient, language: Language): string => {
  const t = translator(language)
  const { role, address, country, contract, transport, subProcessors = [] } = recipient
  const { fields } = recipient
  const received = fields === 'all' ? activity.fields : activity.fields.filter(({ id }) => fields.includes(id))
  return joined(
    t(`register.notice.recipient.${role}`),
    address &&
      t('register.notice.recipient.seat', { address: `${address.street}, ${address.postalCode} ${address.city}` }),
    contract &&
      t('register.notice.recipient.contract', {
        contract: inLanguage(contract.text, language),
        date: formatDate(Temporal.PlainDate.from(contract.concluded), language),
      }),
    country === 'chosenByPerson'
      ? t('register.notice.recipient.chosenByPerson')
      : t('register.notice.recipient.country', { country: countryName(country, language) }),
    received.length === activity.fields.length
      ? t('register.notice.recipient.allFields')
      : t('register.notice.recipient.fields', {
          list: received.map(({ label }) => inLanguage(label, language)).join(', '),
        }),
    t(`register.notice.recipient.${transport}`),
    subProcessors.length > 0 &&
      t('register.notice.recipient.subProcessors', {
        list: subProcessors
          .map(({ name, task }) => `${inLanguage(name, language)} (${inLanguage(task, language)})`)
          .join(', '),
      }),
  )
}

const recipientBlock = (activity: Activity, language: Language): Block =>
  activity.recipients.length === 0
    ? { kind: 'paragraph', text: translator(language)('register.notice.activity.nobody') }
    : {
        kind: 'facts',
        rows: activity.recipients.map((recipient) => ({
          label: inLanguage(recipient.name, language),
          value: recipientInWords(activity, recipient, language),
        })),
      }

const consentBlocks = ({ consent }: Activity, language: Language): Block[] => {
  if (!consent) return []
  const t = translator(language)
  return [
    { kind: 'subheading', text: t('register.notice.activity.consent') },
    { kind: 'paragraph', text: inLanguage(consent.purpose, language) },
    { kind: 'paragraph', text: inLanguage(consent.refusal, language) },
    { kind: 'paragraph', text: inLanguage(consent.withdrawal, language) },
    { kind: 'link', text: t('register.notice.activity.withdraw'), target: { route: 'widerruf' } },
  ]
}

const includedBlocks = (running: RunningTenant, { includes }: Activity, language: Language): Block[] => {
  const titles = includes.flatMap((id) => running.activities.get(id)?.title ?? [])
  if (titles.length === 0) return []
  const list = titles.map((title) => inLanguage(title, language)).join(', ')
  return [{ kind: 'paragraph', text: translator(language)('register.notice.activity.includes', { list }) }]
}

/** Who executes what this software does not. */
const externalBlocks = ({ executedBy }: Activity, language: Language): Block[] => {
  if (!executedBy) return []
  const t = translator(language)
  const name = inLanguage(executedBy.name, language)
  return [
    { kind: 'paragraph', text: t('register.notice.activity.external', { name }) },
    { kind: 'link', text: t('register.notice.activity.externalLink', { name }), target: { url: executedBy.url } },
  ]
}

/** What the notice says about one activity, always in this order: what, why, on what basis, how long, who, consent. */
export const activityBlocks = (running: RunningTenant, activity: Activity, language: Language): Block[] => {
  const t = translator(language)
  const asked = fieldsOfForm(activity)
  const sentences = retentionSentences(activity, language)
  const several = sentences.length > 1
  return [
    { kind: 'paragraph', text: inLanguage(activity.summary, language) },
    ...externalBlocks(activity, language),
    ...includedBlocks(running, activity, language),
    ...fieldBlocks(t('register.notice.activity.asked'), asked, language),
    ...fieldBlocks(
      t(activity.executedBy ? 'register.notice.activity.elsewhere' : 'register.notice.activity.arising'),
      activity.fields.filter((field) => !asked.includes(field)),
      language,
    ),
    { kind: 'subheading', text: t('register.notice.activity.purposes') },
    { kind: 'list', items: activity.purposes.map(({ text }) => inLanguage(text, language)) },
    { kind: 'subheading', text: t('register.notice.activity.legalBasis') },
    {
      kind: 'facts',
      rows: activity.legalBasis.map(({ norm, text }) => ({
        label: citeNorm(norm, language),
        value: inLanguage(text, language),
      })),
    },
    { kind: 'subheading', text: t('register.notice.activity.retention') },
    { kind: 'list', items: sentences },
    ...(several ? [{ kind: 'paragraph', text: t('register.retention.earliest') } as const] : []),
    { kind: 'subheading', text: t('register.notice.activity.recipients') },
    recipientBlock(activity, language),
    ...consentBlocks(activity, language),
  ]
}
