import { type RawBuilder, sql } from 'kysely'
import type { TenantTx } from '#platform/db/db.ts'

/** How long the numbers of a day stay: ISO 8601 periods from that day on, of which the shortest counts. */
type Kept = { periods: readonly string[]; timeZone: string }

/** When the numbers of the row's day go: with the day after the last one on which they may be there. */
const endOfDay = ({ periods, timeZone }: Kept, day: RawBuilder<unknown>) => sql`(
  select min(((${day} + period::interval)::date + 1)::timestamp at time zone ${timeZone})
  from unnest(${periods}::text[]) period)`

/** Adds to the numbers of a day. */
export const addViews = async (
  tx: TenantTx,
  day: Temporal.PlainDate,
  views: ReadonlyMap<string, number>,
  kept: Kept,
): Promise<void> => {
  const date = sql`${day.toString()}::date`
  await sql`
    insert into page_count (tenant_id, day, page, views, erase_at)
    select ${tx.tenantId}, ${date}, page, views, ${endOfDay(kept, date)}
    from unnest(${[...views.keys()]}::text[], ${[...views.values()]}::int[]) as counted (page, views)
    on conflict (tenant_id, day, page) do update set views = page_count.views + excluded.views`.execute(tx)
}

/** Views by page in a month, most viewed first. */
export const listViews = async (
  tx: TenantTx,
  month: Temporal.PlainYearMonth,
): Promise<{ page: string; views: number }[]> => {
  const first = month.toPlainDate({ day: 1 })
  const { rows } = await sql<{ page: string; views: number }>`
    select page, sum(views)::int as views from page_count
    where tenant_id = ${tx.tenantId}
      and day >= ${first.toString()}::date and day < ${first.add({ months: 1 }).toString()}::date
    group by page order by views desc, page`.execute(tx)
  return rows
}

/** Brings forward the end of numbers where less time is declared by now. */
export const shorten = async (tx: TenantTx, kept: Kept): Promise<void> => {
  const end = endOfDay(kept, sql`day`)
  await sql`update page_count set erase_at = ${end} where tenant_id = ${tx.tenantId} and erase_at > ${end}`.execute(tx)
}
