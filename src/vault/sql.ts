import { sql } from 'kysely'
import type { TenantTx } from '#platform/db/db.ts'
import { at, instant } from '#platform/db/instants.ts'
import { anyWithDigest } from './keyring/sql.ts'
import { isThere, type LegalHoldRow, legalHoldColumns, toLegalHold } from './legal-holds/sql.ts'
import type { Due, Events, Rule } from './retention.ts'

export type RecordRow = {
  id: string
  activity: string
  registerVersion: string
  /** Ids of the purposes that its activity had when it was made; null where that was not noted yet. */
  purposes: string[] | null
  sealed: Buffer
  wrapped: Buffer
  /** Of the tenant's key that wraps this record's. */
  generation: number
  events: Events
  eraseAt: Temporal.Instant | null
  eraseRule: string | null
  legalHold: LegalHoldRow | null
  createdAt: Temporal.Instant
}

/** One statement: record, key and blind indexes come into being together. */
export const insertRecord = async (
  tx: TenantTx,
  row: {
    id: string
    activity: string
    registerVersion: string
    sealed: Buffer
    wrapped: Buffer
    generation: number
    digests: Buffer[]
    events: Events
    promise: readonly Rule[]
    purposes: readonly string[]
    due: Due | null
    at: Temporal.Instant
  },
): Promise<void> => {
  await sql`
    with r as (
      insert into vault.record (tenant_id, id, activity, register_version, sealed, events, promise, purposes, erase_at, erase_rule, created_at)
      values (${tx.tenantId}, ${row.id}, ${row.activity}, ${row.registerVersion}, ${row.sealed},
              ${JSON.stringify(row.events)}, ${JSON.stringify(row.promise)}, ${row.purposes}, ${row.due?.at.toString() ?? null}, ${row.due?.rule ?? null}, ${row.at.toString()})
    ), k as (
      insert into vault.key (tenant_id, record_id, wrapped, generation)
      values (${tx.tenantId}, ${row.id}, ${row.wrapped}, ${row.generation})
    )
    insert into vault.blind_index (tenant_id, digest, record_id, generation)
    select ${tx.tenantId}::uuid, digest, ${row.id}::uuid, ${row.generation}::int from unnest(${row.digests}::bytea[]) digest
    on conflict do nothing`.execute(tx)
}

/** Which records are looked for: those in use, or those that are only kept any more because of a legal hold. */
export type Readable = 'in-use' | 'restricted'

/** Records as they may be read: one that is past its date is as good as erased, also before a sweep has come by; under a
 *  hold it is restricted. */
const selectRecords = (tx: TenantTx, now: Temporal.Instant, which: Readable = 'in-use') =>
  tx
    .selectFrom('vault.record as r')
    .innerJoin('vault.key as k', (join) =>
      join.onRef('k.tenant_id', '=', 'r.tenant_id').onRef('k.record_id', '=', 'r.id'),
    )
    .select([
      'r.id',
      'r.activity',
      'r.register_version',
      'r.purposes',
      'r.sealed',
      'k.wrapped',
      'k.generation',
      'r.events',
      'r.erase_at',
      'r.erase_rule',
      'r.created_at',
      ...legalHoldColumns,
    ])
    .where('r.tenant_id', '=', tx.tenantId)
    .where((eb) => {
      return which === 'in-use'
        ? eb.and([
            eb('r.restricted_at', 'is', null),
            eb.or([eb('r.erase_at', 'is', null), eb('r.erase_at', '>', at(now))]),
          ])
        : eb.and([
            eb('r.hold_reason', 'is not', null),
            eb.or([eb('r.restricted_at', 'is not', null), eb('r.erase_at', '<=', at(now))]),
          ])
    })

type Selected = Awaited<ReturnType<ReturnType<typeof selectRecords>['execute']>>[number]

const toRow = (row: Selected): RecordRow => ({
  id: row.id,
  activity: row.activity,
  registerVersion: row.register_version,
  purposes: row.purposes,
  sealed: row.sealed,
  wrapped: row.wrapped,
  generation: row.generation,
  events: row.events,
  eraseAt: row.erase_at && instant(row.erase_at),
  eraseRule: row.erase_rule,
  legalHold: toLegalHold(row),
  createdAt: instant(row.created_at),
})

/** In no order. */
export const findRecords = async (
  tx: TenantTx,
  ids: readonly string[],
  now: Temporal.Instant,
): Promise<RecordRow[]> => {
  const rows = await selectRecords(tx, now).where('r.id', '=', sql<string>`any(${ids}::uuid[])`).execute()
  return rows.map(toRow)
}

/** One of them, locked against a change at the same time. */
export const lockRecord = async (tx: TenantTx, id: string, now: Temporal.Instant): Promise<RecordRow | null> => {
  const row = await selectRecords(tx, now).where('r.id', '=', id).forUpdate('r').executeTakeFirst()
  return row ? toRow(row) : null
}

/** `digests`: the value's check values under each generation of the tenant's key. */
export const findByDigest = async (
  tx: TenantTx,
  digests: readonly Buffer[],
  { now, which, activities }: { now: Temporal.Instant; which: Readable; activities: readonly string[] },
): Promise<RecordRow[]> => {
  const rows = await selectRecords(tx, now, which)
    .where('r.activity', 'in', activities)
    .where(sql<boolean>`r.id = ${anyWithDigest(tx, digests)}`)
    .orderBy('r.created_at')
    .orderBy('r.id')
    .execute()
  return rows.map(toRow)
}

