import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { compareFiles } from '#apps/doctor/files.ts'
import type { InTenant } from '#platform/db/db.ts'
import { declareFiles, fileField } from '#test/helpers/files.ts'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { UndeclaredFieldError, UndeclaredPurposeError } from '../index.ts'
import { TamperedError } from '../seal.ts'
import { booking } from '../vault.fixture.ts'
import { BlobGoneError, type BlobRef } from './blobs.ts'
import { chunkSize } from './chunks.ts'

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ withoutWorker: true })
  for (const slug of ['segeberg', 'musterstadt']) declareFiles(installation, slug)
})
afterAll(() => installation.close())
beforeEach(() =>
  installation.admin.query('delete from vault.record; delete from vault.erasure; delete from vault.access'),
)

const looking = { purpose: 'rights', actor: 'person' } as const

const idOf = (slug: string): string => installation.deps.register.running.get(slug)?.tenant.id ?? ''
const at =
  (slug = 'segeberg'): InTenant =>
  (work) =>
    installation.deps.db.inTenant(idOf(slug), work)
const inSegeberg = at()
const vault = () => installation.deps.vault
const blobs = () => installation.deps.vault.blobs
const put = (slug?: string) => at(slug)((tx) => vault().put(tx, 'appointments.booking', booking))
const begin = async (record: string, slug?: string): Promise<BlobRef> =>
  (await at(slug)((tx) => blobs().begin(tx, record, fileField))) ?? { recordId: record, id: 'none' }

const send = (file: BlobRef, from: number, bytes: Buffer) =>
  blobs().append(inSegeberg, file, from, Readable.from(pieces(bytes)))
function* pieces(bytes: Buffer, length = 65_000) {
  for (let i = 0; i < bytes.length; i += length) yield bytes.subarray(i, i + length)
}
const finish = (file: BlobRef) => inSegeberg((tx) => blobs().finish(tx, file))
const sizeOf = async (file: BlobRef) => (await inSegeberg((tx) => blobs().find(tx, file)))?.size
const read = async (file: BlobRef, inTenant = inSegeberg): Promise<Buffer | null> => {
  const reading = await blobs().read(inTenant, file, looking)
  if (!reading) return null
  const parts: Buffer[] = []
  for await (const part of reading.bytes) parts.push(part)
  const whole = Buffer.concat(parts)
  expect(whole.length).toBe(reading.size)
  return whole
}
const count = async (table: string): Promise<number> =>
  (await installation.admin.query(`select count(*)::int n from ${table}`)).rows[0].n
/** A whole file of this many bytes, and the bytes. */
const fileOf = async (size: number, record?: string) => {
  const bytes = randomBytes(size)
  const file = await begin(record ?? (await put()))
  await send(file, 0, bytes)
  await finish(file)
  return { file, bytes }
}

