import { isMeant, publicHoliday } from './law/holidays.ts'
import type { Site, Tenant } from './register.ts'

/* What the declared opening hours come to on a day, in the tenant's calendar. */

type Rule = Site['openingHours'][number]
type Reason = Site['closures'][number]['reason']

/** As the files write them, in their order. */
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

const isWithin = (day: string, from: string | undefined, to: string | undefined): boolean =>
  (from === undefined || from <= day) && (to === undefined || day <= to)

const mondayOf = (day: Temporal.PlainDate) => day.subtract({ days: day.dayOfWeek - 1 })

const isItsWeek = (rule: Rule, day: Temporal.PlainDate): boolean => {
  if (rule.everyWeeks === undefined || rule.startingFrom === undefined) return true
  const first = mondayOf(Temporal.PlainDate.from(rule.startingFrom))
  return (first.until(mondayOf(day), { largestUnit: 'days' }).days / 7) % rule.everyWeeks === 0
}

const applies = (rule: Rule, day: Temporal.PlainDate): boolean =>
  rule.days.some((weekday) => weekday === weekdays[day.dayOfWeek - 1]) &&
  isWithin(day.toString(), rule.validFrom, rule.validUntil) &&
  isItsWeek(rule, day)

/** What a day's rules say on the clock on the wall, before any of it is an instant, `08:30`, with whatever a feature adds. */
type Hours<S extends Site> = S['openingHours'][number] | S['exceptions'][number]['hours'][number]

/** The hours of a day, and why there are none or other ones where somebody said so. A closure is stronger than an
 *  exception, an exception than a holiday, and each of them than the usual hours. */
export const hoursOf = <S extends Site>(
  day: Temporal.PlainDate,
  site: S,
  tenant: Tenant,
): { hours: readonly Hours<S>[]; reason: Reason | null } => {
  const date = day.toString()
  const closure = [...tenant.closures, ...site.closures].find(({ from, to }) => isWithin(date, from, to))
  if (closure) return { hours: [], reason: closure.reason }
  const exception = site.exceptions.find((each) => (each.on ? each.on === date : isWithin(date, each.from, each.to)))
  if (exception) return { hours: exception.hours, reason: exception.reason ?? null }
  const holiday = holidayOn(day, tenant)
  if (holiday) return { hours: [], reason: holiday }
  return { hours: site.openingHours.filter((rule) => applies(rule, day)), reason: null }
}

/** The next day, from this one on, on which a rule holds; null once it is over. */
export const nextDayOf = (rule: Rule, from: Temporal.PlainDate): Temporal.PlainDate | null => {
  const first = rule.validFrom ? Temporal.PlainDate.from(rule.validFrom) : from
  const start = Temporal.PlainDate.compare(first, from) > 0 ? first : from
  const days = Array.from({ length: 7 * (rule.everyWeeks ?? 1) }, (_, n) => start.add({ days: n }))
  return days.find((day) => applies(rule, day)) ?? null
}

/** Days in a row with the same hours, other than the usual ones, for the same reason. */
export type SpecialDays = {
  from: Temporal.PlainDate
  to: Temporal.PlainDate
  hours: readonly { from: string; to: string }[]
  reason: Reason | null
}

/** The days on which somebody who knows the usual hours would come in vain, or could come besides; both ends included. */
export const specialDays = (
  from: Temporal.PlainDate,
  to: Temporal.PlainDate,
  site: Site,
  tenant: Tenant,
): SpecialDays[] => {
  const onClock = (hours: readonly { from: string; to: string }[]) =>
    hours.map((each) => `${each.from}-${each.to}`).join()
  const rows: (SpecialDays & { key: string; isSpecial: boolean })[] = []
  for (let day = from; Temporal.PlainDate.compare(day, to) <= 0; day = day.add({ days: 1 })) {
    const { hours, reason } = hoursOf(day, site, tenant)
    const isSpecial = onClock(hours) !== onClock(site.openingHours.filter((rule) => applies(rule, day)))
    const key = `${onClock(hours)} ${JSON.stringify(reason)}`
    const last = rows.at(-1)
    if (last?.key === key) Object.assign(last, { to: day, isSpecial: last.isSpecial || isSpecial })
    else rows.push({ from: day, to: day, hours, reason, key, isSpecial })
  }
  return rows.filter(({ isSpecial }) => isSpecial)
}

const holidayOn = (day: Temporal.PlainDate, { holidays, land }: Tenant): Reason | null => {
  if (holidays.open.some((written) => isMeant(written, land, day))) return null
  return holidays.local.find(({ date }) => isMeant(date, land, day))?.name ?? publicHoliday(land, day)
}
