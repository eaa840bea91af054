import type pg from 'pg'
import { tenantId } from './stage.ts'

/** Half-hour starts from the day after tomorrow on, at which the site is open. */
export const futureStarts = async (admin: pg.Client): Promise<string[]> => {
  const { rows } = await admin.query<{ starts_at: Date }>(
    `select distinct starts_at from cell
     where tenant_id = $1 and starts_at > now() + interval '2 days' and extract(minute from starts_at) in (0, 30)
     order by starts_at`,
    [tenantId],
  )
  return rows.map(({ starts_at }) => `${starts_at.toISOString().slice(0, 19)}Z`)
}

const begin = `begin;
  create temp table chosen (id uuid not null, site_id text not null, desk_id int not null, starts_at timestamptz not null)
    on commit drop`
const insertAppointments = `insert into appointment
    (tenant_id, id, site_id, desk_id, service_ids, status, starts_at, ends_at, cells, record_id)
  select $1, id, site_id, desk_id, '{beratung-vor-ort}', 'booked', starts_at, starts_at + interval '30 minutes', 3,
    case when $2::boolean then id end
  from chosen`
const bookCells = `update cell set free_from = 'infinity', appointment_id = chosen.id
  from chosen cross join generate_series(0, 20, 10) minutes
  where cell.tenant_id = $1 and cell.site_id = chosen.site_id and cell.desk_id = chosen.desk_id
    and cell.starts_at = chosen.starts_at + make_interval(mins => minutes)`

/** Books visits of half an hour behind the program's back, without a person; the triggers check them all the same. */
export const bookBySql = async (
  admin: pg.Client,
  visits: readonly { deskId: number; startsAt: string }[],
): Promise<void> => {
  await admin.query(begin)
  await admin.query(
    `insert into chosen select gen_random_uuid(), (select site_id from cell where tenant_id = $1 limit 1), desk_id, starts_at
     from unnest($2::int[], $3::timestamptz[]) as v (desk_id, starts_at)`,
    [tenantId, visits.map(({ deskId }) => deskId), visits.map(({ startsAt }) => startsAt)],
  )
  await admin.query(insertAppointments, [tenantId, false])
  await admin.query(bookCells, [tenantId])
  await admin.query('commit')
}

/** Books so many visits of half an hour, so many a day from the first day on, each with a record as large as a real
 *  one (of noise), its key, two blind indexes and a consent. */
export const fill = async (admin: pg.Client, total: number, perDay: number): Promise<void> => {
  await admin.query(begin)
  await admin.query(
    `insert into chosen
     select gen_random_uuid(), site_id, desk_id, starts_at from (
       select *, row_number() over (
         partition by (starts_at at time zone 'Europe/Berlin')::date order by md5(desk_id::text || starts_at)) as n
       from cell where tenant_id = $1 and extract(minute from starts_at) in (0, 30) and starts_at > now() + interval '1 hour'
     ) start where n <= $3 order by starts_at limit $2`,
    [tenantId, total, perDay],
  )
  const noise = (bytes: number) =>
    `decode((select string_agg(md5(random()::text || id || n), '') from generate_series(1, ${Math.ceil(bytes / 16)}) n), 'hex')`
  await admin.query(
    `insert into vault.record (tenant_id, id, activity, register_version, sealed, events, erase_at, erase_rule, created_at)
     select $1, id, 'appointments.booking', '1@benchmark', ${noise(700)}, '{}', starts_at + interval '14 days', 'after', now()
     from chosen`,
    [tenantId],
  )
  await admin.query(`insert into vault.key select $1, id, ${noise(61)} from chosen`, [tenantId])
  await admin.query(
    `insert into vault.blind_index select $1, sha256((n || id::text)::bytea), id from chosen cross join generate_series(1, 2) n`,
    [tenantId],
  )
  await admin.query(
    `insert into consent_record (tenant_id, id, activity, text_version, text_hash, language, record_id, live_record_id, given_at, kept_for)
     select $1, gen_random_uuid(), 'appointments.booking', '2026-11', md5(''), 'de', id, id, now(), 'P3Y' from chosen`,
    [tenantId],
  )
  await admin.query(insertAppointments, [tenantId, true])
  const { rowCount } = await admin.query(bookCells, [tenantId])
  if (rowCount !== total * 3) throw new Error(`${rowCount} cells for ${total} appointments: not enough free ones`)
  await admin.query('commit')
  await admin.query('vacuum analyze')
  await admin.query('checkpoint')
}
