import { fieldValue } from '#features/fields.tsx'
import { formatMoment, joinTexts } from '#platform/i18n/format.ts'
import { languages, translator } from '#platform/i18n/translate.ts'
import type { SummaryRow } from '#platform/ui/components.tsx'
import { getActivity, inLanguage } from '#register/register.ts'
import type { Hold, OpenRecord } from '#vault/index.ts'
import type { Context } from './feature.ts'

/** Everything stored about a person under one record, field by field, as the register names it. */
export const recordRows = (context: Context, record: OpenRecord): SummaryRow[] => {
  const activity = getActivity(context.running, record.activity)
  return activity.fields.flatMap((field): SummaryRow[] => {
    const label = inLanguage(field.label, context.language)
    if (field.store === 'trail') return [{ label, value: looksInWords(context, record) }]
    const value = record.fields[field.id]
    if (field.store === 'hash') return [{ label, value: context.t('records.hash') }]
    if (value === undefined) return []
    const text = readable(context, field.id, value) ?? fieldValue(field, value, context)
    return [{ label, value: <span dir="auto">{text}</span> }]
  })
}

// What the system wrote itself is stored by id or instant; people read names and local times.
const readable = (context: Context, field: string, value: string): string | null => {
  const { running, language } = context
  if (field === 'language') return translator(languages.find((each) => each === value) ?? 'de')('common.ownName')
  if (field === 'service') return servicesInWords(context, value.split(','))
  if (field === 'place') {
    const site = running.tenant.sites.find(({ id }) => id === value)
    return site ? inLanguage(site.name, language) : value
  }
  const isInstant = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)
  return isInstant ? formatMoment(Temporal.Instant.from(value), language, running.tenant.timeZone) : null
}

/** Services in words, e.g. "Antrag abgeben und Beratung vor Ort". One that the tenant does not offer any more keeps its id. */
export const servicesInWords = (
  { running, language }: Pick<Context, 'running' | 'language'>,
  ids: readonly string[],
): string =>
  joinTexts(
    ids.map((id) => {
      const service = running.tenant.services.find((each) => each.id === id)
      return service ? inLanguage(service.title, language) : id
    }),
    language,
  )

/** What a legal hold means for a record, to the person it is about; null when there is none, or no date to keep it
 *  beyond. */
export const holdInWords = ({ t, language, running }: Context, { hold, due }: OpenRecord): string | null => {
  if (hold === null || due === null) return null
  const moment = (at: Temporal.Instant) => formatMoment(at, language, running.tenant.timeZone)
  const reason = reasonInWords({ t }, hold)
  return hold.restrictedSince === null
    ? t('records.held', { reason, when: moment(due.at) })
    : t('records.restricted', { reason, when: moment(hold.restrictedSince) })
}

export const reasonInWords = ({ t }: Pick<Context, 't'>, hold: Hold): string => t(`records.reason.${hold.reason}`)

const looksInWords = ({ t, language, running }: Context, { looks }: OpenRecord): string =>
  looks.last === null
    ? t('records.neverOpened')
    : t('records.opened', { count: looks.count, when: formatMoment(looks.last, language, running.tenant.timeZone) })

/** What a page that opens a record stores by doing so, in a sentence. */
export const lookedAt = ({ t, running, language }: Context, activity: string): string => {
  const trail = getActivity(running, activity).fields.find((field) => field.store === 'trail')
  return t('records.trail', { what: trail ? inLanguage(trail.label, language) : '' })
}
