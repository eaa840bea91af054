import { isMeant, publicHoliday } from '../law/holidays.ts'
import type { Problem } from '../register.ts'
import type { Site, Tenant } from '../schema-tenant.ts'
import type { Path, YamlFile } from './yaml.ts'

type Hours = { from: string; to: string }

/** Hours of a site as they stand in the file: where, and how people call them. Of an exception that does not say of which
 *  days it is, none. */
export const hoursIn = (site: Site, path: Path): { at: Path; name: string; hours: Hours }[] => [
  ...site.openingHours.map((rule, index) => ({
    at: [...path, 'openingHours', index],
    name: nameOfRule(site, rule),
    hours: rule,
  })),
  ...site.exceptions.flatMap((exception, index) => {
    const days = daysOf(exception)
    if (days === null) return []
    return exception.hours.map((hours, i) => ({
      at: [...path, 'exceptions', index, 'hours', i],
      name: `sites.${site.id}.exceptions: ${days.from}, ${hours.from} to ${hours.to}`,
      hours,
    }))
  }),
]

const nameOfRule = (site: Site, { from, to }: Hours): string => `sites.${site.id}.openingHours: ${from} to ${to}`

/** Whether a time of day comes after another one of the same day. */
export const isSpan = ({ from, to }: Hours): boolean => from < to && to <= '24:00'

const checkSpans = (yaml: YamlFile, site: Site, path: Path): Problem[] =>
  hoursIn(site, path).flatMap(({ at, name, hours }) =>
    isSpan(hours)
      ? []
      : [yaml.at([...at, 'to'], `${name} is no time span`, "write a 'to' later than 'from', at most 24:00")],
  )

const checkRules = (yaml: YamlFile, site: Site, path: Path): Problem[] =>
  site.openingHours.flatMap((rule, index) => {
    const at = [...path, 'openingHours', index]
    const name = nameOfRule(site, rule)
    const found: Problem[] = []
    if ((rule.everyWeeks === undefined) !== (rule.startingFrom === undefined)) {
      const remedy = 'write both: everyWeeks: 2 with startingFrom, a day of a week that counts; or neither'
      found.push(yaml.at(at, `${name}: everyWeeks and startingFrom go together`, remedy))
    }
    if (rule.validFrom !== undefined && rule.validUntil !== undefined && rule.validFrom > rule.validUntil) {
      found.push(
        yaml.at([...at, 'validUntil'], `${name}: ends before it begins`, "write a 'validUntil' after 'validFrom'"),
      )
    }
    return found
  })

type Days = { from: string; to: string }

const checkDays = (yaml: YamlFile, path: Path, name: string, { from, to }: Days): Problem[] =>
  from <= to
    ? []
    : [yaml.at([...path, 'to'], `${name}: ${from} to ${to} is no span of days`, "write a 'to' not before 'from'")]

/** The days of an exception, or null where it does not say which. */
const daysOf = ({ on, from, to }: Site['exceptions'][number]): Days | null => {
  if (on !== undefined) return from === undefined && to === undefined ? { from: on, to: on } : null
  return from !== undefined && to !== undefined ? { from, to } : null
}

const meet = (a: Days, b: Days) => a.from <= b.to && b.from <= a.to

const checkExceptions = (yaml: YamlFile, tenant: Tenant, site: Site, path: Path): Problem[] =>
  site.exceptions.flatMap((exception, index) => {
    const at = [...path, 'exceptions', index]
    const days = daysOf(exception)
    if (days === null) {
      return [yaml.at(at, `sites.${site.id}.exceptions: which days?`, "write 'on' for one day, or 'from' and 'to'")]
    }
    const name = `sites.${site.id}.exceptions: ${days.from}`
    const found = checkDays(yaml, at, `sites.${site.id}.exceptions`, days)
    const isTwice = site.exceptions.slice(0, index).some((other) => {
      const otherDays = daysOf(other)
      return otherDays !== null && meet(otherDays, days)
    })
    if (isTwice) found.push(yaml.at(at, `${name}: a day of another exception`, 'write one exception for each day'))
    if (exception.hours.length > 0 && [...tenant.closures, ...site.closures].some((closure) => meet(closure, days))) {
      found.push(yaml.at(at, `${name}: lies in a closure, so nothing would be offered`, 'split the closure around it'))
    }
    return found
  })

// Of a leap year, so that 29 February is a day.
const isDate = (written: string): boolean => {
  if (written.startsWith('easter')) return true
  try {
    Temporal.PlainDate.from(written.startsWith('--') ? `2028-${written.slice(2)}` : written, { overflow: 'reject' })
    return true
  } catch {
    return false
  }
}

/** Whether some day of the coming eight years, a leap day among them, is a holiday that `written` keeps open. */
const opensSomething = (written: string, tenant: Tenant, today: string): boolean => {
  const first = Temporal.PlainDate.from(/^\d/.test(written) ? written : `${today.slice(0, 4)}-01-01`)
  const days = /^\d/.test(written) ? 1 : 366 * 8
  for (let day = first, i = 0; i < days; day = day.add({ days: 1 }), i++) {
    if (isMeant(written, tenant.land, day) && publicHoliday(tenant.land, day) !== null) return true
  }
  return false
}

const checkHolidays = (yaml: YamlFile, tenant: Tenant, today: string): Problem[] => {
  const { local, open } = tenant.holidays
  const remedy = 'write a day of the calendar such as --06-24, easter-48 or 2026-12-24'
  return [
    ...local.flatMap(({ date }, index) =>
      isDate(date) ? [] : [yaml.at(['holidays', 'local', index, 'date'], `holidays.local: ${date} is no day`, remedy)],
    ),
    ...open.flatMap((date, index) => {
      const at = ['holidays', 'open', index]
      if (!isDate(date)) return [yaml.at(at, `holidays.open: ${date} is no day`, remedy)]
      return opensSomething(date, tenant, today)
        ? []
        : [
            yaml.at(
              at,
              `holidays.open: ${date} is no public holiday of ${tenant.land}`,
              'remove it, or correct the day',
            ),
          ]
    }),
  ]
}

/** Faults of opening hours, exceptions, closures and holidays. Rules may overlap. */
export const checkOpening = (yaml: YamlFile, tenant: Tenant, today: string): Problem[] => [
  ...tenant.sites.flatMap((site, index) => [
    ...checkSpans(yaml, site, ['sites', index]),
    ...checkRules(yaml, site, ['sites', index]),
    ...checkExceptions(yaml, tenant, site, ['sites', index]),
    ...site.closures.flatMap((closure, i) =>
      checkDays(yaml, ['sites', index, 'closures', i], `sites.${site.id}.closures`, closure),
    ),
  ]),
  ...tenant.closures.flatMap((closure, i) => checkDays(yaml, ['closures', i], 'closures', closure)),
  ...checkHolidays(yaml, tenant, today),
]
