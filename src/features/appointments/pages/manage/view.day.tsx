import type { Context } from '#features/feature.ts'
import { Details, Heading, List, SummaryList, type SummaryRow } from '#platform/ui/components.tsx'
import { addressLine } from '#register/papers/written-register.ts'
import { interpreterSentence, onTheDay, wayFacts } from '../../day.ts'
import type { Own } from '../../own/own.ts'

import type { Site } from '../../tenant.ts'

type Props = { context: Context; own: Own }

const dayOf = ({ context, own }: Props) => onTheDay(context, own.appointment, own.record.fields, context.language)

export const durationRow = (context: Context, own: Own): SummaryRow => ({
  label: context.t('appointments.duration'),
  value: context.t('appointments.length', { count: dayOf({ context, own }).minutes }),
})

/** A map that finds an address by itself. A link and nothing more: it is asked when somebody follows it, and not told from
 *  where (docs/decisions/0044). */
const mapOf = (site: Site): string =>
  `https://www.openstreetmap.org/search?${new URLSearchParams({ query: addressLine(site) })}`

/** How to get there and in, folded away until it is needed. An address that does not exist is on no map. */
const Way = ({ context, site }: { context: Context; site: Site }) => {
  const { t, language, running } = context
  const facts = wayFacts(site, language)
  const map = !running.tenant.fictional && (
    <List
      items={[
        <a href={mapOf(site)} rel="noreferrer external" key="map">
          {t('appointments.onTheDay.map')}
        </a>,
      ]}
    />
  )
  if (facts.length === 0) return map || null
  return (
    <Details summary={t('appointments.onTheDay.way')}>
      <SummaryList rows={facts.map(([label, value]) => ({ label, value }))} />
      {map}
    </Details>
  )
}

/** What happens next, in its order, for an appointment that is still to come. */
export const NextSteps = ({ context, own }: Props) => {
  const { t, language } = context
  const { site, bring, phone, calls } = dayOf({ context, own })
  const interpreter = interpreterSentence(context, own.record.fields, language, { inMail: false })
  const called = [...(phone ? [t('appointments.onTheDay.call', { number: phone })] : []), ...(calls ? [calls] : [])]
  const steps = [
    ...(site ? [[t('appointments.manage.bring'), ...bring]] : []),
    ...(called.length > 0 ? [called] : []),
    ...(interpreter ? [[interpreter]] : []),
    [t('appointments.onTheDay.cannot')],
  ]
  return (
    <>
      <Heading>{t('appointments.onTheDay.heading')}</Heading>
      <List ordered items={steps.map((sentences) => sentences.join(' '))} />
      {site && <Way context={context} site={site} />}
    </>
  )
}
