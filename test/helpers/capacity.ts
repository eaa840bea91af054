import type pg from 'pg'

/** What must never be there, over all appointments of the database: desks booked twice, visits without all their cells,
 *  cells booked for nobody. */
export const capacityFaults = async (admin: pg.Client): Promise<Record<string, number>> => {
  const { rows } = await admin.query<Record<string, number>>(
    `select
       (select count(*)::int from appointment a join appointment b using (tenant_id, site_id, desk_id)
         where a.id < b.id and a.status = 'booked' and b.status = 'booked'
           and a.starts_at < b.ends_at and b.starts_at < a.ends_at) as "double bookings",
       (select count(*)::int from appointment a where status = 'booked' and cells <> (
         select count(*) from cell c where c.tenant_id = a.tenant_id and c.appointment_id = a.id and c.desk_id = a.desk_id
           and c.starts_at >= a.starts_at and c.starts_at < a.ends_at and c.free_from = 'infinity')) as "without all cells",
       (select count(*)::int from cell c left join appointment a on a.tenant_id = c.tenant_id and a.id = c.appointment_id
         where c.free_from = 'infinity' and a.status is distinct from 'booked') as "cells booked for nobody"`,
  )
  return rows[0] ?? {}
}
