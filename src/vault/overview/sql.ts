import { sql } from 'kysely'
import type { InstallationTx } from '#platform/db/db.ts'
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
