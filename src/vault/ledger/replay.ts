import type { TenantTx } from '#platform/db/db.ts'
import type { RunningTenant } from '#register/register.ts'
import { updateHold, updateRestricted } from '../holds/sql.ts'
import { dueAt } from '../retention.ts'
import { lockEvents, updateDue } from '../sql.ts'
import type { ErasureLine, HoldLine } from './line.ts'
import { findPromises, insertChange } from './sql.ts'

/* What a restored backup lacks is done again, line by line. `running` is undefined for a tenant that does not run. */

/** Which records of an erasure are there, and by what trigger they went. */
export const findErased = async (tx: TenantTx, line: ErasureLine, running: RunningTenant | undefined) => {
  const records = await findPromises(tx, line.records)
  const declared = running?.activities.get(line.activity)?.retention ?? []
  const rules = [...records.flatMap(({ promise }) => promise), ...declared]
  const trigger = rules.find(({ id }) => id === line.rule)?.trigger ?? null
  return { present: records.map(({ id }) => id), trigger }
}

/** Repeats a change by a hold. False when it is known already, or its record is gone. */
export const changeAgain = async (
  tx: TenantTx,
  line: HoldLine,
  running: RunningTenant | undefined,
): Promise<boolean> => {
  if (!(await insertChange(tx, line))) return false
  const record = await lockEvents(tx, line.record)
  if (!record) return false
  if (line.kind === 'held') await updateHold(tx, line.record, { reason: line.cause, at: line.at })
  if (line.kind === 'released') await updateHold(tx, line.record, null)
  // One that is restricted has had its date before; that one is kept for the release.
  if (line.kind === 'restricted' && !record.isRestricted) {
    const events = { ...record.events, [line.cause]: line.at.toString() }
    const declared = running?.activities.get(record.activity)?.retention ?? []
    const due = dueAt([...record.promise, ...declared], events, running?.tenant.timeZone ?? 'UTC')
    await updateDue(tx, line.record, events, due)
    // Without the line of its hold nothing says any more that it has to be kept.
    if (record.isHeld) await updateRestricted(tx, line.record, line.at)
  }
  return true
}
