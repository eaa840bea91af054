import { sql } from 'kysely'
import type { TenantTx } from '#platform/db/db.ts'

/** Adds to the numbers of a day. */
export const addViews = async (
  tx: TenantTx,
  day: Temporal.PlainDate,
  views: ReadonlyMap<string, number>,
): Promise<void> => {
  await sql`
    insert into page_count (tenant_id, day, page, views)
    select ${tx.tenantId}, ${day.toString()}::date, page, views
    from unnest(${[...views.keys()]}::text[], ${[...views.values()]}::int[]) as counted (page, views)
    on conflict (tenant_id, day, page) do update set views = page_count.views + excluded.views`.execute(tx)
}

/** Views by page since a day, most viewed first. */
export const listViews = async (
  tx: TenantTx,
  since: Temporal.PlainDate,
): Promise<{ page: string; views: number }[]> => {
  const { rows } = await sql<{ page: string; views: number }>`
    select page, sum(views)::int as views from page_count
    where tenant_id = ${tx.tenantId} and day >= ${since.toString()}::date
    group by page order by views desc, page`.execute(tx)
  return rows
}

/** Erases the numbers of days before this one. */
export const deleteViewsBefore = async (tx: TenantTx, day: Temporal.PlainDate): Promise<void> => {
  await sql`delete from page_count where tenant_id = ${tx.tenantId} and day < ${day.toString()}::date`.execute(tx)
}
