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

/** Notes the end of consents whose record is gone; the foreign key has taken the pointer along. */
export const updateEnded = async (tx: TenantTx, now: Temporal.Instant): Promise<void> => {
  await tx
    .updateTable('consent_record')
    .set({ ended_at: now.toString() })
    .where('tenant_id', '=', tx.tenantId)
    .where('live_record_id', 'is', null)
    .where('ended_at', 'is', null)
    .execute()
}

/** Erases the proofs of an activity that ended long enough ago: `period`, or what was declared when the consent was
 *  given, if that is shorter. Both are ISO 8601 periods. */
export const deleteProofs = async (
  tx: TenantTx,
  activity: string,
  period: string,
  now: Temporal.Instant,
): Promise<void> => {
  await sql`
    delete from consent_record where tenant_id = ${tx.tenantId} and activity = ${activity}
      and ended_at + least(kept_for::interval, ${period}::interval) <= ${now.toString()}::timestamptz`.execute(tx)
}
