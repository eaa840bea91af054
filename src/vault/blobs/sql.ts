import { sql } from 'kysely'
import type { TenantTx } from '#platform/db/db.ts'
import { at, instant } from '#platform/db/instants.ts'
import type { BlobRef } from './blobs.ts'

export type BlobRow = {
  id: string
  recordId: string
  field: string
  chunks: number
  size: number
  /** null until it is whole. */
  sealedEnd: Buffer | null
}

/** Of a file `b` whose record may be used: it is neither past its date nor restricted. */
const ofRecordInUse = (now: Temporal.Instant) => sql<boolean>`exists (
  select from vault.record r where r.tenant_id = b.tenant_id and r.id = b.record_id
    and r.restricted_at is null and (r.erase_at is null or r.erase_at > ${at(now)}))`

const selectBlobs = (tx: TenantTx, now: Temporal.Instant) =>
  tx
    .selectFrom('vault.blob as b')
    .select(['b.id', 'b.record_id as recordId', 'b.field', 'b.chunks', 'b.size', 'b.sealed_end as sealedEnd'])
    .where('b.tenant_id', '=', tx.tenantId)
    .where(ofRecordInUse(now))
    .where((eb) => eb.or([eb('b.unfinished_until', 'is', null), eb('b.unfinished_until', '>', at(now))]))

const selectBlob = (tx: TenantTx, { id, recordId }: BlobRef, now: Temporal.Instant) =>
  selectBlobs(tx, now).where('b.id', '=', id).where('b.record_id', '=', recordId)

export const insertBlob = async (
  tx: TenantTx,
  blob: { id: string; recordId: string; field: string; until: Temporal.Instant },
): Promise<void> => {
  await tx
    .insertInto('vault.blob')
    .values({
      tenant_id: tx.tenantId,
      id: blob.id,
      record_id: blob.recordId,
      field: blob.field,
      unfinished_until: blob.until.toString(),
    })
    .execute()
}

/** A file of this record; null also where its time to be finished is over, or the record is past its date or restricted. */
export const findBlob = async (tx: TenantTx, file: BlobRef, now: Temporal.Instant): Promise<BlobRow | null> =>
  (await selectBlob(tx, file, now).executeTakeFirst()) ?? null

/** The same, locked against a change at the same time. */
export const lockBlob = async (tx: TenantTx, file: BlobRef, now: Temporal.Instant): Promise<BlobRow | null> =>
  (await selectBlob(tx, file, now).forUpdate('b').executeTakeFirst()) ?? null

export const listBlobs = (tx: TenantTx, recordId: string, now: Temporal.Instant): Promise<BlobRow[]> =>
  selectBlobs(tx, now).where('b.record_id', '=', recordId).orderBy('b.id').execute()

/** Stores a chunk at the end of a file that is as large as the writer knows it, in place of one that was not full; one
 *  statement. False: it is not (any more). */
export const writeChunk = async (
  tx: TenantTx,
  id: string,
  chunk: { number: number; sealed: Buffer; sizeBefore: number; sizeAfter: number },
  now: Temporal.Instant,
): Promise<boolean> => {
  const { numAffectedRows } = await sql`
    with grown as (
      update vault.blob b set chunks = ${chunk.number + 1}, size = ${chunk.sizeAfter}
      where tenant_id = ${tx.tenantId} and id = ${id} and size = ${chunk.sizeBefore}
        and unfinished_until > ${at(now)} and ${ofRecordInUse(now)}
      returning id
    )
    insert into vault.blob_chunk (tenant_id, blob_id, number, sealed)
    select ${tx.tenantId}, id, ${chunk.number}, ${chunk.sealed} from grown
    on conflict (tenant_id, blob_id, number) do update set sealed = excluded.sealed`.execute(tx)
  return Number(numAffectedRows ?? 0) > 0
}

