import { listViews } from '#features/statistics/index.ts'
import type { Config } from '#platform/config.ts'
import { type Command, options, say, tenantOf, UsageError } from '../command.ts'
import { withComposed } from '../compose.ts'

const printStatistics = async (config: Config, args: string[]): Promise<number> => {
  const { values, positionals } = options(args, { days: { type: 'string' }, json: { type: 'boolean' } })
  const days = Number(values.days ?? '30')
  if (!Number.isInteger(days) || days < 1) throw new UsageError('--days: a number of days, e.g. --days 30')
  const { tenant } = tenantOf(config, positionals[0])
  const views = await withComposed(config, {}, ({ deps }) => {
    const today = deps.clock().toZonedDateTimeISO(tenant.timeZone).toPlainDate()
    return deps.db.inTenant(tenant.id, (tx) => listViews(tx, today.subtract({ days: days - 1 })))
  })
  if (values.json) say(JSON.stringify(views))
  else if (views.length === 0) say(`No page of ${tenant.slug} was opened in the last ${days} days.`)
  for (const { page, views: count } of values.json ? [] : views) say(`${String(count).padStart(8)}  ${page}`)
  return 0
}

export const statistics: Command = {
  name: 'statistics',
  usage: 'statistics <tenant> [--days 30] [--json]',
  about: 'how often each page of a tenant was opened',
  run: printStatistics,
}
