import { sql } from 'kysely'
import type { InstallationTx, TenantTx } from '#platform/db/db.ts'
import { instant } from '#platform/db/instants.ts'

/** What lies in the vault of every tenant, by activity: numbers and dates only. `late`: due before this is overdue. */
export const overview = async (tx: InstallationTx, now: Temporal.Instant, late: Temporal.Instant) => {
  const { rows } = await sql<{
    tenant_id: string
    activity: string
    stored: string
    due: string
    overdue: string
    held: string
    restricted: string
    oldest_due: Date | null
    next_due: Date | null
  }>`select * from vault.overview(${now.toString()}, ${late.toString()})`.execute(tx)
  return rows.map((row) => ({
    tenantId: row.tenant_id,
    activity: row.activity,
    stored: Number(row.stored),
    due: Number(row.due),
    overdue: Number(row.overdue),
    held: Number(row.held),
    restricted: Number(row.restricted),
    oldestDue: row.oldest_due && instant(row.oldest_due),
    nextDue: row.next_due && instant(row.next_due),
  }))
}

/** Tenants with a record that should have been erased by `late`, and since when. */
export const overdue = async (
  tx: InstallationTx,
  late: Temporal.Instant,
): Promise<{ tenantId: string; since: Temporal.Instant }[]> => {
  const { rows } = await sql<{ tenant_id: string; since: Date }>`
    select * from vault.overdue(${late.toString()})`.execute(tx)
  return rows.map((row) => ({ tenantId: row.tenant_id, since: instant(row.since) }))
}

/** How many records each rule of each tenant has erased since then. */
export const erasedSince = async (tx: InstallationTx, start: Temporal.Instant) => {
  const { rows } = await sql<{ tenant_id: string; activity: string; rule: string; records: string }>`
    select * from vault.erased_since(${start.toString()})`.execute(tx)
  return rows.map((row) => ({
    tenantId: row.tenant_id,
    activity: row.activity,
    rule: row.rule,
    records: Number(row.records),
  }))
}

/** Which fields really stand in a tenant's records, by activity, and when the last of these records is erased at the
 *  latest (null: not all have a date yet). Opens nothing: the names stand unsealed before the values, and beside files. */
export const listStoredFields = async (tx: TenantTx) => {
  const { rows } = await sql<{ activity: string; names: string; until: Date | null }>`
    select activity, convert_from(substring(sealed from 3 for (get_byte(sealed, 0) << 8) + get_byte(sealed, 1)), 'UTF8') as names,
      case when count(*) = count(erase_at) then max(erase_at) end as until
    from vault.record where tenant_id = ${tx.tenantId} group by 1, 2
    union all
    select r.activity, jsonb_build_array(b.field)::text, case when count(*) = count(r.erase_at) then max(r.erase_at) end
    from vault.blob b join vault.record r on r.tenant_id = b.tenant_id and r.id = b.record_id
    where b.tenant_id = ${tx.tenantId} group by 1, 2`.execute(tx)
  return rows.map(({ activity, names, until }) => ({
    activity,
    fields: JSON.parse(names) as string[],
    until: until && instant(until),
  }))
}

/** For what a tenant's records have been opened by the trail, by activity, and when the last of the records looked at is
 *  erased at the latest (null: not all have a date yet). Looks that were declared when the record was made are left out. */
export const listLookedAt = async (tx: TenantTx) => {
  const { rows } = await sql<{ activity: string; purpose: string; until: Date | null }>`
    select r.activity, a.purpose, case when count(*) = count(r.erase_at) then max(r.erase_at) end as until
    from vault.access a join vault.record r on r.tenant_id = a.tenant_id and r.id = a.record_id
    where a.tenant_id = ${tx.tenantId} and (a.purpose = any (r.purposes)) is not true
    group by 1, 2 order by 1, 2`.execute(tx)
  return rows.map(({ until, ...row }) => ({ ...row, until: until && instant(until) }))
}
