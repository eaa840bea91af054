import { sql } from 'kysely'
import type { TenantTx } from '#platform/db/db.ts'
import { at, instant } from '#platform/db/instants.ts'
import type { Appointment, DeskLoad, Visit } from '../appointment.ts'
import type { Opening } from './opening.ts'

/** What is looked for: a visit of `cells` steps at a site, free for citizens at `now` (less the grace) or taken by
 *  `own`, the appointment that is about to be moved. */
export type Wanted = {
  siteId: string
  cells: number
  stepMinutes: number
  freeBefore: Temporal.Instant
  own: string | null
}

// `free_from < 'infinity'` stands beside the comparison because only then the partial index serves.
const isFree = (wanted: Wanted) => {
  const free = sql`free_from < 'infinity' and free_from <= ${at(wanted.freeBefore)}`
  return wanted.own === null ? free : sql`(${free}) or appointment_id = ${wanted.own}`
}

/** Starts from which some desk is free for the whole visit, by day-long spans or longer. */
export const listFreeStarts = async (
  tx: TenantTx,
  wanted: Wanted,
  from: Temporal.Instant,
  until: Temporal.Instant,
): Promise<Temporal.Instant[]> => {
  const { rows } = await sql<{ starts_at: Date }>`
    select distinct starts_at from (
      select starts_at, lead(starts_at, ${wanted.cells - 1}::int) over (partition by desk_id order by starts_at) as last
      from cell
      where tenant_id = ${tx.tenantId} and site_id = ${wanted.siteId} and audience = 'public'
        and starts_at >= ${at(from)} and starts_at < ${at(until)} and (${isFree(wanted)})
    ) run
    where last = starts_at + make_interval(mins => ${(wanted.cells - 1) * wanted.stepMinutes}::int)
    order by starts_at`.execute(tx)
  return rows.map((row) => instant(row.starts_at))
}

/** A stretch of time that is asked about, e.g. a day. */
export type Span = { from: Temporal.Instant; until: Temporal.Instant }

/** The first free start of each span that has one. Walks along the index and stops at the first cell whose visit is free
 *  throughout; sorting the cells of a whole month would take a hundred times as long. */
export const listFirstFreeStarts = async (
  tx: TenantTx,
  wanted: Wanted,
  spans: readonly Span[],
  grid: { everyMinutes: number; timeZone: string },
): Promise<Temporal.Instant[]> => {
  const { rows } = await sql<{ starts_at: Date }>`
    select found.starts_at
    from unnest(${spans.map(({ from }) => from.toString())}::timestamptz[],
                ${spans.map(({ until }) => until.toString())}::timestamptz[]) as span (since, until)
    cross join lateral (
      select starts_at from cell first
      where tenant_id = ${tx.tenantId} and site_id = ${wanted.siteId} and audience = 'public'
        and starts_at >= span.since and starts_at < span.until and (${isFree(wanted)})
        and extract(epoch from (starts_at at time zone ${grid.timeZone})::time)::int / 60 % ${grid.everyMinutes}::int = 0
        and (
          select count(*) from cell visit
          where visit.tenant_id = ${tx.tenantId} and visit.site_id = ${wanted.siteId} and visit.audience = 'public'
            and visit.desk_id = first.desk_id and visit.starts_at >= first.starts_at
            and visit.starts_at < first.starts_at + make_interval(mins => ${wanted.cells * wanted.stepMinutes}::int)
            and (${isFree(wanted)})
        ) = ${wanted.cells}
      order by starts_at limit 1
    ) found
    order by found.starts_at`.execute(tx)
  return rows.map((row) => instant(row.starts_at))
}

