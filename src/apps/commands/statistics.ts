import { bookedIn } from '#features/appointments/index.ts'
import { viewedIn } from '#features/statistics/index.ts'
import type { Config } from '#platform/config.ts'
import { lastMonth, type Shown, smallest } from '#platform/small-cells.ts'
import type { RunningTenant } from '#register/register.ts'
import { type Command, options, say, tenantOf, UsageError } from '../command.ts'
import { withComposed } from '../compose.ts'

type Figures = {
  month: string
  viewed: Awaited<ReturnType<typeof viewedIn>>
  booked: Awaited<ReturnType<typeof bookedIn>>
}

/** @throws UsageError for what is no month. */
const monthFrom = (text: string): Temporal.PlainYearMonth => {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) throw new UsageError('--month: a whole month, e.g. --month 2026-10')
  return Temporal.PlainYearMonth.from(text)
}

const read = (config: Config, running: RunningTenant, asked: string | undefined): Promise<Figures> => {
  const wanted = asked === undefined ? null : monthFrom(asked)
  return withComposed(config, {}, ({ deps }) => {
    const now = deps.clock()
    const month = wanted ?? lastMonth(now.toZonedDateTimeISO(running.tenant.timeZone).toPlainDate())
    return deps.db.inTenant(running.tenant.id, async (tx) => ({
      month: month.toString(),
      viewed: await viewedIn(tx, running, month, now),
      booked: await bookedIn(tx, running, month, now),
    }))
  })
}

const bookedAsJson = ({ count, parts }: Shown) => ({
  booked: count,
  sites: parts.map((site) => ({
    site: site.key,
    booked: site.count,
    services: site.parts.map(({ key, count }) => ({ services: key.split(','), booked: count })),
  })),
})

const asJson = ({ month, viewed, booked }: Figures) => ({
  month,
  pages: viewed.kind === 'known' ? viewed.pages : viewed.kind,
  appointments: booked.kind === 'known' ? bookedAsJson(booked.booked) : booked.kind,
})

const line = (count: number | null, what: string) => `${(count === null ? '-' : String(count)).padStart(8)}  ${what}`

const missing = {
  'not-over': 'The month is not over yet: figures are given of whole months.',
  counting: 'Not all of the month is counted yet; a worker does that in its next round.',
  gone: 'Their time is over: they are erased.',
}

const asText = ({ month, viewed, booked }: Figures): string[] => [
  `Pages opened in ${month}`,
  ...(viewed.kind === 'known' ? viewed.pages.map(({ page, views }) => line(views, page)) : [missing[viewed.kind]]),
  '',
  `Appointments booked for ${month}`,
  ...(booked.kind === 'known'
    ? [booked.booked, ...booked.booked.parts.flatMap((site) => [site, ...indented(site)])].map(({ key, count }) =>
        line(count, key),
      )
    : [missing[booked.kind]]),
  '',
  `-: hidden, because it, or a number that could be worked out from it, is below ${smallest}.`,
]

const indented = ({ parts }: Shown) => parts.map((part) => ({ ...part, key: `  ${part.key}` }))

const printStatistics = async (config: Config, args: string[]): Promise<number> => {
  const { values, positionals } = options(args, { month: { type: 'string' }, json: { type: 'boolean' } })
  const figures = await read(config, tenantOf(config, positionals[0]), values.month)
  for (const each of values.json ? [JSON.stringify(asJson(figures))] : asText(figures)) say(each)
  return 0
}

export const statistics: Command = {
  name: 'statistics',
  usage: 'statistics <tenant> [--month 2026-10] [--json]',
  about: 'how often each page of a tenant was opened in a month, and how many appointments were booked',
  run: printStatistics,
}
