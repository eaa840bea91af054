import { sql } from 'kysely'
import type { TenantTx } from '#platform/db/db.ts'
import { at, instant } from '#platform/db/instants.ts'
import { anyWithDigest } from '../keyring/sql.ts'
import type { LegalHoldReason } from '../legal-hold.ts'

/** A legal hold as it is stored; `restrictedAt` as far as it has been noted. */
export type LegalHoldRow = { reason: LegalHoldReason; at: Temporal.Instant; restrictedAt: Temporal.Instant | null }

export const legalHoldColumns = ['r.hold_reason', 'r.held_at', 'r.restricted_at'] as const

export const toLegalHold = (row: {
  hold_reason: string | null
  held_at: Date | null
  restricted_at: Date | null
}): LegalHoldRow | null =>
  row.hold_reason && row.held_at
    ? {
        reason: row.hold_reason as LegalHoldReason,
        at: instant(row.held_at),
        restrictedAt: row.restricted_at && instant(row.restricted_at),
      }
    : null

/** Of a record `r` that is still there: one that is not past its date, or is held. */
export const isThere = (now: Temporal.Instant) =>
  sql<boolean>`(r.hold_reason is not null or r.erase_at is null or r.erase_at > ${at(now)})`

/** The records with this check value, locked: activity, date, rule and legal hold, nothing of what is sealed. Not the ones
 *  that are past their date without being held. */
export const lockByDigest = async (tx: TenantTx, digests: readonly Buffer[], now: Temporal.Instant) => {
  const rows = await tx
    .selectFrom('vault.record as r')
    .select(['r.id', 'r.activity', 'r.erase_at', 'r.erase_rule', ...legalHoldColumns])
    .where('r.tenant_id', '=', tx.tenantId)
    .where(sql<boolean>`r.id = ${anyWithDigest(tx, digests)}`)
    .where(isThere(now))
    .forUpdate()
    .execute()
  return rows.map((row) => ({
    id: row.id,
    activity: row.activity,
    eraseAt: row.erase_at && instant(row.erase_at),
    eraseRule: row.erase_rule,
    legalHold: toLegalHold(row),
  }))
}

/** Places a legal hold, or with null takes it away. */
export const updateLegalHold = async (
  tx: TenantTx,
  id: string,
  legalHold: { reason: LegalHoldReason; at: Temporal.Instant } | null,
): Promise<void> => {
  await tx
    .updateTable('vault.record')
    .set({ hold_reason: legalHold?.reason ?? null, held_at: legalHold?.at.toString() ?? null, restricted_at: null })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}

export const updateRestricted = async (tx: TenantTx, id: string, at: Temporal.Instant): Promise<void> => {
  await tx
    .updateTable('vault.record')
    .set({ restricted_at: at.toString() })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}

/** Restricts what is due but held. */
export const restrictDue = async (tx: TenantTx, now: Temporal.Instant): Promise<void> => {
  await sql`update vault.record set restricted_at = ${now.toString()}
    where tenant_id = ${tx.tenantId} and hold_reason is not null and restricted_at is null
      and erase_at <= ${now.toString()}::timestamptz`.execute(tx)
}