/** A chunk as it is stored; null when it is not there, or its record may not be used (any more). */
export const findChunk = async (
  tx: TenantTx,
  id: string,
  number: number,
  now: Temporal.Instant,
): Promise<{ sealed: Buffer } | null> =>
  (await tx
    .selectFrom('vault.blob_chunk as c')
    .innerJoin('vault.blob as b', (join) =>
      join.onRef('b.tenant_id', '=', 'c.tenant_id').onRef('b.id', '=', 'c.blob_id'),
    )
    .select('c.sealed')
    .where('c.tenant_id', '=', tx.tenantId)
    .where('c.blob_id', '=', id)
    .where('c.number', '=', number)
    .where(ofRecordInUse(now))
    .executeTakeFirst()) ?? null

export const updateFinished = async (tx: TenantTx, id: string, sealedEnd: Buffer): Promise<void> => {
  await tx
    .updateTable('vault.blob')
    .set({ sealed_end: sealedEnd, unfinished_until: null })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}

/** An unfinished file `b` that may go: whose record is not held. */
const mayGo = sql<boolean>`not exists (
  select from vault.record r where r.tenant_id = b.tenant_id and r.id = b.record_id and r.hold_reason is not null)`

/** False: there is no such file of this record, it is whole, or a legal hold keeps it. */
export const deleteUnfinished = async (tx: TenantTx, { id, recordId }: BlobRef): Promise<boolean> =>
  Number(
    (
      await sql`delete from vault.blob b
        where tenant_id = ${tx.tenantId} and id = ${id} and record_id = ${recordId}
          and unfinished_until is not null and ${mayGo}`.execute(tx)
    ).numAffectedRows ?? 0,
  ) > 0

/** Deletes what was begun and not finished in time. */
export const deleteStale = async (tx: TenantTx, now: Temporal.Instant): Promise<void> => {
  await sql`delete from vault.blob b
    where tenant_id = ${tx.tenantId} and unfinished_until <= ${now.toString()}::timestamptz and ${mayGo}`.execute(tx)
}

/** When the first file that was begun and not finished has to go. */
export const firstStale = async (tx: TenantTx): Promise<Temporal.Instant | null> => {
  const { rows } = await sql<{ first: Date | null }>`
    select min(unfinished_until) as first from vault.blob b
    where tenant_id = ${tx.tenantId} and unfinished_until is not null and ${mayGo}`.execute(tx)
  return rows[0]?.first ? instant(rows[0].first) : null
}

/** How many bytes the files of each of these records have; a record without any is not there. */
export const sizesOf = async (tx: TenantTx, records: readonly string[]): Promise<ReadonlyMap<string, number>> => {
  const { rows } = await sql<{ record_id: string; size: string }>`
    select record_id, sum(size) as size from vault.blob
    where tenant_id = ${tx.tenantId} and record_id = any(${records}::uuid[]) group by record_id`.execute(tx)
  return new Map(rows.map(({ record_id, size }) => [record_id, Number(size)]))
}

/** What should not be there: files without their record, chunks without their file, whole files of which a chunk is missing
 *  or too many are there. The foreign keys keep the first two away, unless somebody has taken them off. */
export const countBroken = async (
  tx: TenantTx,
): Promise<{ withoutRecord: number; withoutFile: number; incomplete: number }> => {
  const { rows } = await sql<{ withoutRecord: number; withoutFile: number; incomplete: number }>`
    select
      (select count(*)::int from vault.blob b where b.tenant_id = ${tx.tenantId} and not exists (
        select from vault.record r where r.tenant_id = b.tenant_id and r.id = b.record_id)) as "withoutRecord",
      (select count(*)::int from vault.blob_chunk c where c.tenant_id = ${tx.tenantId} and not exists (
        select from vault.blob b where b.tenant_id = c.tenant_id and b.id = c.blob_id)) as "withoutFile",
      (select count(*)::int from vault.blob b where b.tenant_id = ${tx.tenantId} and b.chunks <> (
        select count(*) from vault.blob_chunk c where c.tenant_id = b.tenant_id and c.blob_id = b.id)) as incomplete
    `.execute(tx)
  return rows[0] ?? { withoutRecord: 0, withoutFile: 0, incomplete: 0 }
}
