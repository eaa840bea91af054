import { sql } from 'kysely'
import type { TenantTx } from '#platform/db/db.ts'
import { instant } from '#platform/db/instants.ts'

export type DeliveryStatus = 'queued' | 'accepted' | 'refused' | 'expired' | 'superseded'

export const insertDelivery = async (
  tx: TenantTx,
  delivery: {
    id: string
    kind: string
    about: string | null
    recordId: string
    queuedAt: Temporal.Instant
    keptFor: string
  },
): Promise<void> => {
  await tx
    .insertInto('mail_delivery')
    .values({
      tenant_id: tx.tenantId,
      id: delivery.id,
      kind: delivery.kind,
      about: delivery.about,
      record_id: delivery.recordId,
      status: 'queued',
      last_code: null,
      queued_at: delivery.queuedAt.toString(),
      ended_at: null,
      kept_for: delivery.keptFor,
    })
    .execute()
}

type Ended = Exclude<DeliveryStatus, 'queued'>

/** Ends waiting mails; which ones, the caller adds. What is left of them goes when the period is over that was declared
 *  when they were queued. */
const end = (tx: TenantTx, status: Ended, at: Temporal.Instant) =>
  tx
    .updateTable('mail_delivery')
    .set({
      status,
      about: null,
      ended_at: at.toString(),
      erase_at: sql`${at.toString()}::timestamptz + kept_for::interval`,
    })
    .where('tenant_id', '=', tx.tenantId)
    .where('status', '=', 'queued')

/** Ends the waiting mails about the same thing and returns their envelopes. */
export const supersede = async (tx: TenantTx, about: string, at: Temporal.Instant): Promise<string[]> => {
  const rows = await end(tx, 'superseded', at).where('about', '=', about).returning('record_id').execute()
  return rows.flatMap((row) => row.record_id ?? [])
}

export const findQueued = async (
  tx: TenantTx,
  id: string,
): Promise<{ kind: string; recordId: string | null } | null> => {
  const row = await tx
    .selectFrom('mail_delivery')
    .select(['kind', 'record_id'])
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('status', '=', 'queued')
    .executeTakeFirst()
  return row ? { kind: row.kind, recordId: row.record_id } : null
}

export const updateAttempt = async (tx: TenantTx, id: string, code: string): Promise<void> => {
  await tx
    .updateTable('mail_delivery')
    .set((eb) => ({ attempts: eb('attempts', '+', 1), last_code: code }))
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}

export const updateEnded = async (tx: TenantTx, id: string, status: Ended, at: Temporal.Instant): Promise<void> => {
  await end(tx, status, at).where('id', '=', id).execute()
}

/** Ends deliveries by their envelopes. */
export const endOfEnvelopes = async (
  tx: TenantTx,
  recordIds: readonly string[],
  status: Ended,
  at: Temporal.Instant,
): Promise<void> => {
  await end(tx, status, at).where('record_id', '=', sql<string>`any(${recordIds}::uuid[])`).execute()
}

export const listQueued = async (tx: TenantTx): Promise<string[]> => {
  const rows = await tx
    .selectFrom('mail_delivery')
    .select('id')
    .where('tenant_id', '=', tx.tenantId)
    .where('status', '=', 'queued')
    .where('record_id', 'is not', null)
    .orderBy('queued_at')
    .execute()
  return rows.map(({ id }) => id)
}

/** Deliveries whose envelope is gone although no server took the mail: they can never be sent any more. */
export const expireWithoutEnvelope = async (tx: TenantTx, at: Temporal.Instant): Promise<void> => {
  await end(tx, 'expired', at).where('record_id', 'is', null).execute()
}

/** Brings forward the end of what is left of mails where `period` (ISO 8601) is shorter than what was declared then. */
export const shorten = async (tx: TenantTx, period: string): Promise<void> => {
  await sql`
    update mail_delivery set erase_at = ended_at + ${period}::interval
    where tenant_id = ${tx.tenantId} and erase_at > ended_at + ${period}::interval`.execute(tx)
}

export type DeliveryLine = {
  id: string
  kind: string
  status: DeliveryStatus
  attempts: number
  code: string | null
  queuedAt: Temporal.Instant
}

/** What has not arrived: waiting, refused or expired, newest first. */
export const listOpenDeliveries = async (tx: TenantTx, limit: number): Promise<DeliveryLine[]> => {
  const rows = await tx
    .selectFrom('mail_delivery')
    .select(['id', 'kind', 'status', 'attempts', 'last_code', 'queued_at'])
    .where('tenant_id', '=', tx.tenantId)
    .where('status', 'not in', ['accepted', 'superseded'])
    .orderBy('queued_at', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    status: row.status,
    attempts: row.attempts,
    code: row.last_code,
    queuedAt: instant(row.queued_at),
  }))
}

/** How many mails are in each state, delivered ones left out. */
export const countDeliveries = async (tx: TenantTx): Promise<{ status: DeliveryStatus; count: number }[]> => {
  const { rows } = await sql<{ status: DeliveryStatus; count: number }>`
    select status, count(*)::int as count from mail_delivery
    where tenant_id = ${tx.tenantId} and status <> 'accepted' group by status order by status`.execute(tx)
  return rows
}
