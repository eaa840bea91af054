import type { KeyObject } from 'node:crypto'
import type { Random } from '#platform/random.ts'
import { decrypt, encrypt, TamperedError } from '../seal.ts'

/*
 * How a file is sealed: in chunks of 256 KiB, of which the last may be shorter, each an envelope of seal.ts under the key of
 * the record; and an end, which says how many chunks and bytes there are. Tenant, record, file and field are bound to each
 * of them as additional data, to a chunk its number, to the end the two numbers.
 *
 *   chunk:   envelope of its bytes     additional data: ["chunk", tenant, record, file, field, number]
 *   end:     envelope of nothing       additional data: ["end", tenant, record, file, field, chunks, bytes]
 *
 * A nonce is random and never made of the number: a chunk whose transaction was cut is sealed again, maybe with other bytes.
 * A file of 100 MiB takes 400 of the 2^32 nonces that a key may have (NIST SP 800-38D, 8.3).
 */

/** Bytes of every chunk but the last. */
export const chunkSize = 256 * 1024

/** Where a file belongs. */
export type BlobPlace = { tenantId: string; recordId: string; blobId: string; field: string }

/** How much of a file there is. */
export type Extent = { chunks: number; size: number }

const context = (what: 'chunk' | 'end', place: BlobPlace, ...numbers: number[]): Buffer =>
  Buffer.from(JSON.stringify([what, place.tenantId, place.recordId, place.blobId, place.field, ...numbers]))

/** `number` counts from 0. */
export const sealChunk = (key: KeyObject, place: BlobPlace, number: number, bytes: Uint8Array, random: Random) =>
  encrypt(key, bytes, context('chunk', place, number), random)

/** The inverse of `sealChunk`. @throws TamperedError */
export const openChunk = (key: KeyObject, place: BlobPlace, number: number, sealed: Uint8Array): Buffer =>
  decrypt(key, sealed, context('chunk', place, number))

export const sealEnd = (key: KeyObject, place: BlobPlace, { chunks, size }: Extent, random: Random): Buffer =>
  encrypt(key, new Uint8Array(), context('end', place, chunks, size), random)

/** Whether a file really ends here. @throws TamperedError when it does not */
export const checkEnd = (key: KeyObject, place: BlobPlace, { chunks, size }: Extent, sealed: Uint8Array): void => {
  decrypt(key, sealed, context('end', place, chunks, size))
  if (chunks !== Math.ceil(size / chunkSize)) throw new TamperedError()
}

/** How many bytes the chunk of this number has in a whole file of so many. */
export const lengthOf = (number: number, size: number): number => Math.min(chunkSize, size - number * chunkSize)

/** Bytes in pieces of any length as pieces of a chunk's length; only the last one may be shorter. `begun`: the bytes of a
 *  chunk that is not full yet, which come first. One piece is in memory; it is good until the next one is asked for. */
export async function* intoChunks(source: AsyncIterable<Uint8Array>, begun: Uint8Array): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.allocUnsafe(chunkSize)
  chunk.set(begun)
  let filled = begun.length
  for await (const piece of source) {
    for (let taken = 0; taken < piece.length; ) {
      const part = piece.subarray(taken, taken + chunkSize - filled)
      chunk.set(part, filled)
      filled += part.length
      taken += part.length
      if (filled === chunkSize) {
        yield chunk
        filled = 0
      }
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled)
}
