import { formatDate } from '#platform/i18n/format.ts'
import { knownWord, type Language, translator } from '#platform/i18n/translate.ts'
import { onDeviceBy } from '../device.ts'
import { neededBeside } from '../law/bases.ts'
import { adequacyDecision } from '../law/countries.ts'
import { citeNorm, restsOnConsent } from '../law/norms.ts'
import { demandsAnswer } from '../law/rights.ts'
import {
  type Activity,
  erasesOnRequest,
  type Field,
  fieldsOfForm,
  inLanguage,
  isMereNumbers,
  isOnDevice,
  type Recipient,
  type RunningTenant,
} from '../register.ts'
import { remainsSentence, retentionSentences } from '../retention-text.ts'
import { activityWord } from '../triggers.ts'
import { canObject, objectionHere } from './objection.ts'
import { eraseLink, rightsHere } from './rights.ts'
import type { NoticeBlock } from './section.ts'
import { sectionId } from './section.ts'

const joined = (...sentences: (string | false | undefined)[]): string => sentences.filter(Boolean).join(' ')

/** What is said of where a field lies, where that is not with the record. */
const placeOf = ({ device }: Activity, { id, store }: Field) => {
  if (store === 'device') return device.some(({ field }) => field === id) ? 'kept' : store
  return store === 'memory' || store === 'scrambled' || store === 'count' || store === 'hash' ? store : null
}

/** Necessity and reason of a field. */
const fieldInWords = (activity: Activity, field: Field, language: Language): string => {
  const t = translator(language)
  const optional = field.necessity === 'optional'
  const place = placeOf(activity, field)
  const necessity = field.when ? `${field.when}${optional ? 'Optional' : ''}` : field.necessity
  return joined(
    field.input !== 'none' && t(knownWord(`register.notice.field.${necessity}`)),
    // The hint of an input helps with typing; the one of anything else says what it holds.
    field.input === 'none' && field.hint && inLanguage(field.hint, language),
    field.options &&
      t('register.notice.field.options', {
        list: field.options.map(({ label }) => inLanguage(label, language)).join(t('platform.listComma')),
      }),
    inLanguage(field.reason, language),
    place !== null && t(`register.notice.field.${place}`),
    field.specialCategory === 'possible' && t('register.notice.field.special'),
  )
}

const fieldBlocks = (
  activity: Activity,
  heading: string,
  fields: readonly Field[],
  language: Language,
): NoticeBlock[] =>
  fields.length === 0
    ? []
    : [
        { kind: 'subheading', text: heading },
        {
          kind: 'facts',
          rows: fields.map((field) => ({
            label: inLanguage(field.label, language),
            value: fieldInWords(activity, field, language),
          })),
        },
      ]

const countryName = (code: string, language: Language): string =>
  new Intl.DisplayNames(language, { type: 'region' }).of(code) ?? code

const recipientInWords = (activity: Activity, recipient: Recipient, language: Language): string => {
  const t = translator(language)
  const { role, address, contract, transport, destination, subProcessors = [] } = recipient
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
    isOnDevice(activity)
      ? t('register.notice.recipient.device')
      : received.length === activity.fields.length
        ? t('register.notice.recipient.allFields')
        : t('register.notice.recipient.fields', {
            list: received.map(({ label }) => inLanguage(label, language)).join(t('platform.listComma')),
          }),
    t(`register.notice.recipient.${transport}`),
    destination && t('register.notice.recipient.destination', { host: destination.host }),
    subProcessors.length > 0 &&
      t('register.notice.recipient.subProcessors', {
        list: subProcessors
          .map(({ name, task }) => `${inLanguage(name, language)} (${inLanguage(task, language)})`)
          .join(t('platform.listComma')),
      }),
  )
}

const recipientBlock = (activity: Activity, language: Language): NoticeBlock =>
  activity.recipients.length === 0
    ? { kind: 'paragraph', text: translator(language)('register.notice.activity.nobody') }
    : {
        kind: 'facts',
        rows: activity.recipients.map((recipient) => ({
          label: inLanguage(recipient.name, language),
          value: recipientInWords(activity, recipient, language),
        })),
      }

