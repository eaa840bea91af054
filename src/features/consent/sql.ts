import { sql } from 'kysely'
import type { TenantTx } from '#platform/db/db.ts'

export const insertConsent = async (
  tx: TenantTx,
  consent: {
    id: string
    activity: string
    textVersion: string
    textHash: string
    language: string
    recordId: string
    givenAt: Temporal.Instant
    /** ISO 8601 period. */
    keptFor: string
  },
): Promise<void> => {
  await tx
    .insertInto('consent_record')
    .values({
      tenant_id: tx.tenantId,
      id: consent.id,
      activity: consent.activity,
      text_version: consent.textVersion,
      text_hash: consent.textHash,
      language: consent.language,
      record_id: consent.recordId,
      live_record_id: consent.recordId,
      given_at: consent.givenAt.toString(),
      kept_for: consent.keptFor,
    })
    .execute()
}

export const updateWithdrawn = async (tx: TenantTx, recordId: string, at: Temporal.Instant): Promise<void> => {
  await tx
    .updateTable('consent_record')
    .set({ withdrawn_at: at.toString() })
    .where('tenant_id', '=', tx.tenantId)
    .where('record_id', '=', recordId)
    .where('withdrawn_at', 'is', null)
    .execute()
}

/** Notes the end of consents whose record is gone; the foreign key has taken the pointer along. From then on the proof is
 *  kept as long as was declared when the consent was given. */
export const updateEnded = async (tx: TenantTx, now: Temporal.Instant): Promise<void> => {
  await tx
    .updateTable('consent_record')
    .set({ ended_at: now.toString(), erase_at: sql`${now.toString()}::timestamptz + kept_for::interval` })
    .where('tenant_id', '=', tx.tenantId)
    .where('live_record_id', 'is', null)
    .where('ended_at', 'is', null)
    .execute()
}

/** Notes the end of consents to these records, which went at this instant and not when it is noticed. Nothing happens to
 *  those whose end is known. */
export const updateEndedAt = async (tx: TenantTx, records: readonly string[], at: Temporal.Instant): Promise<void> => {
  await tx
    .updateTable('consent_record')
    .set({ ended_at: at.toString(), erase_at: sql`${at.toString()}::timestamptz + kept_for::interval` })
    .where('tenant_id', '=', tx.tenantId)
    .where('record_id', 'in', records)
    .where('ended_at', 'is', null)
    .execute()
}

/** Brings forward the end of an activity's proofs where `period` (ISO 8601) is shorter than what was declared then. */
export const shorten = async (tx: TenantTx, activity: string, period: string): Promise<void> => {
  await sql`
    update consent_record set erase_at = ended_at + ${period}::interval
    where tenant_id = ${tx.tenantId} and activity = ${activity} and erase_at > ended_at + ${period}::interval`.execute(
    tx,
  )
}
