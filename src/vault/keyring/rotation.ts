import type { KeyObject } from 'node:crypto'
import type { Clock } from '#platform/clock.ts'
import type { TenantTx } from '#platform/db/db.ts'
import type { Random } from '#platform/random.ts'
import {
  type Masters,
  newTenantKey,
  openRecordKey,
  rewrapRecordKey,
  rewrapTenantKey,
  type TenantKeys,
} from '../keys.ts'
import { blindIndex, openFields, TamperedError } from '../seal.ts'
import type { Keyring } from './keyring.ts'
import * as sql from './sql.ts'

/*
 * How a tenant gets a new key while everything goes on:
 *   announce   the new generation is in the database, and nobody uses it yet
 *   use        two minutes later every process knows it: new records are sealed under it, all are looked for under both
 *   rewrap     record keys are wrapped anew, and check values of sealed fields made anew, in portions
 *   drop       the old key goes when nothing needs it: check values of which nothing else is stored, like the one of a
 *              manage link, keep it until their records are gone
 */

/** Time for every process to learn of a new generation before it is used. */
const announced = Temporal.Duration.from('PT2M')
/** How long an old key stays at least after it was replaced: longer than anything that was under way with it. */
const retiredFor = Temporal.Duration.from('PT1H')
const portion = 200

type Deps = { masters: Masters; keyring: Keyring; clock: Clock; random: Random }

const isPending = (newest: sql.TenantKeyRow | undefined, now: Temporal.Instant): boolean =>
  newest?.usedFrom != null && Temporal.Instant.compare(newest.usedFrom, now) > 0

/** Whether a key has been announced for the tenant that is not in use yet. */
export const isKeyAnnounced = async (tx: TenantTx, now: Temporal.Instant): Promise<boolean> =>
  isPending((await sql.listTenantKeys(tx))[0], now)

/** Announces a new key for the tenant. Returns from when on it is used; null while an earlier one is not in use yet. */
export const announceKey = async (
  tx: TenantTx,
  { masters, keyring, clock, random }: Deps,
): Promise<Temporal.Instant | null> => {
  const now = clock()
  const [newest] = await sql.lockTenantKeys(tx)
  if (!newest) throw new Error(`tenant ${tx.tenantId} has no key yet`)
  if (isPending(newest, now)) return null
  const [master] = masters.read()
  if (!master) throw new TamperedError()
  const usedFrom = now.add(announced)
  await sql.replaceTenantKey(tx, {
    generation: newest.generation + 1,
    wrapped: newTenantKey(master, tx.tenantId, random),
    at: now,
    usedFrom,
  })
  keyring.forget(tx.tenantId)
  return usedFrom
}

/** The check values of a record's fields under the old key and under the new one, as far as the old ones are there. */
const reindex = (
  fields: Readonly<Record<string, string>>,
  digests: readonly Buffer[],
  before: TenantKeys,
  after: TenantKeys,
): { old: Buffer; now: Buffer }[] =>
  Object.entries(fields).flatMap(([field, value]) =>
    [false, true].flatMap((exact) => {
      const old = blindIndex(before.index, field, value, exact)
      return digests.some((digest) => digest.equals(old))
        ? [{ old, now: blindIndex(after.index, field, value, exact) }]
        : []
    }),
  )

export type Rewrapped = { records: number; failed: number; last: string | null }

/** Wraps up to 200 records anew, those after the given id. What does not open is left as it is and counted; so is what
 *  somebody else has locked, for the next time. No look in the sense of the access trail: nothing leaves this function. */
export const rewrapSome = async (tx: TenantTx, after: string, { keyring, random }: Deps): Promise<Rewrapped> => {
  const { current } = await keyring.ring(tx)
  const rows = await sql.lockOlderKeys(tx, current.generation, after, portion)
  const wrapped: { recordId: string; wrapped: Buffer }[] = []
  const digests: { recordId: string; old: Buffer; now: Buffer }[] = []
  for (const row of rows) {
    try {
      const before = await keyring.ofGeneration(tx, row.generation)
      const key = openRecordKey(before, tx.tenantId, row.id, row.wrapped)
      const place = {
        tenantId: tx.tenantId,
        recordId: row.id,
        activity: row.activity,
        registerVersion: row.registerVersion,
      }
      const changed = reindex(openFields(key, row.sealed, place), row.digests, before, current.keys)
      wrapped.push({ recordId: row.id, wrapped: rewrapRecordKey(current.keys, tx.tenantId, row.id, key, random) })
      digests.push(...changed.map((each) => ({ recordId: row.id, ...each })))
    } catch (error) {
      if (!(error instanceof TamperedError)) throw error
    }
  }
  await sql.updateKeys(tx, current.generation, wrapped)
  await sql.updateDigests(tx, current.generation, digests)
  return { records: wrapped.length, failed: rows.length - wrapped.length, last: rows.at(-1)?.id ?? null }
}

/** Drops old keys that nothing needs any more. Returns how many are left. */
export const dropRetired = async (
  tx: TenantTx,
  { keyring, clock }: Pick<Deps, 'keyring' | 'clock'>,
): Promise<number> => {
  if ((await sql.deleteRetiredKeys(tx, clock().subtract(retiredFor))) > 0) keyring.forget(tx.tenantId)
  return (await sql.listTenantKeys(tx)).length - 1
}

/** Wraps a tenant's keys of all generations with the first of these master keys. Returns how many were not yet.
 *  @throws TamperedError when one opens with none of them. */
export const rewrapTenantKeys = async (
  tx: TenantTx,
  masters: readonly KeyObject[],
  random: Random,
): Promise<number> => {
  const rows = await sql.lockTenantKeys(tx)
  const wrapped = rows.map((row) => ({ ...row, wrapped: rewrapTenantKey(masters, tx.tenantId, row.wrapped, random) }))
  const changed = wrapped.filter((row, i) => row.wrapped !== rows[i]?.wrapped)
  await sql.updateTenantKeys(tx, changed)
  return changed.length
}
