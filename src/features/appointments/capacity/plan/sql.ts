import { sql } from 'kysely'
import type { TenantTx } from '#platform/db/db.ts'
import { at } from '#platform/db/instants.ts'
import type { Opening } from './opening.ts'

const seconds = (value: Temporal.Instant) => value.epochMilliseconds / 1000

const asOpen = (openings: readonly Opening[]) => sql`
  select to_timestamp(o.f) as opens_at, to_timestamp(o.u) as closes_at, o.first_desk, o.last_desk, o.audience
  from unnest(${openings.map((each) => seconds(each.from))}::float8[], ${openings.map((each) => seconds(each.until))}::float8[],
              ${openings.map((each) => each.firstDesk)}::int[], ${openings.map((each) => each.lastDesk)}::int[],
              ${openings.map((each) => each.audience)}::text[]) as o (f, u, first_desk, last_desk, audience)`

type PlannedSpan = { from: Temporal.Instant; until: Temporal.Instant; stepMinutes: number }

const within = (tx: TenantTx, siteId: string, span: PlannedSpan) =>
  sql`tenant_id = ${tx.tenantId} and site_id = ${siteId}
    and starts_at >= ${at(span.from)} and starts_at < ${at(span.until)}`

/** Makes the cells of a span match the plan, and writes only rows that differ from it: new ones come, free ones without
 *  a plan go, taken ones stay and are closed to everybody else where the plan has no opening for them. Where a visit
 *  stands that was booked in other steps, no free cell overlaps it: its desk is busy then. */
export const replaceCells = async (
  tx: TenantTx,
  siteId: string,
  span: PlannedSpan,
  plan: readonly Opening[],
): Promise<void> => {
  await writePlanned(tx, siteId, span, plan)
  // In a statement of its own, so that it sees whom a cell was given to while the one before ran.
  await closeTaken(tx, siteId, span, plan)
}

const writePlanned = async (
  tx: TenantTx,
  siteId: string,
  span: PlannedSpan,
  plan: readonly Opening[],
): Promise<void> => {
  const step = sql`make_interval(mins => ${span.stepMinutes}::int)`
  await sql`
    with open as materialized (${asOpen(plan)}), planned as materialized (
      select desk_id, starts_at, audience from open
      cross join generate_series(opens_at, closes_at - ${step}, ${step}) starts_at
      cross join generate_series(first_desk, last_desk) desk_id
      where starts_at >= ${at(span.from)} and starts_at < ${at(span.until)}
    ), known as materialized (
      select desk_id, starts_at, audience, free_from, appointment_id from cell where ${within(tx, siteId, span)}
    ), busy as materialized (
      select distinct k.desk_id, a.starts_at, a.ends_at
      from known k join appointment a on a.tenant_id = ${tx.tenantId} and a.id = k.appointment_id
      where a.ends_at - a.starts_at <> a.cells * ${step}
        or not exists (select from planned p where p.desk_id = k.desk_id and p.starts_at = k.starts_at)
    ), wanted as materialized (
      select p.* from planned p
      where not exists (
        select from busy where busy.desk_id = p.desk_id and busy.ends_at > p.starts_at and busy.starts_at < p.starts_at + ${step}
      ) or exists (
        select from known k where k.desk_id = p.desk_id and k.starts_at = p.starts_at and k.appointment_id is not null
      )
    ), gone as (
      delete from cell using known k
      where cell.tenant_id = ${tx.tenantId} and cell.site_id = ${siteId}
        and cell.desk_id = k.desk_id and cell.starts_at = k.starts_at and cell.free_from = '-infinity'
        and not exists (select from wanted w where w.desk_id = k.desk_id and w.starts_at = k.starts_at)
    ), changed as (
      update cell set audience = w.audience from wanted w join known k using (desk_id, starts_at)
      where cell.tenant_id = ${tx.tenantId} and cell.site_id = ${siteId}
        and cell.desk_id = w.desk_id and cell.starts_at = w.starts_at and k.audience <> w.audience
    )
    insert into cell (tenant_id, site_id, desk_id, starts_at, audience)
    select ${tx.tenantId}::uuid, ${siteId}::text, desk_id, starts_at, audience from wanted w
    where not exists (select from known k where k.desk_id = w.desk_id and k.starts_at = w.starts_at)
    order by starts_at, desk_id
    on conflict (tenant_id, site_id, desk_id, starts_at) do nothing`.execute(tx)
}

/** Taken cells stay, each for whom the plan says; closed to everybody else where it has no opening for them. */
const closeTaken = async (tx: TenantTx, siteId: string, span: PlannedSpan, plan: readonly Opening[]): Promise<void> => {
  await sql`
    with open as materialized (${asOpen(plan)})
    update cell set audience = now.audience from (
      select desk_id, starts_at, coalesce((
        select max(audience) from open where cell.desk_id between first_desk and last_desk
          and cell.starts_at >= opens_at and cell.starts_at < closes_at
      ), 'closed') as audience
      from cell where ${within(tx, siteId, span)} and appointment_id is not null
    ) now
    where cell.tenant_id = ${tx.tenantId} and cell.site_id = ${siteId} and cell.desk_id = now.desk_id
      and cell.starts_at = now.starts_at and cell.audience <> now.audience`.execute(tx)
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
