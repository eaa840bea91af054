import type { Clock } from '#platform/clock.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { type Random, uuid } from '#platform/random.ts'
import { insertChange } from '../ledger/sql.ts'
import type { Due, Events } from '../retention.ts'
import { updateDue } from '../sql.ts'
import { type Held, type HoldReason, type Released, restrictedSince } from './hold.ts'
import * as sql from './sql.ts'

export type HoldParts = {
  clock: Clock
  random: Random
  /** Called in the transaction that changed something, with the id of the line in the ledger. */
  onLine: (tx: TenantTx, id: string) => Promise<void>
  /** Erases one record, with a line in the ledger. */
  erase: (tx: TenantTx, ids: readonly string[], activity: string, rule: string) => Promise<number>
}

type Change = { kind: 'held'; cause: HoldReason } | { kind: 'restricted'; cause: string } | { kind: 'released' }

const note = async (tx: TenantTx, parts: HoldParts, record: string, change: Change): Promise<void> => {
  const id = uuid(parts.random)
  await insertChange(tx, { ...change, tenant: tx.tenantId, id, record, at: parts.clock() })
  await parts.onLine(tx, id)
}

/** Holds the record with one of these check values. */
export const placeHold = async (
  tx: TenantTx,
  parts: HoldParts,
  digests: readonly Buffer[],
  reason: HoldReason,
): Promise<Held> => {
  const now = parts.clock()
  const [record] = await sql.lockByDigest(tx, digests, now)
  if (!record) return { kind: 'unknown' }
  const { hold } = record
  if (hold) {
    const since = restrictedSince(hold.restrictedAt, record.eraseAt, now)
    return { kind: 'held-already', hold: { reason: hold.reason, since: hold.at, restrictedSince: since } }
  }
  await sql.updateHold(tx, record.id, { reason, at: now })
  await note(tx, parts, record.id, { kind: 'held', cause: reason })
  return { kind: 'held', activity: record.activity }
}

/** Ends the hold; what it kept beyond its date is erased. */
export const releaseHold = async (tx: TenantTx, parts: HoldParts, digests: readonly Buffer[]): Promise<Released> => {
  const [record] = await sql.lockByDigest(tx, digests, parts.clock())
  if (!record) return { kind: 'unknown' }
  if (!record.hold) return { kind: 'not-held' }
  await sql.updateHold(tx, record.id, null)
  await note(tx, parts, record.id, { kind: 'released' })
  const { activity, eraseRule: rule, eraseAt } = record
  if (rule === null || restrictedSince(record.hold.restrictedAt, eraseAt, parts.clock()) === null)
    return { kind: 'released', eraseAt }
  await parts.erase(tx, [record.id], activity, rule)
  return { kind: 'erased', activity, rule }
}

/** Restricts a held record where another would be erased: this happened, and that is when it should go. */
export const restrict = async (
  tx: TenantTx,
  parts: HoldParts,
  recordId: string,
  happened: { trigger: string; events: Events; due: Due },
): Promise<void> => {
  await updateDue(tx, recordId, happened.events, happened.due)
  await sql.updateRestricted(tx, recordId, parts.clock())
  await noteRestricted(tx, parts, recordId, happened.trigger)
}

/** Takes down what should have erased a restricted record. */
export const noteRestricted = (tx: TenantTx, parts: HoldParts, recordId: string, trigger: string): Promise<void> =>
  note(tx, parts, recordId, { kind: 'restricted', cause: trigger })