describe('a file', () => {
  test.each([0, 1, chunkSize - 1, chunkSize, chunkSize + 1, 2.5 * chunkSize])(
    'of %i bytes comes out as it went in, and each look is noted with its record',
    async (size) => {
      const record = await put()
      const { file, bytes } = await fileOf(size, record)
      expect((await read(file))?.equals(bytes)).toBe(true)
      expect((await inSegeberg((tx) => vault().open(tx, record, looking)))?.looks.count).toBe(1)
      expect(await inSegeberg((tx) => blobs().list(tx, record))).toEqual([
        { ...file, field: fileField, size, isFinished: true },
      ])
      expect(await count('vault.blob_chunk')).toBe(Math.ceil(size / chunkSize))
    },
  )

  test('is sealed: nothing of it stands in the database', async () => {
    const file = await begin(await put())
    const words = Buffer.from('Mietvertrag zwischen Erika Markerfrau und '.repeat(200))
    await send(file, 0, words)
    await finish(file)
    const { rows } = await installation.admin.query('select sealed from vault.blob_chunk')
    expect(rows[0].sealed.length).toBe(words.length + 1 + 12 + 16)
    expect(rows[0].sealed.includes('Markerfrau')).toBe(false)
  })

  test('that is not whole yet is not read, and a whole one takes nothing more', async () => {
    const file = await begin(await put())
    await send(file, 0, randomBytes(100))
    expect(await read(file)).toBeNull()
    expect(await count('vault.access')).toBe(0)
    expect(await finish(file)).toMatchObject({ size: 100, isFinished: true })
    expect(await finish(file)).toMatchObject({ size: 100, isFinished: true })
    expect(await send(file, 100, randomBytes(1))).toEqual({ kind: 'finished', size: 100 })
    expect(await inSegeberg((tx) => blobs().giveUp(tx, file))).toBe(false)
    expect((await read(file))?.length).toBe(100)
  })

  test('is opened for what its activity declares, and for nothing else', async () => {
    const { file } = await fileOf(10)
    const reading = blobs().read(inSegeberg, file, { purpose: 'adverts', actor: 'person' })
    await expect(reading).rejects.toThrow(UndeclaredPurposeError)
    expect(await count('vault.access')).toBe(0)
  })

  test('belongs to its tenant alone', async () => {
    const { file } = await fileOf(10)
    const there = at('musterstadt')
    expect(await there((tx) => blobs().find(tx, file))).toBeNull()
    expect(await read(file, there)).toBeNull()
    expect(await blobs().append(there, file, 10, Readable.from([randomBytes(1)]))).toEqual({ kind: 'gone' })
    expect(await there((tx) => blobs().giveUp(tx, file))).toBe(false)
    expect(await there((tx) => blobs().finish(tx, file))).toBeNull()
  })

  test('is nobody’s who may act on another record only', async () => {
    const [mine, { file: theirs }] = [await put(), await fileOf(10)]
    const unfinished = await begin(await put())
    for (const foreign of [theirs, unfinished]) {
      const named = { ...foreign, recordId: mine }
      expect(await inSegeberg((tx) => blobs().find(tx, named))).toBeNull()
      expect(await read(named)).toBeNull()
      expect(await send(named, 0, randomBytes(1))).toEqual({ kind: 'gone' })
      expect(await inSegeberg((tx) => blobs().giveUp(tx, named))).toBe(false)
      expect(await finish(named)).toBeNull()
    }
    expect((await read(theirs))?.length).toBe(10)
    expect(await inSegeberg((tx) => blobs().find(tx, unfinished))).toMatchObject({ size: 0, isFinished: false })
  })

  test('opens after its tenant’s key has been replaced and the old one is gone', async () => {
    const { keeper } = installation.deps
    const { file, bytes } = await fileOf(chunkSize + 5)
    await inSegeberg((tx) => keeper.announceKey(tx))
    installation.time.move('PT3M')
    await inSegeberg((tx) => keeper.rewrapSome(tx, '00000000-0000-0000-0000-000000000000'))
    await installation.admin.query('delete from vault.blind_index') // a manage link would keep the old key
    installation.time.move('PT2H')
    expect(await inSegeberg((tx) => keeper.dropRetired(tx))).toBe(0)
    expect((await read(file))?.equals(bytes)).toBe(true)
  })
})

describe('what is not declared', () => {
  test.each(['name', 'manageLink', 'accessTrail', 'photo'])('begins no file: %s', async (field) => {
    const record = await put()
    await expect(inSegeberg((tx) => blobs().begin(tx, record, field))).rejects.toThrow(UndeclaredFieldError)
  })

  test('is a further file, or a larger one; what was stored before stays as it was', async () => {
    const record = await put()
    const file = await begin(record)
    expect((await begin(record)).id).not.toBe('none')
    expect((await begin(record)).id).toBe('none')
    const most = 3 * 1024 * 1024
    expect(await send(file, 0, randomBytes(most + 1))).toEqual({ kind: 'too-large', maxBytes: most })
    expect(await sizeOf(file)).toBe(most)
    expect(await send(file, most, randomBytes(1))).toEqual({ kind: 'too-large', maxBytes: most })
    expect(await finish(file)).toMatchObject({ size: most })
  })

  test('is a value of a file among the fields of a record', async () => {
    const putting = inSegeberg((tx) => vault().put(tx, 'appointments.booking', { ...booking, [fileField]: 'x' }))
    await expect(putting).rejects.toThrow(UndeclaredFieldError)
  })
})

