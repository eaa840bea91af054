import type { Context } from '#features/feature.ts'
import { page } from '#features/page.tsx'
import type { Response } from '#platform/http/response.ts'
import { formatMonth, weekdays } from '#platform/i18n/format.ts'
import { ButtonLink, Buttons, Callout, Lead, MonthTable, PageTitle } from '#platform/ui/components.tsx'
import type { FreeStartsOfMonth } from '../../booking/times.ts'
import { activityId } from '../../scene.ts'
import { dayAndTime, markOf, timeToChoose } from '../../words.ts'

type Month = FreeStartsOfMonth & {
  caption: string
  hrefOfDay: (day: Temporal.PlainDate) => string
  hrefOfMonth: (month: Temporal.PlainYearMonth) => string
  back: string
  /** What the page stores, if it looked into a record. */
  stores?: readonly string[]
}

/** A month at a glance: which days have a free time, and from when on. */
export const monthPage = (context: Context, shown: Month): Response => {
  const { t, language, running } = context
  const { timeZone, helpline } = running.tenant
  const name = formatMonth(shown.month, language)
  const title = t('appointments.month.title', { month: name })
  const free = new Map(shown.firstOfDays.map((at) => [at.toZonedDateTimeISO(timeZone).day, at]))
  const days = Array.from({ length: shown.month.daysInMonth }, (_, i) => {
    const at = free.get(i + 1)
    if (!at) return { number: i + 1 }
    return {
      number: i + 1,
      href: shown.hrefOfDay(shown.month.toPlainDate({ day: i + 1 })),
      time: timeToChoose(context, at, language),
      label: t('appointments.month.day', dayAndTime(context, at, language)) + markOf(context, at, language),
    }
  })
  return page(context, {
    about: activityId,
    title,
    ...(shown.stores ? { stores: shown.stores } : {}),
    back: { text: t('appointments.month.back'), href: shown.back },
    body: (
      <>
        <PageTitle caption={shown.caption}>{title}</PageTitle>
        {free.size === 0 ? (
          <Callout kind="warning" title={t('appointments.month.none')}>
            <p>{t('appointments.times.noneText', { phone: helpline.phone })}</p>
          </Callout>
        ) : (
          <Lead>{t('appointments.month.lead')}</Lead>
        )}
        <MonthTable
          caption={name}
          weekdays={weekdays(language)}
          firstWeekday={shown.month.toPlainDate({ day: 1 }).dayOfWeek}
          days={days}
        />
        {(shown.earlier || shown.later) && (
          <nav aria-label={t('appointments.month.others')}>
            <Buttons>
              {shown.earlier && (
                <ButtonLink variant="secondary" href={shown.hrefOfMonth(shown.earlier)}>
                  {formatMonth(shown.earlier, language)}
                </ButtonLink>
              )}
              {shown.later && (
                <ButtonLink variant="secondary" href={shown.hrefOfMonth(shown.later)}>
                  {formatMonth(shown.later, language)}
                </ButtonLink>
              )}
            </Buttons>
          </nav>
        )}
      </>
    ),
  })
}
