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
      given_at: consent.givenAt.toString(),
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