/** Bytes that come in pieces, and then something happens instead of more. */
async function* until(bytes: Buffer, happens: () => unknown): AsyncGenerator<Buffer> {
  yield* pieces(bytes)
  await happens()
}
const cut = () => {
  throw new Error('the line is cut')
}
/** As a server's death does it: every connection of the product is ended. */
/** Ends what the program has of connections, and returns when they are gone. */
const endConnections = async () => {
  await installation.admin.query(
    `select pg_terminate_backend(pid, 60000) from pg_stat_activity where datname = current_database() and application_name = 'anlaufstelle'`,
  )
  await turn()
}

describe('an upload that is cut', () => {
  test.each([
    ['before the first byte', 0, 0],
    ['before the first chunk is full', chunkSize - 1, 0],
    ['between two chunks', 2 * chunkSize, 2 * chunkSize],
    ['in the middle of a chunk', 2 * chunkSize + 77, 2 * chunkSize],
  ])('%s goes on after the last whole chunk', async (_when, sent, stays) => {
    const bytes = randomBytes(3 * chunkSize + 10)
    const file = await begin(await put())
    const sending = blobs().append(inSegeberg, file, 0, until(bytes.subarray(0, sent), cut))
    await expect(sending).rejects.toThrow('the line is cut')
    expect(await sizeOf(file)).toBe(stays)
    // Who does not know how much there is, is told.
    expect(await send(file, sent + 1, bytes)).toEqual({ kind: 'elsewhere', size: stays })
    expect(await send(file, stays, bytes.subarray(stays))).toEqual({ kind: 'stored', size: bytes.length })
    await finish(file)
    expect((await read(file))?.equals(bytes)).toBe(true)
  })

  test('goes on in pieces of whatever length', async () => {
    const bytes = randomBytes(2 * chunkSize + 9)
    const file = await begin(await put())
    for (let from = 0; from < bytes.length; from += 100_001)
      expect(await send(file, from, bytes.subarray(from, from + 100_001))).toMatchObject({ kind: 'stored' })
    expect(await send(file, bytes.length, Buffer.alloc(0))).toEqual({ kind: 'stored', size: bytes.length })
    await finish(file)
    expect((await read(file))?.equals(bytes)).toBe(true)
    expect(await count('vault.blob_chunk')).toBe(3)
  })

  test('by the death of the server leaves whole chunks, also while it finishes', async () => {
    const bytes = randomBytes(2 * chunkSize + 10)
    const file = await begin(await put())
    const dying = blobs().append(inSegeberg, file, 0, until(bytes.subarray(0, chunkSize + 5), endConnections))
    await expect(dying.then(() => send(file, chunkSize + 5, bytes.subarray(chunkSize + 5)))).resolves.toBeDefined()
    const size = (await sizeOf(file)) ?? 0
    expect([chunkSize + 5, bytes.length]).toContain(size)
    await send(file, size, bytes.subarray(size))
    const finishing = inSegeberg(async (tx) => {
      await blobs().finish(tx, file)
      await endConnections()
    })
    await expect(finishing).rejects.toThrow()
    expect(await read(file)).toBeNull()
    await finish(file)
    expect((await read(file))?.equals(bytes)).toBe(true)
  })

  test('by a full disk, in the middle of writing a chunk, goes on when there is room', async () => {
    const bytes = randomBytes(2 * chunkSize)
    const file = await begin(await put())
    await installation.admin.query(`
      create function no_room() returns trigger language plpgsql as $$ begin
        if new.number = 1 then raise exception 'could not extend file' using errcode = '53100'; end if; return new; end $$;
      create trigger no_room after insert on vault.blob_chunk for each row execute function no_room()`)
    await expect(send(file, 0, bytes)).rejects.toMatchObject({ code: '53100' })
    expect([await sizeOf(file), await count('vault.blob_chunk')]).toEqual([chunkSize, 1])
    await installation.admin.query('drop trigger no_room on vault.blob_chunk; drop function no_room()')
    await send(file, chunkSize, bytes.subarray(chunkSize))
    await finish(file)
    expect((await read(file))?.equals(bytes)).toBe(true)
  })

  test('and sent again by somebody else meanwhile takes nothing more from who comes late, and says how much there is', async () => {
    const bytes = randomBytes(3 * chunkSize)
    const file = await begin(await put())
    async function* late() {
      yield bytes.subarray(0, chunkSize)
      await send(file, chunkSize, bytes.subarray(chunkSize))
      yield randomBytes(chunkSize)
    }
    expect(await blobs().append(inSegeberg, file, 0, late())).toEqual({ kind: 'elsewhere', size: bytes.length })
    await finish(file)
    expect((await read(file))?.equals(bytes)).toBe(true)
  })

  test('for good goes after its time, and at once where its person gives it up', async () => {
    const record = await put()
    const [left, given] = [await begin(record), await begin(record)]
    for (const file of [left, given]) await send(file, 0, randomBytes(10))
    expect(await inSegeberg((tx) => blobs().giveUp(tx, given))).toBe(true)
    expect(await inSegeberg((tx) => blobs().giveUp(tx, given))).toBe(false)
    installation.time.move('PT23H59M59S')
    await installation.sweep()
    expect(await sizeOf(left)).toBe(10)
    installation.time.move('PT1S')
    expect(await sizeOf(left)).toBeUndefined() // also before a sweep has come by
    expect(await send(left, 10, randomBytes(1))).toEqual({ kind: 'gone' })
    expect((await begin(record)).id).not.toBe('none')
    await installation.sweep()
    expect([await count('vault.blob'), await count('vault.blob_chunk')]).toEqual([1, 0])
  })
})

