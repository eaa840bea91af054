import { createSecretKey } from 'node:crypto'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { systemRandom } from '#platform/random.ts'
import { TamperedError } from '../seal.ts'
import { checkEnd, chunkSize, intoChunks, lengthOf, openChunk, sealChunk, sealEnd } from './chunks.ts'

const key = createSecretKey(systemRandom(32))
const place = { tenantId: 't', recordId: 'r', blobId: 'b', field: 'photo' }
/** Cheap bytes that differ from place to place. */
const bytesOf = (length: number): Buffer => Buffer.alloc(length, 'ein Foto, ')

const cut = (whole: Buffer, at: readonly number[]): Buffer[] => {
  const ends = [...at.map((part) => Math.floor(part * whole.length)), whole.length].sort((a, b) => a - b)
  return ends.map((end, i) => whole.subarray(ends[i - 1] ?? 0, end))
}

const collect = async (pieces: readonly Buffer[], begun: Uint8Array = new Uint8Array()): Promise<Buffer[]> => {
  const chunks: Buffer[] = []
  for await (const chunk of intoChunks(Readable.from(pieces), begun)) chunks.push(Buffer.from(chunk))
  return chunks
}

// Around the edges of chunks, and anywhere else.
const length = fc.oneof(
  fc
    .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: -2, max: 2 }))
    .map(([n, d]) => Math.max(0, n * chunkSize + d)),
  fc.integer({ min: 0, max: 3 * chunkSize }),
)

test('however long a file is, in whatever pieces it comes and wherever it was begun, its chunks give it back', () =>
  fc.assert(
    fc.asyncProperty(
      length,
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 }),
      fc.integer({ min: 0, max: chunkSize - 1 }),
      async (size, at, before) => {
        const whole = bytesOf(size)
        const begun = whole.subarray(0, Math.min(before, size))
        const chunks = await collect(cut(whole.subarray(begun.length), at), begun)
        expect(chunks.map((chunk) => chunk.length)).toEqual(chunks.map((_chunk, number) => lengthOf(number, size)))
        const opened = chunks.map((chunk, n) => openChunk(key, place, n, sealChunk(key, place, n, chunk, systemRandom)))
        expect(Buffer.concat(opened).equals(whole)).toBe(true)
        const extent = { chunks: chunks.length, size }
        checkEnd(key, place, extent, sealEnd(key, place, extent, systemRandom))
      },
    ),
    { numRuns: 25 },
  ))

test('any single bit that is flipped is refused', () => {
  const extent = { chunks: 1, size: 40 }
  const [chunk, end] = [sealChunk(key, place, 0, bytesOf(40), systemRandom), sealEnd(key, place, extent, systemRandom)]
  const flipped = (sealed: Buffer, bit: number): Buffer => {
    const other = Buffer.from(sealed)
    other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    return other
  }
  for (let bit = 0; bit < chunk.length * 8; bit++)
    expect(() => openChunk(key, place, 0, flipped(chunk, bit)), `bit ${bit}`).toThrow(TamperedError)
  for (let bit = 0; bit < end.length * 8; bit++)
    expect(() => checkEnd(key, place, extent, flipped(end, bit)), `bit ${bit}`).toThrow(TamperedError)
})

test.each([
  ['another number', {}, 1],
  ['another tenant', { tenantId: 'u' }, 0],
  ['another record', { recordId: 's' }, 0],
  ['another file', { blobId: 'c' }, 0],
  ['another field', { field: 'letter' }, 0],
])('a chunk does not open as one of %s, nor the end of one', (_what, other, number) => {
  const elsewhere = { ...place, ...other }
  expect(() => openChunk(key, elsewhere, number, sealChunk(key, place, 0, bytesOf(10), systemRandom))).toThrow(
    TamperedError,
  )
  const extent = { chunks: 1, size: 10 }
  const end = sealEnd(key, place, extent, systemRandom)
  expect(() => checkEnd(key, elsewhere, { ...extent, chunks: 1 + number }, end)).toThrow(TamperedError)
})

test('what was sealed as a field or as an end is no chunk', () => {
  const end = sealEnd(key, place, { chunks: 0, size: 0 }, systemRandom)
  expect(() => openChunk(key, place, 0, end)).toThrow(TamperedError)
})

test('chunks are asked for one at a time, and nothing is read ahead', async () => {
  let given = 0
  async function* source() {
    for (; given < 8; given++) yield bytesOf(chunkSize / 2)
  }
  const chunks = intoChunks(source(), new Uint8Array())
  await chunks.next()
  expect(given).toBeLessThanOrEqual(2)
  await chunks.return(undefined)
  expect(given).toBeLessThanOrEqual(2)
})