/** A country, with the decision that lets the data be there (Art. 13(1)(f) GDPR) where it is outside EU and EEA. */
const countryInWords = (country: string, language: Language): string => {
  const t = translator(language)
  const decision = adequacyDecision(country)
  return joined(
    t('register.notice.where.country', { country: countryName(country, language) }),
    decision !== null && t('register.notice.where.adequate', { decision }),
  )
}

/** Where the data are: on the device, or at whom, be it somebody who works for a recipient, and in which country. */
const whereBlock = (running: RunningTenant, activity: Activity, language: Language): NoticeBlock => {
  const t = translator(language)
  const { city } = running.tenant.controller
  if (isOnDevice(activity)) return { kind: 'paragraph', text: t('register.notice.where.device') }
  if (activity.recipients.length === 0) return { kind: 'paragraph', text: t('register.notice.where.here', { city }) }
  return {
    kind: 'facts',
    rows: activity.recipients
      .flatMap((recipient) => [recipient, ...(recipient.subProcessors ?? [])])
      .map(({ name, country }) => ({
        label: inLanguage(name, language),
        value:
          country === 'chosenByPerson' ? t('register.notice.where.chosenByPerson') : countryInWords(country, language),
      })),
  }
}

/** What follows from leaving something out (Art. 13(2)(e) GDPR); fields with the same answer stand together. */
const refusalBlocks = ({ fields, consent }: Activity, language: Language): NoticeBlock[] => {
  const t = translator(language)
  const byAnswer = Map.groupBy(fields, (field) => inLanguage(field.ifRefused, language))
  const rows = [...byAnswer].map(([value, group]) => ({
    label: group.map(({ label }) => inLanguage(label, language)).join(t('platform.listComma')),
    value,
  }))
  return [
    ...(consent ? [{ kind: 'paragraph', text: inLanguage(consent.refusal, language) } as const] : []),
    { kind: 'facts', rows },
  ]
}

const remainsBlocks = (activity: Activity, language: Language): NoticeBlock[] =>
  activity.remains.length === 0
    ? []
    : [
        { kind: 'subheading', text: translator(language)('register.notice.activity.remains') },
        { kind: 'list', items: activity.remains.map((one) => remainsSentence(one, language)) },
      ]

/** How people are rid of what lies on their own device: of what they typed also by the button that stands on each page. */
const onDevice = (running: RunningTenant, activity: Activity, language: Language): NoticeBlock[] => {
  const t = translator(language)
  const all = onDeviceBy(running, activity)
  const listOf = (some: typeof all) => some.map(({ name }) => name).join(t('platform.listComma'))
  const [cookies, others] = [all.filter(({ kind }) => kind === 'cookie'), all.filter(({ kind }) => kind !== 'cookie')]
  const typed = cookies.some(({ content }) => content === 'own')
  return [
    {
      kind: 'paragraph',
      text: joined(
        cookies.length > 0 && t('register.notice.ending.device', { list: listOf(cookies) }),
        others.length > 0 && t('register.notice.ending.kept', { list: listOf(others) }),
        typed && t('register.notice.ending.discard', { button: t('register.notice.ending.discardButton') }),
      ),
    },
  ]
}

/** Why nothing ends what a duty demands; where that is to answer whoever uses a right, that nobody has to use it. */
const obliged = ({ legalBasis }: Activity, language: Language): NoticeBlock[] => {
  const t = translator(language)
  if (!legalBasis.some(({ norm }) => neededBeside(norm) === 'duty')) return []
  const answers = legalBasis.some(({ norm }) => demandsAnswer(norm))
  const text = joined(t('register.notice.ending.neither'), answers && t('register.notice.ending.ownChoice'))
  return [{ kind: 'paragraph', text }]
}

/** How to end it: by withdrawal where it rests on consent, by erasure where people have it erased by asking, by deleting what
 *  lies on their device; objection stands apart. Mere numbers have no end of this kind. */