describe('erasing a record', () => {
  const cancel = (record: string) =>
    inSegeberg((tx) => vault().happened(tx, record, 'appointment.cancelled', installation.deps.clock()))

  test('takes its files along in the same transaction', async () => {
    const record = await put()
    const { file } = await fileOf(chunkSize + 1, record)
    const erasing = inSegeberg(async (tx) => {
      await vault().happened(tx, record, 'appointment.cancelled', installation.deps.clock())
      throw new Error('not after all')
    })
    await expect(erasing).rejects.toThrow('not after all')
    expect((await read(file))?.length).toBe(chunkSize + 1)
    expect(await cancel(record)).toBe('erased')
    expect([await count('vault.blob'), await count('vault.blob_chunk')]).toEqual([0, 0])
    expect(await read(file)).toBeNull()
  })

  test('ends who is sending or reading', async () => {
    const record = await put()
    const { file } = await fileOf(3 * chunkSize, record)
    const more = await begin(record)
    const reading = await blobs().read(inSegeberg, file, looking)
    const taken = reading?.bytes[Symbol.asyncIterator]()
    expect((await taken?.next())?.value?.length).toBe(chunkSize)
    async function* source() {
      yield randomBytes(chunkSize)
      await cancel(record)
      yield randomBytes(chunkSize)
    }
    expect(await blobs().append(inSegeberg, more, 0, source())).toEqual({ kind: 'gone' })
    await expect(taken?.next()).rejects.toThrow(BlobGoneError)
    expect(await count('vault.blob_chunk')).toBe(0)
  })

  test('leaves a held one with its files, which then nobody reads and nobody deletes', async () => {
    const record = await put()
    const { file } = await fileOf(10, record)
    const open = await begin(record)
    await inSegeberg((tx) => installation.deps.keeper.placeLegalHold(tx, 'reference', booking.reference, 'court-order'))
    expect(await cancel(record)).toBe('restricted')
    expect([await read(file), await sizeOf(file)]).toEqual([null, undefined])
    expect(await inSegeberg((tx) => blobs().giveUp(tx, open))).toBe(false)
    installation.time.move('P2D')
    await installation.sweep()
    for (const table of ['vault.blob', 'vault.blob_chunk', 'vault.record'])
      await expect(installation.admin.query(`delete from ${table}`)).rejects.toMatchObject({ code: '23001' })
    expect([await count('vault.blob'), await count('vault.blob_chunk')]).toEqual([2, 1])
    await inSegeberg((tx) => installation.deps.keeper.releaseLegalHold(tx, 'reference', booking.reference))
    expect([await count('vault.blob'), await count('vault.blob_chunk')]).toEqual([0, 0])
  })

  test('of several is done in portions where their files are large', async () => {
    const records = [await put(), await put(), await put()]
    for (const record of records) await fileOf(10, record)
    await installation.admin.query(`update vault.blob set size = 200 * 1024 * 1024`)
    await installation.admin.query(`update vault.record set erase_at = '2026-11-01', erase_rule = 'after'`)
    const portions: number[] = []
    for (;;) {
      const erased = await inSegeberg((tx) => installation.deps.keeper.eraseDue(tx))
      if (erased.length === 0) break
      portions.push(erased[0]?.count ?? 0)
    }
    expect(portions).toEqual([1, 1, 1])
  })
})

