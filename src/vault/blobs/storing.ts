import type { KeyObject } from 'node:crypto'
import type { InTenant, TenantTx } from '#platform/db/db.ts'
import { uuid } from '#platform/random.ts'
import { getActivity } from '#register/register.ts'
import type { Core } from '../core.ts'
import { declaredBlob } from '../fields.ts'
import { refusePurpose } from '../purposes.ts'
import { endOf } from '../retention.ts'
import { TamperedError } from '../seal.ts'
import { findRecords, lockRecord, type RecordRow } from '../sql.ts'
import { insertLook } from '../trail/sql.ts'
import { type Appended, type Blob, BlobGoneError, type BlobRef, type Blobs } from './blobs.ts'
import {
  type BlobPlace,
  checkEnd,
  chunkSize,
  type Extent,
  intoChunks,
  lengthOf,
  openChunk,
  sealChunk,
  sealEnd,
} from './chunks.ts'
import * as sql from './sql.ts'

const gone = 'the record of this file is gone, or restricted'

/** A file in hand: where it belongs, its record's key, and how much is there. */
type Opened = { key: KeyObject; place: BlobPlace; extent: Extent; record: RecordRow; row: sql.BlobRow }

const toBlob = (row: sql.BlobRow): Blob => ({
  id: row.id,
  recordId: row.recordId,
  field: row.field,
  size: row.size,
  isFinished: row.sealedEnd !== null,
})

const refOf = ({ recordId, blobId }: BlobPlace): BlobRef => ({ recordId, id: blobId })

/** Files in chunks, each a transaction of its own. */
export const storing = (core: Core): Blobs => {
  const { clock, random } = core

  const opened = async (tx: TenantTx, row: sql.BlobRow | null): Promise<Opened | null> => {
    const [record] = row ? await findRecords(tx, [row.recordId], clock()) : []
    if (!row || !record) return null
    const { key } = await core.keyOf(tx, record)
    const place = { tenantId: tx.tenantId, recordId: row.recordId, blobId: row.id, field: row.field }
    return { key, place, extent: { chunks: row.chunks, size: row.size }, record, row }
  }

  const chunkOf = async (tx: TenantTx, { key, place, extent }: Opened, number: number): Promise<Buffer> => {
    const chunk = await sql.findChunk(tx, place.blobId, number, clock())
    if (!chunk) throw (await sql.findBlob(tx, refOf(place), clock())) ? new TamperedError() : new BlobGoneError(gone)
    const bytes = openChunk(key, place, number, chunk.sealed)
    if (bytes.length !== lengthOf(number, extent.size)) throw new TamperedError()
    return bytes
  }

  /** What is known before the first byte is taken; or why none is. */
  const beginAppending = async (tx: TenantTx, ref: BlobRef, from: number) => {
    const file = await opened(tx, await sql.findBlob(tx, ref, clock()))
    if (!file) return { kind: 'gone' } as const
    const { size, chunks } = file.extent
    if (file.row.sealedEnd) return { kind: 'finished', size } as const
    if (size !== from) return { kind: 'elsewhere', size } as const
    const activity = getActivity(core.runningOf(tx), file.record.activity)
    const { maxBytes } = declaredBlob(activity, file.place.field)
    const begun = size % chunkSize > 0 ? await chunkOf(tx, file, chunks - 1) : Buffer.alloc(0)
    return { kind: 'open', file, maxBytes, begun } as const
  }

  const whyNot = async (inTenant: InTenant, ref: BlobRef, size: number): Promise<Appended> => {
    const found = await inTenant((tx) => beginAppending(tx, ref, size))
    return found.kind === 'open' ? { kind: 'elsewhere', size } : found
  }

  const append: Blobs['append'] = async (inTenant, ref, from, source) => {
    const found = await inTenant((tx) => beginAppending(tx, ref, from))
    if (found.kind !== 'open') return found
    const { file, maxBytes, begun } = found
    const { key, place } = file
    let size = from
    for await (const bytes of intoChunks(source, begun)) {
      const number = Math.floor(size / chunkSize)
      const sizeAfter = number * chunkSize + bytes.length
      if (sizeAfter > maxBytes) return { kind: 'too-large', maxBytes }
      if (sizeAfter === size) break // nothing came after a chunk that was not full
      const chunk = { number, sealed: sealChunk(key, place, number, bytes, random), sizeBefore: size, sizeAfter }
      if (!(await inTenant((tx) => sql.writeChunk(tx, ref.id, chunk, clock())))) return whyNot(inTenant, ref, size)
      size = sizeAfter
    }
    return { kind: 'stored', size }
  }

  async function* bytesOf(inTenant: InTenant, file: Opened): AsyncGenerator<Buffer> {
    for (let number = 0; number < file.extent.chunks; number++) {
      yield await inTenant((tx) => chunkOf(tx, file, number))
    }
  }

  return {
    begin: async (tx, recordId, field) => {
      const record = await lockRecord(tx, recordId, clock())
      if (!record) return null
      const running = core.runningOf(tx)
      const { most, unfinished } = declaredBlob(getActivity(running, record.activity), field)
      const there = (await sql.listBlobs(tx, recordId, clock())).filter((each) => each.field === field)
      if (there.length >= most) return null
      const id = uuid(random)
      const until = endOf(clock(), unfinished, running.tenant.timeZone)
      await sql.insertBlob(tx, { id, recordId, field, until })
      return { recordId, id }
    },

    append,

    finish: async (tx, ref) => {
      const found = await sql.findBlob(tx, ref, clock())
      if (!found || !(await lockRecord(tx, found.recordId, clock()))) return null // the record first, as who erases it does
      const file = await opened(tx, await sql.lockBlob(tx, ref, clock()))
      if (!file) return null
      if (!file.row.sealedEnd) await sql.updateFinished(tx, ref.id, sealEnd(file.key, file.place, file.extent, random))
      return { ...toBlob(file.row), isFinished: true }
    },

    giveUp: sql.deleteUnfinished,

    find: async (tx, ref) => {
      const row = await sql.findBlob(tx, ref, clock())
      return row && toBlob(row)
    },

    list: async (tx, recordId) => (await sql.listBlobs(tx, recordId, clock())).map(toBlob),

    read: async (inTenant, ref, access) => {
      const file = await inTenant(async (tx) => {
        const found = await opened(tx, await sql.findBlob(tx, ref, clock()))
        if (!found?.row.sealedEnd) return null
        const { record, key, place, extent } = found
        refusePurpose(getActivity(core.runningOf(tx), record.activity), record.purposes, access)
        checkEnd(key, place, extent, found.row.sealedEnd)
        await insertLook(tx, { id: uuid(random), records: [record.id], ...access, at: clock() })
        return found
      })
      return file && { size: file.extent.size, bytes: bytesOf(inTenant, file) }
    },
  }
}
