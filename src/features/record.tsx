import { fieldValue } from '#features/fields.tsx'
import { formatMoment } from '#platform/i18n/format.ts'
import type { SummaryRow } from '#platform/ui/components.tsx'
import { getActivity, inLanguage } from '#register/register.ts'
import type { LegalHold, OpenRecord } from '#vault/index.ts'
import type { Context } from './feature.ts'

/** Everything stored about a person under one record, field by field, as the register names it. */
export const recordRows = (context: Context, record: OpenRecord): SummaryRow[] => {
  const activity = getActivity(context.running, record.activity)
  return activity.fields.flatMap((field): SummaryRow[] => {
    const label = inLanguage(field.label, context.language)
    if (field.store === 'trail') return [{ label, value: looksInWords(context, record) }]
    const value = record.fields[field.id]
    if (field.store === 'hash') return [{ label, value: context.t('features.records.hash') }]
    if (value === undefined) return []
    const format = context.running.formatOf(activity.id, field.id)
    const text = format ? format(value, context) : fieldValue(field, value, context)
    return [{ label, value: <span dir="auto">{text}</span> }]
  })
}

/** What a legal hold means for a record, to the person it is about; null when there is none, or no date to keep it
 *  beyond. */
export const legalHoldInWords = ({ t, language, running }: Context, { legalHold, due }: OpenRecord): string | null => {
  if (legalHold === null || due === null) return null
  const moment = (at: Temporal.Instant) => formatMoment(at, language, running.tenant.timeZone)
  const reason = reasonInWords({ t }, legalHold)
  return legalHold.restrictedSince === null
    ? t('features.records.held', { reason, when: moment(due.at) })
    : t('features.records.restricted', { reason, when: moment(legalHold.restrictedSince) })
}

export const reasonInWords = ({ t }: Pick<Context, 't'>, legalHold: LegalHold): string =>
  t(`features.records.reason.${legalHold.reason}`)

const looksInWords = ({ t, language, running }: Context, { looks }: OpenRecord): string =>
  looks.last === null
    ? t('features.records.neverOpened')
    : t('features.records.opened', {
        count: looks.count,
        when: formatMoment(looks.last, language, running.tenant.timeZone),
      })

/** What a page that opens a record stores by doing so, in a sentence. */
export const lookedAt = ({ t, running, language }: Context, activity: string): string => {
  const trail = getActivity(running, activity).fields.find((field) => field.store === 'trail')
  return t('features.records.trail', { what: trail ? inLanguage(trail.label, language) : '' })
}