test('who stops reading holds no connection, however long', async () => {
  const { file } = await fileOf(3 * chunkSize)
  const reading = await blobs().read(inSegeberg, file, looking)
  const taken = reading?.bytes[Symbol.asyncIterator]()
  await taken?.next()
  const { open, idle } = installation.deps.db.pool()
  expect(idle).toBe(open)
  const { rows } = await installation.admin.query(
    `select from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`,
  )
  expect(rows).toEqual([])
})

describe('a file that somebody changed in the database', () => {
  const change = async (text: string, values: unknown[] = []): Promise<undefined> => {
    await installation.admin.query(text, values)
  }
  const shift = 'update vault.blob_chunk set number = number + 100'

  test.each<[string, (id: string, other: string) => Promise<string | undefined>]>([
    [
      'two chunks are swapped',
      async () => {
        await change(`${shift} where number in (0, 1)`)
        await change('update vault.blob_chunk set number = 101 - number where number >= 100')
      },
    ],
    ['a chunk is missing', (id) => change('delete from vault.blob_chunk where blob_id = $1 and number = 1', [id])],
    [
      'the last chunk is cut off',
      (id) =>
        change(
          `with cut as (delete from vault.blob_chunk where blob_id = $1 and number = 2)
        update vault.blob set chunks = 2, size = 2 * 262144 where id = $1`,
          [id],
        ),
    ],
    [
      'the end is another file’s',
      (id, other) =>
        change(
          'update vault.blob set sealed_end = o.sealed_end from (select sealed_end from vault.blob where id = $2) o where id = $1',
          [id, other],
        ),
    ],
    [
      'a chunk is another file’s',
      (id, other) =>
        change(
          `update vault.blob_chunk c set sealed = o.sealed from vault.blob_chunk o
        where o.blob_id = $2 and o.number = 1 and c.blob_id = $1 and c.number = 1`,
          [id, other],
        ),
    ],
    [
      'a chunk is shorter than it was',
      (id) =>
        change('update vault.blob_chunk set sealed = substring(sealed for 1000) where blob_id = $1 and number = 1', [
          id,
        ]),
    ],
    [
      'the whole file is said to be another record’s',
      async (id) => {
        const record = await put()
        await change('update vault.blob set record_id = $2 where id = $1', [id, record])
        return record
      },
    ],
    [
      'the whole file is said to be in another field',
      (id) => change(`update vault.blob set field = 'photo' where id = $1`, [id]),
    ],
  ])('does not open where %s', async (_what, spoil) => {
    const { file } = await fileOf(2.5 * chunkSize)
    const { file: other } = await fileOf(2.5 * chunkSize)
    const recordId = (await spoil(file.id, other.id)) ?? file.recordId
    await expect(read({ ...file, recordId })).rejects.toThrow(TamperedError)
  })

  test('is named by the doctor', async () => {
    const { deps } = installation
    const { file } = await fileOf(chunkSize + 1)
    const running = deps.register.running.get('segeberg')
    if (!running) throw new Error('segeberg does not run')
    const said = async () => (await compareFiles(deps, running)).map(({ message }) => message)
    expect(await said()).toEqual([])
    await change('delete from vault.blob_chunk where blob_id = $1 and number = 0', [file.id])
    await change(`set session_replication_role = replica`)
    await change(`insert into vault.blob_chunk values ($1, gen_random_uuid(), 0, '')`, [idOf('segeberg')])
    await change(
      `insert into vault.blob (tenant_id, id, record_id, field, sealed_end) values ($1, gen_random_uuid(), gen_random_uuid(), 'x', '')`,
      [idOf('segeberg')],
    )
    await change(`set session_replication_role = default`)
    expect(await said()).toEqual([
      'segeberg: 1 files belong to no record',
      'segeberg: 1 chunks belong to no file',
      'segeberg: 1 files lack chunks, or have too many',
    ])
    await change('delete from vault.blob_chunk; delete from vault.blob')
  })
})