/** Desks free for the whole visit, each with how many cells it has booked between `dayFrom` and `dayUntil`. */
export const listFreeDesks = async (
  tx: TenantTx,
  wanted: Wanted,
  visit: Visit,
  day: { from: Temporal.Instant; until: Temporal.Instant },
): Promise<DeskLoad[]> => {
  const { rows } = await sql<{ desk_id: number; booked: number }>`
    select desk_id, (
      select count(*)::int from cell load
      where load.tenant_id = ${tx.tenantId} and load.site_id = ${wanted.siteId} and load.desk_id = free.desk_id
        and load.starts_at >= ${at(day.from)} and load.starts_at < ${at(day.until)} and load.free_from = 'infinity'
    ) as booked
    from cell free
    where tenant_id = ${tx.tenantId} and site_id = ${wanted.siteId} and audience = 'public'
      and starts_at >= ${at(visit.startsAt)} and starts_at < ${at(visit.endsAt)} and (${isFree(wanted)})
    group by desk_id having count(*) = ${visit.cells}`.execute(tx)
  return rows.map((row) => ({ deskId: row.desk_id, booked: row.booked }))
}

/** Takes all cells of a visit at one desk, or none: hold, takeover of an expired hold and move are this statement.
 *  `until` is the end of the hold, or 'infinity' for a booking. False: somebody else has one of them. Whoever is just taking
 *  one is waited for, unless `skipLocked` says that they have it. */
export const takeCells = async (
  tx: TenantTx,
  wanted: Wanted,
  visit: Visit,
  take: { deskId: number; appointmentId: string; until: Temporal.Instant | 'infinity'; skipLocked?: boolean },
): Promise<boolean> => {
  const { numAffectedRows } = await sql`
    with locked as (
      select desk_id, starts_at from cell
      where tenant_id = ${tx.tenantId} and site_id = ${wanted.siteId} and desk_id = ${take.deskId} and audience = 'public'
        and starts_at >= ${at(visit.startsAt)} and starts_at < ${at(visit.endsAt)} and (${isFree(wanted)})
      order by starts_at for update ${take.skipLocked ? sql`skip locked` : sql``}
    )
    update cell set free_from = ${take.until.toString()}::timestamptz, appointment_id = ${take.appointmentId}
    from locked
    where cell.tenant_id = ${tx.tenantId} and cell.site_id = ${wanted.siteId}
      and cell.desk_id = locked.desk_id and cell.starts_at = locked.starts_at
      and (select count(*) from locked) = ${visit.cells}`.execute(tx)
  return Number(numAffectedRows ?? 0) === visit.cells
}

/** Turns a hold's cells into booked ones, whether or not the hold has run out; how many it still had. */
export const bookHeldCells = async (tx: TenantTx, appointmentId: string): Promise<number> => {
  const result = await tx
    .updateTable('cell')
    .set({ free_from: 'infinity' })
    .where('tenant_id', '=', tx.tenantId)
    .where('appointment_id', '=', appointmentId)
    .executeTakeFirst()
  return Number(result.numUpdatedRows)
}

/** Keeps a hold's cells until a later moment, also when it has run out; how many it still had. */
export const extendCells = async (tx: TenantTx, appointmentId: string, until: Temporal.Instant): Promise<number> => {
  const result = await tx
    .updateTable('cell')
    .set({ free_from: until.toString() })
    .where('tenant_id', '=', tx.tenantId)
    .where('appointment_id', '=', appointmentId)
    .executeTakeFirst()
  return Number(result.numUpdatedRows)
}

/** Until when a hold keeps its time, be that moment past or to come; null when somebody took it, or a part of it. */
export const findHeldUntil = async (tx: TenantTx, hold: Appointment): Promise<Temporal.Instant | null> => {
  const { rows } = await sql<{ until: Date | null }>`
    select min(free_from) as until from cell
    where tenant_id = ${tx.tenantId} and appointment_id = ${hold.id} and free_from < 'infinity'
    having count(*) = ${hold.cells}`.execute(tx)
  return rows[0]?.until ? instant(rows[0].until) : null
}

/** Frees the cells of an appointment, all of them or those outside the visit it has been moved to. */
export const freeCells = async (
  tx: TenantTx,
  appointmentId: string,
  except?: Visit & { deskId: number },
): Promise<void> => {
  await tx
    .updateTable('cell')
    .set({ free_from: '-infinity', appointment_id: null })
    .where('tenant_id', '=', tx.tenantId)
    .where('appointment_id', '=', appointmentId)
    .$if(except !== undefined, (query) =>
      query.where((eb) =>
        eb.not(
          eb.and([
            eb('desk_id', '=', except?.deskId ?? 0),
            eb('starts_at', '>=', at(except?.startsAt as Temporal.Instant)),
            eb('starts_at', '<', at(except?.endsAt as Temporal.Instant)),
          ]),
        ),
      ),
    )
    .execute()
}

