import { z } from 'zod'
import { type Language, languages, translator } from '#platform/i18n/translate.ts'
import { onDeviceBy } from '../device.ts'
import { adequacyDecision } from '../law/countries.ts'
import { citeNorm } from '../law/norms.ts'
import { type Activity, type Field, inLanguage, type Recipient, type RunningTenant } from '../register.ts'
import { retentionSentences } from '../retention-text.ts'
import type { Contact } from '../schema-tenant.ts'
import type { Text } from '../schema-words.ts'
import { measures } from './measures.ts'

const Party = z.strictObject({
  name: z.string(),
  address: z.string(),
  phone: z.string().optional(),
  email: z.string().optional(),
})
const Cited = z.strictObject({ norm: z.string(), cite: z.string(), text: z.string() })
const Country = z.strictObject({ code: z.string(), name: z.string() })

/** The register written out in one language, with everything that Art. 30(1) GDPR asks of a record of processing
 *  activities. */
export const WrittenRegister = z.strictObject({
  tenant: z.string(),
  language: z.enum(languages),
  name: z.string(),
  /** ISO 8601 day. */
  effectiveFrom: z.iso.date(),
  /** Over the tenant's files. */
  hash: z.string(),
  controller: Party,
  representedBy: z.string(),
  dataProtectionOfficer: Party,
  supervisoryAuthority: Party.extend({ website: z.string() }),
  activities: z.array(
    z.strictObject({
      id: z.string(),
      version: z.string(),
      title: z.string(),
      summary: z.string(),
      /** Null: this software. */
      executedBy: z.strictObject({ name: z.string(), url: z.string() }).nullable(),
      purposes: z.array(z.strictObject({ id: z.string(), dpv: z.string(), text: z.string() })),
      legalBasis: z.array(Cited),
      conditions: z.array(Cited),
      dataSubjects: z.array(z.string()),
      fields: z.array(
        z.strictObject({
          id: z.string(),
          label: z.string(),
          dataCategory: z.string(),
          necessity: z.enum(['required', 'optional']),
          specialCategory: z.enum(['no', 'possible']),
          store: z.string(),
          reason: z.string(),
        }),
      ),
      recipients: z.array(
        z.strictObject({
          id: z.string(),
          name: z.string(),
          role: z.string(),
          address: z.string().optional(),
          country: Country,
          /** `concluded`: ISO 8601 day. */
          contract: z.strictObject({ text: z.string(), concluded: z.iso.date() }).optional(),
          /** Ids of fields. */
          fields: z.array(z.string()),
          transport: z.string(),
          /** Host that the program itself connects to. */
          destination: z.string().optional(),
          subProcessors: z.array(
            z.strictObject({ id: z.string(), name: z.string(), country: Country, task: z.string() }),
          ),
        }),
      ),
      thirdCountries: z.string(),
      retention: z.array(z.strictObject({ id: z.string(), trigger: z.string(), period: z.string(), text: z.string() })),
      /** What is put on a device. `field`: id of what it holds; `period`: its lifetime, ISO 8601, null where closing the
       *  browser ends it; `kind`: where it is no cookie; `optional`: what it is good for, where it rests on consent. */
      cookies: z.array(
        z.strictObject({
          name: z.string(),
          kind: z.enum(['local', 'opfs']).optional(),
          field: z.string(),
          period: z.string().nullable(),
          strictlyNecessary: z.string().optional(),
          optional: z.string().optional(),
        }),
      ),
      consent: z.strictObject({ version: z.string(), text: z.string(), withdrawal: z.string() }).nullable(),
    }),
  ),
  /** For how long backups keep keys, so that what was erased could be read again: ISO 8601. */
  backupWindow: z.string(),
  /** Of this software: they hold for what it executes itself. */
  measures: z.array(z.strictObject({ id: z.string(), title: z.string(), text: z.string() })),
})
export type WrittenRegister = z.infer<typeof WrittenRegister>
type WrittenActivity = WrittenRegister['activities'][number]

/** An address in one line. */
export const addressLine = ({
  street,
  postalCode,
  city,
}: {
  street: string
  postalCode: string
  city: string
}): string => `${street}, ${postalCode} ${city}`

const party = (contact: Contact, language: Language): z.infer<typeof Party> => ({
  name: inLanguage(contact.name, language),
  address: addressLine(contact),
  ...(contact.phone ? { phone: contact.phone } : {}),
  ...(contact.email ? { email: contact.email } : {}),
})

const writeCountry = (code: string, language: Language): z.infer<typeof Country> => ({
  code,
  name:
    code === 'chosenByPerson'
      ? translator(language)('register.paper.recipient.chosen')
      : (new Intl.DisplayNames(language, { type: 'region' }).of(code) ?? code),
})

/** The fields that a recipient gets, in the order of the file. */
export const receivedFields = ({ fields }: Activity, recipient: Recipient): Field[] =>
  fields.filter(({ id }) => recipient.fields === 'all' || recipient.fields.includes(id))

