import type { Clock } from '#platform/clock.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { type Random, uuid } from '#platform/random.ts'
import type { RunningTenant } from '#register/register.ts'
import type { LegalHoldLine } from '../ledger/line.ts'
import { insertChange } from '../ledger/sql.ts'
import { type LegalHoldReason, type Placed, type Released, restrictedSince } from '../legal-hold.ts'
import { type Due, dueAt, type Events } from '../retention.ts'
import { lockEvents, updateDue } from '../sql.ts'
import * as sql from './sql.ts'

/* What legal holds change: one is placed, restricts what should have been erased, is released; and all that once more after
 * a restore. Each change is a line of the ledger. */

export type LegalHoldDeps = {
  clock: Clock
  random: Random
  /** Called in the transaction that changed something, with the id of the line in the ledger. */
  onLine: (tx: TenantTx, id: string) => Promise<void>
  /** Erases one record, with a line in the ledger. */
  erase: (tx: TenantTx, ids: readonly string[], activity: string, rule: string) => Promise<number>
}

type Change = { kind: 'held'; cause: LegalHoldReason } | { kind: 'restricted'; cause: string } | { kind: 'released' }

const note = async (tx: TenantTx, deps: LegalHoldDeps, record: string, change: Change): Promise<void> => {
  const id = uuid(deps.random)
  await insertChange(tx, { ...change, tenant: tx.tenantId, id, record, at: deps.clock() })
  await deps.onLine(tx, id)
}

/** Places a legal hold on the record with one of these check values. */
export const placeLegalHold = async (
  tx: TenantTx,
  deps: LegalHoldDeps,
  digests: readonly Buffer[],
  reason: LegalHoldReason,
): Promise<Placed> => {
  const now = deps.clock()
  const [record] = await sql.lockByDigest(tx, digests, now)
  if (!record) return { kind: 'unknown' }
  const { legalHold } = record
  if (legalHold) {
    const since = restrictedSince(legalHold.restrictedAt, record.eraseAt, now)
    return {
      kind: 'held-already',
      legalHold: { reason: legalHold.reason, since: legalHold.at, restrictedSince: since },
    }
  }
  await sql.updateLegalHold(tx, record.id, { reason, at: now })
  await note(tx, deps, record.id, { kind: 'held', cause: reason })
  return { kind: 'held', activity: record.activity }
}

/** Ends the legal hold; what it kept beyond its date is erased. */
export const releaseLegalHold = async (
  tx: TenantTx,
  deps: LegalHoldDeps,
  digests: readonly Buffer[],
): Promise<Released> => {
  const [record] = await sql.lockByDigest(tx, digests, deps.clock())
  if (!record) return { kind: 'unknown' }
  if (!record.legalHold) return { kind: 'not-held' }
  await sql.updateLegalHold(tx, record.id, null)
  await note(tx, deps, record.id, { kind: 'released' })
  const { activity, eraseRule: rule, eraseAt } = record
  if (rule === null || restrictedSince(record.legalHold.restrictedAt, eraseAt, deps.clock()) === null)
    return { kind: 'released', eraseAt }
  await deps.erase(tx, [record.id], activity, rule)
  return { kind: 'erased', activity, rule }
}

/** Restricts a held record where another would be erased: this happened, and that is when it should go. */
export const restrict = async (
  tx: TenantTx,
  deps: LegalHoldDeps,
  recordId: string,
  happened: { trigger: string; events: Events; due: Due },
): Promise<void> => {
  await updateDue(tx, recordId, happened.events, happened.due)
  await sql.updateRestricted(tx, recordId, deps.clock())
  await noteRestricted(tx, deps, recordId, happened.trigger)
}

/** Takes down what should have erased a restricted record. */
export const noteRestricted = (tx: TenantTx, deps: LegalHoldDeps, recordId: string, trigger: string): Promise<void> =>
  note(tx, deps, recordId, { kind: 'restricted', cause: trigger })

/** Repeats a change that a restored backup lacks. False when it is known already, or its record is gone. `running` is
 *  undefined for a tenant that does not run. */
export const changeAgain = async (
  tx: TenantTx,
  line: LegalHoldLine,
  running: RunningTenant | undefined,
): Promise<boolean> => {
  if (!(await insertChange(tx, line))) return false
  const record = await lockEvents(tx, line.record)
  if (!record) return false
  if (line.kind === 'held') await sql.updateLegalHold(tx, line.record, { reason: line.cause, at: line.at })
  if (line.kind === 'released') await sql.updateLegalHold(tx, line.record, null)
  // One that is restricted has had its date before; that one is kept for the release.
  if (line.kind === 'restricted' && !record.isRestricted) {
    const events = { ...record.events, [line.cause]: line.at.toString() }
    const declared = running?.activities.get(record.activity)?.retention ?? []
    const due = dueAt([...record.promise, ...declared], events, running?.tenant.timeZone ?? 'UTC')
    await updateDue(tx, line.record, events, due)
    // Without the line of its legal hold nothing says any more that it has to be kept.
    if (record.isHeld) await sql.updateRestricted(tx, line.record, line.at)
  }
  return true
}
