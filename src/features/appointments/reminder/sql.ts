import { sql } from 'kysely'
import type { TenantTx } from '#platform/db/db.ts'
import { at, instant } from '#platform/db/instants.ts'

const selectDue = (tx: TenantTx, now: Temporal.Instant) =>
  tx
    .selectFrom('appointment')
    .select(['id', 'reminder_id'])
    .where('tenant_id', '=', tx.tenantId)
    .where('remind_at', '<=', at(now))

// Who has been told that the office is closed then is not reminded to come, unless it opens again.
const selectToRemind = (tx: TenantTx, now: Temporal.Instant) => selectDue(tx, now).where('displaced_at', 'is', null)

/** Appointments of which to remind now, the longest due first. */
export const listDue = async (tx: TenantTx, now: Temporal.Instant, limit: number): Promise<string[]> =>
  (await selectToRemind(tx, now).orderBy('remind_at').limit(limit).execute()).map(({ id }) => id)

/** The envelopes that due reminders have been given, with their appointments. */
export const listDueEnvelopes = async (tx: TenantTx, now: Temporal.Instant): Promise<Map<string, string>> =>
  new Map((await selectDue(tx, now).execute()).map(({ id, reminder_id }) => [reminder_id ?? '', id]))

/** Takes a due reminder for this transaction; null when there is none (any more), or another worker has it in hand. The
 *  appointment stays locked. */
export const takeDue = async (tx: TenantTx, id: string, now: Temporal.Instant): Promise<string | null> => {
  const due = await selectToRemind(tx, now).where('id', '=', id).forUpdate().skipLocked().executeTakeFirst()
  if (!due) return null
  await forget(tx, [id])
  return due.reminder_id
}

/** These appointments have no reminder to come any more. */
export const forget = async (tx: TenantTx, ids: readonly string[]): Promise<void> => {
  await tx
    .updateTable('appointment')
    .set({ remind_at: null, reminder_id: null })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', sql<string>`any(${ids}::uuid[])`)
    .execute()
}

/** When an appointment's reminder goes out; null when none is to come, or its time is closed. */
export const findReminder = async (tx: TenantTx, id: string): Promise<Temporal.Instant | null> => {
  const row = await tx
    .selectFrom('appointment')
    .select('remind_at')
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('displaced_at', 'is', null)
    .executeTakeFirst()
  return row?.remind_at ? instant(row.remind_at) : null
}
