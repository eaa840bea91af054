import { sql } from 'kysely'
import type { TenantTx } from '#platform/db/db.ts'
import { at, instant } from '#platform/db/instants.ts'
import type { Opening } from '../../opening.ts'

const seconds = (value: Temporal.Instant) => value.epochMilliseconds / 1000

const asOpen = (openings: readonly Opening[]) => sql`
  select to_timestamp(o.f) as opens_at, to_timestamp(o.u) as closes_at, o.first_desk, o.last_desk, o.audience
  from unnest(${openings.map((each) => seconds(each.from))}::float8[], ${openings.map((each) => seconds(each.until))}::float8[],
              ${openings.map((each) => each.firstDesk)}::int[], ${openings.map((each) => each.lastDesk)}::int[],
              ${openings.map((each) => each.audience)}::text[]) as o (f, u, first_desk, last_desk, audience)`

type PlannedSpan = { from: Temporal.Instant; until: Temporal.Instant; stepMinutes: number }

/** Makes the cells of a span match the plan, and writes only rows that differ from it: new ones come, free ones without
 *  a plan go, taken ones stay, each for whom the plan says, closed to everybody else where it has no opening for them. Where
 *  a visit stands that was booked in other steps, no free cell overlaps it: its desk is busy then. `lastDesk` is the
 *  highest number among the site's cells (`findLastDesk`). */
export const replaceCells = async (
  tx: TenantTx,
  siteId: string,
  span: PlannedSpan,
  plan: readonly Opening[],
  lastDesk: number,
): Promise<void> => {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const differing = await addMissing(tx, siteId, span, plan, lastDesk)
    let done = 0
    for (const cells of differing) done += await (cells.audience === null ? remove : give)(tx, siteId, cells)
    if (done === differing.reduce((sum, { starts }) => sum + starts.length, 0)) return
    // Somebody took a cell that was about to go: it stays now, closed, as the next look finds.
  }
}

const attempts = 3

/** Cells of a desk that are not as the plan has them; for whom they should be, null: they should not be there. */
type Differing = { desk: number; audience: string | null; starts: Temporal.Instant[] }

/** Adds the cells that the plan has and the site lacks, and returns those that are there and differ.
 *  PostgreSQL may know nothing of the values yet and believe that there is one row of everything. So nothing here leaves it
 *  the choice to compare each cell with each other: cells are looked up desk by desk along the index, a full join is made by
 *  hash or by sorting, however few rows are expected, and what is left is one row for each desk or opening. */
const addMissing = async (
  tx: TenantTx,
  siteId: string,
  span: PlannedSpan,
  plan: readonly Opening[],
  lastDesk: number,
): Promise<Differing[]> => {
  const step = sql`make_interval(mins => ${span.stepMinutes}::int)`
  const within = sql`starts_at >= ${at(span.from)} and starts_at < ${at(span.until)}`
  const { rows } = await sql<{ desk_id: number; audience: string | null; starts: Date[] }>`
    with open as materialized (${asOpen(plan)}), planned as materialized (
      select desk_id, starts_at, audience from open
      cross join generate_series(opens_at, closes_at - ${step}, ${step}) starts_at
      cross join generate_series(first_desk, last_desk) desk_id
      where ${within}
    ), known as materialized (
      select c.* from generate_series(1, ${lastDesk}::int) desk cross join lateral (
        select desk_id, starts_at, audience, appointment_id from cell
        where tenant_id = ${tx.tenantId} and site_id = ${siteId} and desk_id = desk and ${within} offset 0
      ) c
    ), paired as materialized (
      select desk_id, starts_at, p.audience as planned, k.audience as known, k.appointment_id as taken_by
      from planned p full join known k using (desk_id, starts_at)
    ), busy as materialized (
      select desk_id, range_agg(tstzrange(a.starts_at, a.ends_at)) as times
      from (
        select desk_id, taken_by, bool_or(planned is null) as strays from paired where taken_by is not null group by 1, 2
      ) visit cross join lateral (
        select starts_at, ends_at, cells from appointment where tenant_id = ${tx.tenantId} and id = visit.taken_by offset 0
      ) a
      where strays or a.ends_at - a.starts_at <> a.cells * ${step}
      group by desk_id
    ), wanted as materialized (
      select desk_id, starts_at, known, case when taken_by is null
          then case when times && tstzrange(starts_at, starts_at + ${step}) then null else planned end
          else coalesce((
            select max(audience) from open where desk_id between first_desk and last_desk
              and starts_at >= opens_at and starts_at < closes_at
          ), 'closed') end as audience
      from paired left join busy using (desk_id)
    ), added as (
      insert into cell (tenant_id, site_id, desk_id, starts_at, audience)
      select ${tx.tenantId}::uuid, ${siteId}::text, desk_id, starts_at, audience from wanted
      where known is null and audience is not null
      order by starts_at, desk_id
      on conflict (tenant_id, site_id, desk_id, starts_at) do nothing
    )
    select desk_id, audience, array_agg(starts_at order by starts_at) as starts from wanted
    where known is not null and audience is distinct from known group by 1, 2`.execute(tx)
  return rows.map(({ desk_id, audience, starts }) => ({ desk: desk_id, audience, starts: starts.map(instant) }))
}

const these = (tx: TenantTx, siteId: string, { desk, starts }: Differing) =>
  sql`tenant_id = ${tx.tenantId} and site_id = ${siteId} and desk_id = ${desk}
    and starts_at = any(${starts.map(String)}::timestamptz[])`

/** Removes cells that are still free; how many. */
const remove = async (tx: TenantTx, siteId: string, cells: Differing): Promise<number> => {
  const { numAffectedRows } = await sql`
    delete from cell where ${these(tx, siteId, cells)} and free_from = '-infinity'`.execute(tx)
  return Number(numAffectedRows ?? 0)
}

const give = async (tx: TenantTx, siteId: string, cells: Differing): Promise<number> => {
  const { numAffectedRows } = await sql`
    update cell set audience = ${cells.audience} where ${these(tx, siteId, cells)}`.execute(tx)
  return Number(numAffectedRows ?? 0)
}

/** The highest number of a desk that has cells at the site; 0: it has none. */
export const findLastDesk = async (tx: TenantTx, siteId: string): Promise<number> => {
  const { rows } = await sql<{ last: number | null }>`
    select max(desk_id) as last from cell where tenant_id = ${tx.tenantId} and site_id = ${siteId}`.execute(tx)
  return rows[0]?.last ?? 0
}

/** Ids of all sites that have cells, declared or not. */
export const listSites = async (tx: TenantTx): Promise<string[]> => {
  // From one to the next along the index: to count the cells would take longer than to plan them.
  const next = (after: ReturnType<typeof sql>) =>
    sql`(select site_id from cell where tenant_id = ${tx.tenantId} ${after} order by site_id limit 1)`
  const { rows } = await sql<{ site_id: string }>`
    with recursive site as (
      select ${next(sql``)} as site_id
      union all
      select ${next(sql`and cell.site_id > site.site_id`)} from site where site_id is not null
    ) select site_id from site where site_id is not null`.execute(tx)
  return rows.map((row) => row.site_id)
}
