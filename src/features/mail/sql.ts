import { sql } from 'kysely'
import type { TenantTx } from '#platform/db/db.ts'
import { instant } from '#platform/db/instants.ts'
import type { Queued } from './attempt.ts'

export type DeliveryStatus = 'queued' | 'accepted' | 'refused' | 'expired' | 'superseded' | 'unclear'

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

/** What became of a mail that its person has to hear of where they look next: it did not arrive, or may not have. */
const unfortunate = ['refused', 'expired', 'unclear'] as const satisfies readonly Ended[]

/** What became of a mail that did not arrive, as far as anybody knows. */
export type Missing = (typeof unfortunate)[number]

/** Ends waiting mails; which ones, the caller adds. What is left of them goes when the period is over that was declared
 *  when they were queued; what they were about, at once, unless its page has to say that the mail did not arrive. */
const end = (tx: TenantTx, status: Ended, at: Temporal.Instant) =>
  tx
    .updateTable('mail_delivery')
    .set({
      status,
      ...(unfortunate.some((each) => each === status) ? {} : { about: null }),
      handing_over_at: null,
      ended_at: at.toString(),
      erase_at: sql`${at.toString()}::timestamptz + kept_for::interval`,
    })
    .where('tenant_id', '=', tx.tenantId)
    .where('status', '=', 'queued')

/** Ends the waiting mails about the same thing and returns their envelopes. One that a server is getting already cannot
 *  be called back; the newer one waits for it. What became of those before is of no interest any more. */
export const supersede = async (tx: TenantTx, about: string, at: Temporal.Instant): Promise<string[]> => {
  const rows = await end(tx, 'superseded', at)
    .where('about', '=', about)
    .where('handing_over_at', 'is', null)
    .returning('record_id')
    .execute()
  await tx
    .updateTable('mail_delivery')
    .set({ about: null })
    .where('tenant_id', '=', tx.tenantId)
    .where('about', '=', about)
    .where('status', '<>', 'queued')
    .execute()
  return rows.flatMap((row) => row.record_id ?? [])
}

export const findQueued = async (tx: TenantTx, id: string): Promise<(Queued & { kind: string }) | null> => {
  const row = await tx
    .selectFrom('mail_delivery as mail')
    .select(['mail.kind', 'record_id', 'handing_over_at', 'unclear_at'])
    .select((eb) =>
      eb
        .exists(
          eb
            .selectFrom('mail_delivery as older')
            .select('older.id')
            .whereRef('older.tenant_id', '=', 'mail.tenant_id')
            .whereRef('older.about', '=', 'mail.about')
            .whereRef('older.id', '<>', 'mail.id')
            .where('older.handing_over_at', 'is not', null),
        )
        .as('is_behind'),
    )
    .where('mail.tenant_id', '=', tx.tenantId)
    .where('mail.id', '=', id)
    .where('mail.status', '=', 'queued')
    .executeTakeFirst()
  return row
    ? {
        kind: row.kind,
        recordId: row.record_id,
        handingOverAt: row.handing_over_at && instant(row.handing_over_at),
        unclearAt: row.unclear_at && instant(row.unclear_at),
        isBehind: Boolean(row.is_behind),
      }
    : null
}

/** Notes that a server gets the mail now. False when it must not: another has it in hand, or nobody wants it any more. */
export const noteHandingOver = async (tx: TenantTx, id: string, at: Temporal.Instant): Promise<boolean> => {
  const { numUpdatedRows } = await tx
    .updateTable('mail_delivery')
    .set({ handing_over_at: at.toString() })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('status', '=', 'queued')
    .where('handing_over_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Notes that the server which was getting the mail gave no answer. */
export const noteUnclear = async (tx: TenantTx, id: string, at: Temporal.Instant): Promise<void> => {
  await tx
    .updateTable('mail_delivery')
    .set({ unclear_at: at.toString(), handing_over_at: null })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}

/** Whether a newer mail about the same thing waits. */
export const isOvertaken = async (tx: TenantTx, id: string): Promise<boolean> => {
  const row = await tx
    .selectFrom('mail_delivery as mail')
    .innerJoin('mail_delivery as other', (join) =>
      join.onRef('other.tenant_id', '=', 'mail.tenant_id').onRef('other.about', '=', 'mail.about'),
    )
    .select('other.id')
    .where('mail.tenant_id', '=', tx.tenantId)
    .where('mail.id', '=', id)
    .whereRef('other.id', '<>', 'mail.id')
    .where('other.status', '=', 'queued')
    .where('other.handing_over_at', 'is', null)
    .executeTakeFirst()
  return row !== undefined
}

/** Whether the newest mail about this thing did not arrive, or may not have; null while it waits, and when it arrived. */
export const findMissing = async (tx: TenantTx, about: string): Promise<Missing | null> => {
  const row = await tx
    .selectFrom('mail_delivery')
    .select('status')
    .where('tenant_id', '=', tx.tenantId)
    .where('about', '=', about)
    .orderBy('queued_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return unfortunate.find((each) => each === row?.status) ?? null
}

/** Counts an attempt after which the server does not have the mail, or does not say. */
export const updateAttempt = async (tx: TenantTx, id: string, code: string): Promise<void> => {
  await tx
    .updateTable('mail_delivery')
    .set((eb) => ({ attempts: eb('attempts', '+', 1), last_code: code, handing_over_at: null }))
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

/** What has not arrived, or may not have, and what waits; newest first. */
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
