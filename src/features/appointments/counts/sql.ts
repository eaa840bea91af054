import { sql } from 'kysely'
import type { TenantTx } from '#platform/db/db.ts'
import { at, instant } from '#platform/db/instants.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Appointment } from '../appointment.ts'
import { deleteCells } from '../capacity/sql.ts'

export type Outcome = Tables['visit_count']['outcome']

/** In which time zone months and hours count, and how long after the end of their month numbers stay (ISO 8601). */
export type Counting = { timeZone: string; period: string }

/** When numbers go: so long after the end of their month. */
const endOf = ({ timeZone, period }: Counting, day: ReturnType<typeof sql>) => sql`
  ((date_trunc('month', ${day}::timestamp) + interval '1 month' + ${period}::interval) at time zone ${timeZone})`

/** A visit whose day is over. `moves`: how often it was moved. */
export type Over = { id: string; recordId: string | null; moves: number; moved: Appointment['moved'] }

type OverRow = {
  id: string
  record_id: string | null
  sequence: number
  moved_at: Date | null
  moved_from: Date | null
}

/** Visits that are over and began before this moment, locked; those that another worker has in hand are left to it. */
export const lockOver = async (tx: TenantTx, before: Temporal.Instant, limit: number): Promise<Over[]> => {
  const { rows } = await sql<OverRow>`
    select id, record_id, sequence, moved_at, moved_from from appointment
    where tenant_id = ${tx.tenantId} and status = 'past' and starts_at < ${at(before)}
    order by ends_at, id limit ${limit} for update skip locked`.execute(tx)
  return rows.map((row) => ({
    id: row.id,
    recordId: row.record_id,
    moves: row.sequence,
    moved: row.moved_at && row.moved_from && { at: instant(row.moved_at), from: instant(row.moved_from) },
  }))
}

/** Makes numbers of appointments: deletes their rows and counts what it has deleted, in one statement, so that each is
 *  counted once. Always in the same order, so that no two wait for each other. */
export const foldVisits = async (
  tx: TenantTx,
  ids: readonly string[],
  outcome: Outcome,
  counting: Counting,
): Promise<void> => {
  await deleteCells(tx, ids)
  await sql`
    with gone as (
      delete from appointment where tenant_id = ${tx.tenantId} and id = any(${ids}::uuid[])
      returning site_id, service_ids, starts_at at time zone ${counting.timeZone} as local
    )
    insert into visit_count (tenant_id, day, hour, site_id, service_ids, outcome, visits, erase_at)
    select ${tx.tenantId}::uuid, date_trunc('month', local)::date, extract(hour from local)::int, site_id, service_ids,
      ${outcome}::text, count(*)::int, min(${endOf(counting, sql`local`)})
    from gone group by 2, 3, 4, 5 order by 2, 3, 4, 5
    on conflict (tenant_id, day, hour, site_id, service_ids, outcome)
    do update set visits = visit_count.visits + excluded.visits`.execute(tx)
}

/** Takes out what an earlier version left of appointments that were given up. */
export const deleteGivenUp = async (tx: TenantTx): Promise<void> => {
  await sql`delete from appointment where tenant_id = ${tx.tenantId} and status = 'cancelled'`.execute(tx)
}

/** Takes out, uncounted, what ended before this moment. */
export const deleteEndedBefore = async (tx: TenantTx, before: Temporal.Instant): Promise<void> => {
  const over = sql`select id from appointment where tenant_id = ${tx.tenantId} and ends_at < ${at(before)}`
  await sql`delete from cell where tenant_id = ${tx.tenantId} and appointment_id in (${over})`.execute(tx)
  await sql`delete from appointment where tenant_id = ${tx.tenantId} and id in (${over})`.execute(tx)
}

/** When the first of the appointments that have not become a number ended, or will; null when there is none. */
export const firstToCount = async (tx: TenantTx): Promise<Temporal.Instant | null> => {
  const { rows } = await sql<{ first: Date | null }>`
    select least(
      (select ends_at from appointment where tenant_id = ${tx.tenantId} and status = 'booked' order by ends_at limit 1),
      (select ends_at from appointment where tenant_id = ${tx.tenantId} and status in ('past', 'cancelled')
       order by ends_at limit 1)
    ) as first`.execute(tx)
  return rows[0]?.first ? instant(rows[0].first) : null
}

/** Whether visits that began before this moment are no number yet. */
export const isCounting = async (tx: TenantTx, before: Temporal.Instant): Promise<boolean> => {
  const { rows } = await sql`
    select from appointment
    where tenant_id = ${tx.tenantId} and status in ('booked', 'past') and starts_at < ${at(before)} limit 1`.execute(tx)
  return rows.length > 0
}

/** Brings forward the end of numbers where less time is declared by now. */
export const shorten = async (tx: TenantTx, counting: Counting): Promise<void> => {
  const end = endOf(counting, sql`day`)
  await sql`update visit_count set erase_at = ${end} where tenant_id = ${tx.tenantId} and erase_at > ${end}`.execute(tx)
}

/** How many visits of a month were booked, whatever became of them, by site and services. For `protect` in
 *  src/platform/small-cells.ts: unprotected, these numbers do not leave the program. */
export const listBookedIn = async (tx: TenantTx, month: Temporal.PlainYearMonth) => {
  const first = month.toPlainDate({ day: 1 })
  const { rows } = await sql<{ site_id: string; service_ids: string[]; visits: number }>`
    select site_id, service_ids, sum(visits)::int as visits from visit_count
    where tenant_id = ${tx.tenantId} and day = ${first.toString()}::date
    group by site_id, service_ids order by site_id, service_ids`.execute(tx)
  return rows.map((row) => ({ siteId: row.site_id, serviceIds: row.service_ids, visits: row.visits }))
}