const writeRecipient = (
  activity: Activity,
  recipient: Recipient,
  language: Language,
): WrittenActivity['recipients'][number] => ({
  id: recipient.id,
  name: inLanguage(recipient.name, language),
  role: recipient.role,
  ...(recipient.address ? { address: addressLine(recipient.address) } : {}),
  country: writeCountry(recipient.country, language),
  ...(recipient.contract
    ? { contract: { text: inLanguage(recipient.contract.text, language), concluded: recipient.contract.concluded } }
    : {}),
  fields: receivedFields(activity, recipient).map(({ id }) => id),
  transport: recipient.transport,
  ...(recipient.destination ? { destination: recipient.destination.host } : {}),
  subProcessors: (recipient.subProcessors ?? []).map(({ id, name, country, task }) => ({
    id,
    name: inLanguage(name, language),
    country: writeCountry(country, language),
    task: inLanguage(task, language),
  })),
})

/** Outside EU and EEA the loader lets nobody through but who works under an adequacy decision, and whom the person has
 *  chosen. */
const thirdCountries = ({ recipients }: Activity, language: Language): string => {
  const t = translator(language)
  const chosen = recipients.filter(({ country }) => country === 'chosenByPerson')
  const places = new Set(
    recipients.flatMap(({ country, subProcessors = [] }) => [country, ...subProcessors.map((sub) => sub.country)]),
  )
  const adequate = [...places].flatMap((code) => {
    const decision = adequacyDecision(code)
    return decision === null ? [] : [`${writeCountry(code, language).name} (${decision})`]
  })
  if (adequate.length === 0 && chosen.length === 0) return t('register.paper.thirdCountry.none')
  const list = (names: readonly string[]) => ({ list: names.join(t('platform.listComma')) })
  return [
    adequate.length > 0
      ? t('register.paper.thirdCountry.adequate', { ...list(adequate), norm: citeNorm('Art. 45 GDPR', language) })
      : t('register.paper.thirdCountry.unplanned'),
    ...(chosen.length > 0
      ? [t('register.paper.thirdCountry.chosen', list(chosen.map(({ name }) => inLanguage(name, language))))]
      : []),
  ].join(' ')
}

const cited = (list: Activity['legalBasis'], language: Language): WrittenActivity['legalBasis'] =>
  list.map(({ norm, text }) => ({ norm, cite: citeNorm(norm, language), text: inLanguage(text, language) }))

const writeActivity = (running: RunningTenant, activity: Activity, language: Language): WrittenActivity => {
  const say = (text: Text) => inLanguage(text, language)
  const { consent, executedBy } = activity
  const sentences = retentionSentences(activity, language)
  return {
    id: activity.id,
    version: activity.version,
    title: say(activity.title),
    summary: say(activity.summary),
    executedBy: executedBy ? { name: say(executedBy.name), url: executedBy.url } : null,
    purposes: activity.purposes.map(({ id, dpv, text }) => ({ id, dpv, text: say(text) })),
    legalBasis: cited(activity.legalBasis, language),
    conditions: cited(activity.conditions, language),
    dataSubjects: activity.dataSubjects.map(say),
    fields: activity.fields.map(({ id, label, dataCategory, necessity, specialCategory, store, reason }) => ({
      id,
      label: say(label),
      dataCategory,
      necessity,
      specialCategory,
      store,
      reason: say(reason),
    })),
    recipients: activity.recipients.map((recipient) => writeRecipient(activity, recipient, language)),
    thirdCountries: thirdCountries(activity, language),
    retention: activity.retention.map(({ id, trigger, period }, index) => ({
      id,
      trigger,
      period,
      text: sentences[index] ?? '',
    })),
    cookies: onDeviceBy(running, activity).map(({ name, kind, field, period, isNecessary, why }) => ({
      name,
      ...(kind === 'cookie' ? {} : { kind }),
      field,
      period,
      [isNecessary ? 'strictlyNecessary' : 'optional']: say(why),
    })),
    consent: consent
      ? { version: consent.version, text: say(consent.text), withdrawal: say(consent.withdrawal) }
      : null,
  }
}

/** Writes out the register of a tenant, the one that is enforced: its record of processing activities. */
export const writeRegister = (running: RunningTenant, language: Language): WrittenRegister => {
  const { tenant, operator, activities, hash } = running
  const t = translator(language)
  return {
    tenant: tenant.slug,
    language,
    name: inLanguage(tenant.name, language),
    effectiveFrom: tenant.effectiveFrom,
    hash,
    controller: party(tenant.controller, language),
    representedBy: inLanguage(tenant.controller.representedBy, language),
    dataProtectionOfficer: party(tenant.dataProtectionOfficer, language),
    supervisoryAuthority: {
      ...party(tenant.supervisoryAuthority, language),
      website: tenant.supervisoryAuthority.website,
    },
    activities: [...activities.values()].map((activity) => writeActivity(running, activity, language)),
    backupWindow: operator.backup.window,
    measures: measures.map(({ id }) => ({
      id,
      title: t(`register.paper.measure.${id}.title`),
      text: t(`register.paper.measure.${id}.text`),
    })),
  }
}
