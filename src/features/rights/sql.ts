import type { TenantTx } from '#platform/db/db.ts'

export const insertCode = async (
  tx: TenantTx,
  code: { id: string; recordId: string; at: Temporal.Instant },
): Promise<void> => {
  await tx
    .insertInto('access_code')
    .values({ tenant_id: tx.tenantId, id: code.id, record_id: code.recordId, created_at: code.at.toString() })
    .execute()
}

export const findCode = async (tx: TenantTx, id: string): Promise<{ recordId: string | null } | null> => {
  const row = await tx
    .selectFrom('access_code')
    .select('record_id')
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row ? { recordId: row.record_id } : null
}

export const updateSent = async (tx: TenantTx, id: string, at: Temporal.Instant): Promise<void> => {
  await tx
    .updateTable('access_code')
    .set({ sent_at: at.toString() })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}

/** Counts a try before it is looked at, so that guessing at the same time gains nothing; null when no code was sent, it
 *  is gone, or all tries are used up. */
export const countAttempt = async (tx: TenantTx, id: string, most: number): Promise<string | null> => {
  const row = await tx
    .updateTable('access_code')
    .set((eb) => ({ attempts: eb('attempts', '+', 1) }))
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('attempts', '<', most)
    .where('record_id', 'is not', null)
    .where('sent_at', 'is not', null)
    .returning('record_id')
    .executeTakeFirst()
  return row?.record_id ?? null
}

/** Codes whose record is gone have nothing left to say. */
export const deleteSpentCodes = async (tx: TenantTx): Promise<void> => {
  await tx.deleteFrom('access_code').where('tenant_id', '=', tx.tenantId).where('record_id', 'is', null).execute()
}
