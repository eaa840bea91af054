import type { Context } from '#features/feature.ts'
import { page } from '#features/page.tsx'
import { routes as website } from '#features/website/routes.ts'
import type { Response } from '#platform/http/response.ts'
import { isolate } from '#platform/i18n/direction.ts'
import { joinTexts } from '#platform/i18n/format.ts'
import { Button, Checkboxes, ErrorSummary, Form, Paragraph, Radios } from '#platform/ui/components.tsx'
import { addressLine } from '#register/papers/written-register.ts'
import { inLanguage } from '#register/register.ts'
import { type ConcernProblem, partOf, sitesOf } from '../../concern.ts'
import { routes } from '../../routes.ts'
import { activityId } from '../../scene.ts'
import { bookableOf, type Service } from '../../tenant.ts'
import { step } from '../times/view.times.tsx'

export type Choice = {
  problem?: ConcernProblem | undefined
  /** Ids, as far as they came: what was ticked stays ticked. */
  services: readonly string[]
  site: string | undefined
}

const about = (problem: ConcernProblem) => (partOf(problem) === 'site' ? 'ort' : 'leistung')

/** First step: what it is about and, where there are several sites, which one. */
export const servicesPage = (context: Context, choice: Choice): Response => {
  const { t, running, place, language } = context
  const tenant = bookableOf(running)
  const { services, sites, booking } = tenant
  const text = choice.problem && t(`appointments.services.${choice.problem}`, { count: booking.maxServices })
  const errorOf = (field: 'leistung' | 'ort') => (choice.problem && about(choice.problem) === field ? text : undefined)
  const several = booking.maxServices > 1
  const legend = t('appointments.services.title')
  const chosen = services.map(({ id }) => id).filter((id) => choice.services.includes(id))
  const options = services.map((service) => ({
    value: service.id,
    label: inLanguage(service.title, language),
    hint: [
      inLanguage(service.description, language),
      t('appointments.minutes', { count: service.minutes }),
      ...(sitesOf(tenant, [service]).length < sites.length
        ? [t('appointments.services.onlyAt', { sites: joinTexts(namesOf(context, service), language) })]
        : []),
    ].join(' '),
  }))
  const question = { name: 'leistung', asTitle: true, legend, error: errorOf('leistung'), options }
  return page(context, {
    about: activityId,
    title: legend,
    status: text ? 422 : 200,
    hasErrors: Boolean(text),
    back: { text: t('platform.back'), href: website.start.href(place, {}) },
    body: (
      <>
        <ErrorSummary
          title={t('features.fields.summary')}
          errors={choice.problem && text ? [{ field: about(choice.problem), text }] : []}
        />
        {step(context, 1)}
        <Paragraph>
          {t('appointments.services.already')} <a href={routes.find.href(place, {})}>{t('appointments.start.find')}</a>
        </Paragraph>
        <Form action={routes.times.href(place, {})} method="get">
          {several ? (
            <Checkboxes
              {...question}
              hint={t('appointments.services.several', { count: booking.maxServices })}
              values={chosen}
            />
          ) : (
            <Radios {...question} value={chosen[0]} />
          )}
          {sites.length > 1 && (
            <Radios
              name="ort"
              legend={t('appointments.services.site')}
              error={errorOf('ort')}
              value={choice.site}
              options={sites.map((site) => ({
                value: site.id,
                label: inLanguage(site.name, language),
                hint: isolate(addressLine(site), language),
              }))}
            />
          )}
          <Button>{t('platform.next')}</Button>
        </Form>
      </>
    ),
  })
}

const namesOf = ({ running, language }: Context, service: Service): string[] =>
  sitesOf(bookableOf(running), [service]).map((site) => inLanguage(site.name, language))