const seconds = (value: Temporal.Instant) => value.epochMilliseconds / 1000

const asOpen = (openings: readonly Opening[]) => sql`
  select to_timestamp(o.f) as opens_at, to_timestamp(o.u) as closes_at, o.first_desk, o.last_desk, o.audience
  from unnest(${openings.map((each) => seconds(each.from))}::float8[], ${openings.map((each) => seconds(each.until))}::float8[],
              ${openings.map((each) => each.firstDesk)}::int[], ${openings.map((each) => each.lastDesk)}::int[],
              ${openings.map((each) => each.audience)}::text[]) as o (f, u, first_desk, last_desk, audience)`

/** Makes the cells of a span match the plan, and writes only rows that differ from it: new ones come, free ones without
 *  a plan go, taken ones stay and are closed to everybody else where the plan has no opening for them. Where a visit
 *  stands that was booked in other steps, no free cell overlaps it: its desk is busy then. */
export const replaceCells = async (
  tx: TenantTx,
  siteId: string,
  span: { from: Temporal.Instant; until: Temporal.Instant; stepMinutes: number },
  plan: readonly Opening[],
): Promise<void> => {
  const step = sql`make_interval(mins => ${span.stepMinutes}::int)`
  const inSpan = sql`tenant_id = ${tx.tenantId} and site_id = ${siteId}
    and starts_at >= ${at(span.from)} and starts_at < ${at(span.until)}`
  await sql`
    with open as materialized (${asOpen(plan)}), planned as materialized (
      select desk_id, starts_at, audience from open
      cross join generate_series(opens_at, closes_at - ${step}, ${step}) starts_at
      cross join generate_series(first_desk, last_desk) desk_id
      where starts_at >= ${at(span.from)} and starts_at < ${at(span.until)}
    ), known as materialized (
      select desk_id, starts_at, audience, free_from, appointment_id from cell where ${inSpan}
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
  // In a statement of its own, so that it sees whom a cell was given to while the one before ran.
  await sql`
    with open as materialized (${asOpen(plan)})
    update cell set audience = now.audience from (
      select desk_id, starts_at, coalesce((
        select max(audience) from open where cell.desk_id between first_desk and last_desk
          and cell.starts_at >= opens_at and cell.starts_at < closes_at
      ), 'closed') as audience
      from cell where ${inSpan} and appointment_id is not null
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

/** Clears away what time has passed by: expired holds, appointments that are over, cells of the past. */
export const sweep = async (
  tx: TenantTx,
  expiredBefore: Temporal.Instant,
  pastBefore: Temporal.Instant,
): Promise<void> => {
  await sql`update cell set free_from = '-infinity', appointment_id = null
    where tenant_id = ${tx.tenantId} and appointment_id is not null
      and free_from > '-infinity' and free_from < ${at(expiredBefore)}`.execute(tx)
  await sql`update appointment set status = 'past', remind_at = null, reminder_id = null
    where tenant_id = ${tx.tenantId} and status = 'booked' and ends_at <= ${at(pastBefore)}`.execute(tx)
  await sql`delete from cell c using appointment a
    where c.tenant_id = ${tx.tenantId} and a.tenant_id = c.tenant_id and a.id = c.appointment_id and a.status = 'past'`.execute(
    tx,
  )
  await sql`delete from cell
    where tenant_id = ${tx.tenantId} and free_from = '-infinity' and starts_at < ${at(pastBefore)}`.execute(tx)
  await sql`delete from appointment a
    where tenant_id = ${tx.tenantId} and status = 'held'
      and not exists (select from cell c where c.tenant_id = a.tenant_id and c.appointment_id = a.id)`.execute(tx)
}