const endingBlocks = (running: RunningTenant, activity: Activity, language: Language): NoticeBlock[] => {
  if (isMereNumbers(activity)) return []
  const t = translator(language)
  const { consent } = activity
  const asking = [...running.activities.values()].filter((each) => each.consent?.covers.includes(activity.id))
  const list = asking.map(({ title }) => inLanguage(title, language)).join(t('platform.listComma'))
  const words: NoticeBlock[] = restsOnConsent(activity)
    ? [
        {
          kind: 'paragraph',
          text: consent ? inLanguage(consent.withdrawal, language) : t('register.notice.ending.otherConsent', { list }),
        },
        { kind: 'link', text: t('register.notice.activity.withdraw'), target: { route: 'widerruf' } },
      ]
    : []
  if (erasesOnRequest(activity)) {
    const besides = activityWord(activity.id, 'erasing')
    words.push(
      { kind: 'paragraph', text: joined(t('register.notice.ending.erasure'), besides !== null && t(besides)) },
      eraseLink(running, language),
    )
  }
  if (isOnDevice(activity)) words.push(...onDevice(running, activity, language))
  if (words.length === 0 && !canObject(activity)) words.push(...obliged(activity, language))
  return [
    ...(words.length > 0 ? [{ kind: 'subheading', text: t('register.notice.activity.ending') } as const] : []),
    ...words,
    ...objectionHere(activity, language),
  ]
}

/** Who executes what this software does not. */
const externalBlocks = ({ executedBy }: Activity, language: Language): NoticeBlock[] => {
  if (!executedBy) return []
  const t = translator(language)
  const name = inLanguage(executedBy.name, language)
  return [
    { kind: 'paragraph', text: t('register.notice.activity.external', { name }) },
    { kind: 'link', text: t('register.notice.activity.externalLink', { name }), target: { url: executedBy.url } },
  ]
}

const includedBlocks = (running: RunningTenant, { includes }: Activity, language: Language): NoticeBlock[] => {
  const included = includes.flatMap((id) => running.activities.get(id) ?? [])
  if (included.length === 0) return []
  return [
    { kind: 'paragraph', text: translator(language)('register.notice.activity.includes') },
    ...included.map(
      ({ id, title }): NoticeBlock => ({
        kind: 'link',
        text: inLanguage(title, language),
        target: { section: sectionId(id) },
      }),
    ),
  ]
}

const citedBlock = (list: Activity['legalBasis'], language: Language): NoticeBlock => ({
  kind: 'facts',
  rows: list.map(({ norm, text }) => ({ label: citeNorm(norm, language), value: inLanguage(text, language) })),
})

/** What the notice says about one activity, always in this order: what, why, on what basis, how long, who, where, what
 *  happens without, which rights, how to end it. */
export const activityBlocks = (running: RunningTenant, activity: Activity, language: Language): NoticeBlock[] => {
  const t = translator(language)
  const asked = fieldsOfForm(activity)
  const sentences = retentionSentences(activity, language)
  const { consent } = activity
  return [
    { kind: 'paragraph', text: inLanguage(activity.summary, language) },
    ...externalBlocks(activity, language),
    ...includedBlocks(running, activity, language),
    ...fieldBlocks(activity, t('register.notice.activity.asked'), asked, language),
    ...fieldBlocks(
      activity,
      t(activity.executedBy ? 'register.notice.activity.elsewhere' : 'register.notice.activity.arising'),
      activity.fields.filter((field) => !asked.includes(field)),
      language,
    ),
    { kind: 'subheading', text: t('register.notice.activity.purposes') },
    { kind: 'list', items: activity.purposes.map(({ text }) => inLanguage(text, language)) },
    ...(consent ? [{ kind: 'paragraph', text: inLanguage(consent.purpose, language) } as const] : []),
    { kind: 'subheading', text: t('register.notice.activity.legalBasis') },
    citedBlock(activity.legalBasis, language),
    ...(activity.conditions.length > 0
      ? [
          { kind: 'subheading', text: t('register.notice.activity.conditions') } as const,
          citedBlock(activity.conditions, language),
        ]
      : []),
    { kind: 'subheading', text: t('register.notice.activity.retention') },
    { kind: 'list', items: sentences },
    ...(sentences.length > 1 ? [{ kind: 'paragraph', text: t('register.retention.earliest') } as const] : []),
    ...remainsBlocks(activity, language),
    { kind: 'subheading', text: t('register.notice.activity.recipients') },
    recipientBlock(activity, language),
    { kind: 'subheading', text: t('register.notice.activity.where') },
    whereBlock(running, activity, language),
    { kind: 'subheading', text: t('register.notice.activity.refusal') },
    ...refusalBlocks(activity, language),
    { kind: 'subheading', text: t('register.notice.activity.rights') },
    ...rightsHere(running, activity, language),
    ...endingBlocks(running, activity, language),
  ]
}
