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

/** The record of a code that has not been sent, locked; null when there is none. */
export const lockUnsent = async (tx: TenantTx, id: string): Promise<string | null> => {
  const row = await tx
    .selectFrom('access_code')
    .select('record_id')
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('sent_at', 'is', null)
    .forUpdate()
    .executeTakeFirst()
  return row?.record_id ?? null
}

export type Code = { id: string; recordId: string; isSent: boolean }

/** The codes among these records, the newest last. */
export const listCodes = async (tx: TenantTx, recordIds: readonly string[]): Promise<Code[]> => {
  if (recordIds.length === 0) return []
  const rows = await tx
    .selectFrom('access_code')
    .select(['id', 'record_id', 'sent_at'])
    .where('tenant_id', '=', tx.tenantId)
    .where('record_id', 'in', recordIds)
    .orderBy('created_at')
    .execute()
  return rows.flatMap(({ id, record_id, sent_at }) =>
    record_id === null ? [] : [{ id, recordId: record_id, isSent: sent_at !== null }],
  )
}

export const updateSent = async (tx: TenantTx, id: string, at: Temporal.Instant): Promise<void> => {
  await tx
    .updateTable('access_code')
    .set({ sent_at: at.toString() })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}

/** Uses a code up; false when somebody else has just done so. */
export const takeCode = async (tx: TenantTx, id: string): Promise<boolean> => {
  const row = await tx
    .updateTable('access_code')
    .set((eb) => ({ attempts: eb('attempts', '+', 1) }))
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('record_id', 'is not', null)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Codes whose record is gone have nothing left to say. */
export const deleteSpentCodes = async (tx: TenantTx): Promise<void> => {
  await tx.deleteFrom('access_code').where('tenant_id', '=', tx.tenantId).where('record_id', 'is', null).execute()
}