/** Records in use and restricted ones alike, oldest first. */
export const listByDigest = async (
  tx: TenantTx,
  digests: readonly Buffer[],
  now: Temporal.Instant,
): Promise<{ id: string; activity: string }[]> =>
  tx
    .selectFrom('vault.record as r')
    .select(['r.id', 'r.activity'])
    .where('r.tenant_id', '=', tx.tenantId)
    .where(sql<boolean>`r.id = ${anyWithDigest(tx, digests)}`)
    .where(isThere(now))
    .orderBy('r.created_at')
    .orderBy('r.id')
    .execute()

/** Whether the record is found by one of these check values. */
export const hasDigest = async (tx: TenantTx, recordId: string, digests: readonly Buffer[]): Promise<boolean> =>
  (await tx
    .selectFrom('vault.blind_index')
    .select('record_id')
    .where('tenant_id', '=', tx.tenantId)
    .where('digest', 'in', digests)
    .where('record_id', '=', recordId)
    .executeTakeFirst()) !== undefined

export const insertDigest = async (
  tx: TenantTx,
  recordId: string,
  generation: number,
  digest: Buffer,
): Promise<void> => {
  await tx
    .insertInto('vault.blind_index')
    .values({ tenant_id: tx.tenantId, digest, record_id: recordId, generation })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Takes away what a record is found by, but for these values. */
export const deleteOtherDigests = async (tx: TenantTx, recordId: string, kept: readonly Buffer[]): Promise<void> => {
  await sql`
    delete from vault.blind_index
    where tenant_id = ${tx.tenantId} and record_id = ${recordId} and digest <> all(${kept}::bytea[])`.execute(tx)
}

export const updateSealed = async (
  tx: TenantTx,
  id: string,
  registerVersion: string,
  sealed: Buffer,
): Promise<void> => {
  await tx
    .updateTable('vault.record')
    .set({ sealed, register_version: registerVersion })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}

/** Nothing happens where the record has the purpose, or was made when none were noted: then those of today hold. */
export const addPurpose = async (tx: TenantTx, id: string, purpose: string): Promise<void> => {
  await tx
    .updateTable('vault.record')
    .set({ purposes: sql<string[]>`array_append(purposes, ${purpose})` })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where(sql<boolean>`${purpose} <> all (purposes)`)
    .execute()
}

/** Locks the record against a second event at the same time. */
export const lockEvents = async (
  tx: TenantTx,
  id: string,
): Promise<{ activity: string; events: Events; promise: Rule[]; isHeld: boolean; isRestricted: boolean } | null> =>
  (await tx
    .selectFrom('vault.record')
    .select(['activity', 'events', 'promise'])
    .select((eb) => [
      eb('hold_reason', 'is not', null).$castTo<boolean>().as('isHeld'),
      eb('restricted_at', 'is not', null).$castTo<boolean>().as('isRestricted'),
    ])
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()) ?? null

export const updateDue = async (tx: TenantTx, id: string, events: Events, due: Due | null): Promise<void> => {
  await tx
    .updateTable('vault.record')
    .set({ events: JSON.stringify(events), erase_at: due?.at.toString() ?? null, erase_rule: due?.rule ?? null })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}

/** Erases records with their keys, indexes and access trail, and writes the ledger, in one statement. Returns how many
 *  there were. @throws when one of them is held: the database refuses. */
export const eraseRecords = async (
  tx: TenantTx,
  ids: readonly string[],
  ledger: { id: string; activity: string; rule: string; at: Temporal.Instant },
): Promise<number> => {
  const { rows } = await sql<{ records: number }>`
    with gone as (
      delete from vault.record where tenant_id = ${tx.tenantId} and id = any(${ids}::uuid[]) returning id
    ), trail as (
      delete from vault.access where tenant_id = ${tx.tenantId} and record_id = any(${ids}::uuid[])
    )
    insert into vault.erasure (tenant_id, id, activity, rule, record_ids, erased_at)
    select ${tx.tenantId}, ${ledger.id}, ${ledger.activity}, ${ledger.rule}, array_agg(id), ${ledger.at.toString()}
    from gone having count(*) > 0
    returning cardinality(record_ids) as records`.execute(tx)
  return rows[0]?.records ?? 0
}

/** Locks what is due, so that two workers do not erase the same; at most `limit` records. */
export const lockDue = async (tx: TenantTx, now: Temporal.Instant, limit: number) =>
  tx
    .selectFrom('vault.record')
    .select(['id', 'activity', 'erase_rule as rule'])
    .where('tenant_id', '=', tx.tenantId)
    .where('erase_at', '<=', at(now))
    .where('hold_reason', 'is', null)
    .orderBy('erase_at')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute()

/** Records whose due date was computed under another version of the register. */
export const listOfOtherVersions = async (tx: TenantTx, activity: string, registerVersion: string) =>
  tx
    .selectFrom('vault.record')
    .select(['id', 'events', 'promise', 'erase_at'])
    .where('tenant_id', '=', tx.tenantId)
    .where('activity', '=', activity)
    .where('register_version', '!=', registerVersion)
    .where('restricted_at', 'is', null)
    .forUpdate()
    .execute()
