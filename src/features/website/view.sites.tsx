import { type Context, contributed } from '#features/feature.ts'
import { formatDate } from '#platform/i18n/format.ts'
import { Heading, List, Paragraph, SummaryList } from '#platform/ui/components.tsx'
import { nextDayOf, specialDays, weekdays } from '#register/opening-hours.ts'
import { addressLine } from '#register/papers/written-register.ts'
import { inLanguage, type Site } from '#register/register.ts'
import { todayAt } from './versions.ts'

type Rule = Site['openingHours'][number]

/** "Montag bis Freitag", or the days one by one. */
const daysInWords = ({ t }: Context, days: Rule['days']): string => {
  const [first, last] = [days[0], days.at(-1)]
  const isRow = days.every(
    (day, index) => index === 0 || weekdays.indexOf(day) === weekdays.indexOf(days[index - 1] ?? day) + 1,
  )
  return first && last && isRow && days.length > 2
    ? t('website.dayRange', { from: t(`website.days.${first}`), to: t(`website.days.${last}`) })
    : days.map((day) => t(`website.days.${day}`)).join(t('platform.listComma'))
}

/** A rule with what bounds it, or null once it is over: "Dienstag: 16:00 bis 19:00 Uhr (alle 2 Wochen, …)". */
const ruleInWords = (context: Context, rule: Rule, today: Temporal.PlainDate): string | null => {
  const { t, language } = context
  const next = nextDayOf(rule, today)
  if (!next) return null
  const date = (day: string) => formatDate(Temporal.PlainDate.from(day), language)
  const bounds = [
    ...(rule.everyWeeks
      ? [t('website.rules.every', { count: rule.everyWeeks, date: formatDate(next, language) })]
      : rule.validFrom && rule.validFrom > today.toString()
        ? [t('website.rules.from', { date: date(rule.validFrom) })]
        : []),
    ...(rule.validUntil ? [t('website.rules.until', { date: date(rule.validUntil) })] : []),
  ]
  const text = t('website.rules.usual', {
    days: daysInWords(context, rule.days),
    hours: t('website.hours', { from: rule.from, to: rule.to }),
  })
  return [text, ...bounds.map((bound) => `(${bound})`)].join(' ')
}

/** How far one looks ahead where no feature says. */
const fourWeeks = 28

/** "9. Dezember 2026: 09:00 bis 12:00 Uhr (Betriebsversammlung)": what is to come within the days that can be booked. */
const specialInWords = (context: Context, site: Site, today: Temporal.PlainDate): string[] => {
  const { t, running, language } = context
  const ahead = contributed(context.deps, 'horizons').flatMap((daysOf) => daysOf(running) ?? [])
  const last = today.add({ days: ahead.length > 0 ? Math.max(...ahead) : fourWeeks })
  return specialDays(today, last, site, running.tenant).map(({ from, to, hours, reason }) => {
    const span = [from, to].map((day) => formatDate(day, language))
    const text = t('website.rules.usual', {
      days: from.equals(to) ? (span[0] ?? '') : t('website.dayRange', { from: span[0] ?? '', to: span[1] ?? '' }),
      hours:
        hours.map((each) => t('website.hours', { from: each.from, to: each.to })).join(t('platform.listComma')) ||
        t('website.rules.closed'),
    })
    return reason ? `${text} (${inLanguage(reason, language)})` : text
  })
}

/** Where to go and when: every site with its usual hours and the days that differ. */
export const Sites = ({ context }: { context: Context }) => {
  const { t, running, language } = context
  const today = todayAt(context)
  return running.tenant.sites.map((site) => {
    const usual = site.openingHours.flatMap((rule) => ruleInWords(context, rule, today) ?? [])
    const special = specialInWords(context, site, today)
    return (
      <>
        <Heading level={3}>
          <bdi>{inLanguage(site.name, language)}</bdi>
        </Heading>
        {[site.directions, site.access].map((text) => text && <Paragraph>{inLanguage(text, language)}</Paragraph>)}
        <SummaryList
          rows={[
            { label: t('website.rules.address'), value: <bdi>{addressLine(site)}</bdi> },
            ...(usual.length > 0 ? [{ label: t('website.rules.hours'), value: <List items={usual} /> }] : []),
            ...(special.length > 0 ? [{ label: t('website.rules.special'), value: <List items={special} /> }] : []),
          ]}
        />
      </>
    )
  })
}
