import { sql } from 'kysely'
import type { TenantTx } from '#platform/db/db.ts'
import { at, instant } from '#platform/db/instants.ts'
import type { Appointment, DeskLoad, Visit } from '../appointment.ts'

/** What is looked for: a visit of `cells` steps at a site, at desks for citizens, each cell free since `freeBefore` at the
 *  latest or taken by `own`: the appointment that is about to be moved, or the hold that is given up for this one. */
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

/** A stretch of time that is asked about, e.g. a day. */
export type Span = { from: Temporal.Instant; until: Temporal.Instant }

/** The times of day at which visits begin: every so many minutes after midnight. */
export type Grid = { everyMinutes: number; timeZone: string }

const isOnGrid = ({ everyMinutes, timeZone }: Grid) =>
  sql`extract(epoch from (starts_at at time zone ${timeZone})::time)::int / 60 % ${everyMinutes}::int = 0`

/** Starts in this span from which some desk is free for the whole visit; the visit, too, lies within the span. The free desks
 *  of each cell's time are bits, 256 of them in one value: where the bits of a visit's times have one in common, that desk
 *  is free throughout. Each cell is looked at once and sorted nowhere, so that a site of many desks costs little more. */
export const listFreeStarts = async (
  tx: TenantTx,
  wanted: Wanted,
  { from, until }: Span,
  grid: Grid,
): Promise<Temporal.Instant[]> => {
  const following = Array.from(
    { length: wanted.cells - 1 },
    (_, i) => sql` & lead(desks, ${i + 1}::int) over following`,
  )
  const { rows } = await sql<{ starts_at: Date }>`
    select distinct starts_at from (
      select starts_at, desks${sql.join(following, sql``)} as common,
        lead(starts_at, ${wanted.cells - 1}::int) over following as last
      from (
        select starts_at, desk_id / 256 as hall, bit_or(1::bit(256) << desk_id % 256) as desks
        from cell
        where tenant_id = ${tx.tenantId} and site_id = ${wanted.siteId} and audience = 'public'
          and starts_at >= ${at(from)} and starts_at < ${at(until)} and (${isFree(wanted)})
        group by starts_at, desk_id / 256
      ) free
      window following as (partition by hall order by starts_at)
    ) run
    where last = starts_at + make_interval(mins => ${(wanted.cells - 1) * wanted.stepMinutes}::int)
      and common <> 0::bit(256) and ${isOnGrid(grid)}
    order by starts_at`.execute(tx)
  return rows.map((row) => instant(row.starts_at))
}

/** The first free start of each span that has one. Walks along the index and stops at the first cell whose visit is free
 *  throughout; sorting the cells of a whole month would take a hundred times as long. */
export const listFirstFreeStarts = async (
  tx: TenantTx,
  wanted: Wanted,
  spans: readonly Span[],
  grid: Grid,
): Promise<Temporal.Instant[]> => {
  const { rows } = await sql<{ starts_at: Date }>`
    select found.starts_at
    from unnest(${spans.map(({ from }) => from.toString())}::timestamptz[],
                ${spans.map(({ until }) => until.toString())}::timestamptz[]) as span (since, until)
    cross join lateral (
      select starts_at from cell first
      where tenant_id = ${tx.tenantId} and site_id = ${wanted.siteId} and audience = 'public'
        and starts_at >= span.since and starts_at < span.until and (${isFree(wanted)})
        and ${isOnGrid(grid)}
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

/** Desks free for the whole visit, each with how many cells it has booked on the day. */
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

/** Takes out the cells of appointments that go with them. */
export const deleteCells = async (tx: TenantTx, appointmentIds: readonly string[]): Promise<void> => {
  await sql`delete from cell
    where tenant_id = ${tx.tenantId} and appointment_id = any(${appointmentIds}::uuid[])`.execute(tx)
}
