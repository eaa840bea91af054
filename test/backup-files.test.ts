import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDb } from '#platform/db/db.ts'
import { systemRandom } from '#platform/random.ts'
import { createVault } from '#vault/create.ts'
import type { BlobRef } from '#vault/index.ts'
import { openMasters } from '#vault/keys.ts'
import { aMachineRoom, type Room } from './helpers/backup.ts'
import { declareFiles, fileField } from './helpers/files.ts'
import { eventually } from './helpers/installation.ts'
import { bookAppointment, person } from './helpers/person.ts'

/* Files go into a backup and come back with their records. */

let room: Room
beforeAll(() => {
  room = aMachineRoom()
})
afterAll(() => room.close())

test('a file comes back with its record, and not that of a record erased since', async () => {
  const place = await room.preparedPlace()
  const before = await room.start(place, '2026-11-23T08:00:00Z')
  declareFiles(before)
  const running = before.deps.register.running.get('segeberg')
  if (!running) throw new Error('segeberg does not run')
  const { id: tenantId } = running.tenant
  const { blobs } = before.deps.vault
  const inSegeberg = <T>(work: Parameters<typeof before.deps.db.inTenant<T>>[1]) =>
    before.deps.db.inTenant(tenantId, work)

  const bytes = randomBytes(300_000)
  const booked = await Promise.all([bookAppointment(person(before)), bookAppointment(person(before))])
  const { rows } = await before.admin.query('select record_id as id from appointment where record_id is not null')
  const files: BlobRef[] = []
  for (const { id } of rows) {
    const file = await inSegeberg((tx) => blobs.begin(tx, id, fileField))
    if (!file) throw new Error('no file could be begun')
    await blobs.append(inSegeberg, file, 0, Readable.from([bytes]))
    await inSegeberg((tx) => blobs.finish(tx, file))
    files.push(file)
  }
  const made = await room.backup(place, before.deps.clock)
  expect(readdirSync(made.folder)).toEqual(expect.arrayContaining(['vault.blob.copy', 'vault.blob_chunk.copy']))
  const who = person(before)
  await who.send(await who.open(`${booked[0]?.manage}/widerrufen`))
  const erased = async () =>
    (await before.admin.query('select from vault.erasure where written_at is not null')).rowCount
  await eventually(async () => (await erased()) ?? 0, 'the ledger')
  const left = (await before.admin.query('select id from vault.blob')).rows.map(({ id }) => id)
  expect(left).toHaveLength(1)
  await before.close()

  const other = await room.newPlace()
  await room.restore(other, made.folder, before.deps.clock)
  const db = openDb(other.connection)
  try {
    const vault = createVault({
      masters: openMasters(room.config.keyFile, systemRandom),
      tenants: [running],
      clock: before.deps.clock,
      random: systemRandom,
      onLine: async () => {},
    }).vault
    const read = async (file: BlobRef): Promise<Buffer | null> => {
      const access = { purpose: 'rights', actor: 'person' } as const
      const reading = await vault.blobs.read((work) => db.inTenant(tenantId, work), file, access)
      return reading && Buffer.concat(await Array.fromAsync(reading.bytes))
    }
    for (const file of files)
      expect((await read(file))?.equals(bytes) ?? null).toBe(left.includes(file.id) ? true : null)
    const chunks = await db.inTenant(tenantId, (tx) => tx.selectFrom('vault.blob_chunk').select('blob_id').execute())
    expect(new Set(chunks.map(({ blob_id }) => blob_id))).toEqual(new Set(left))
  } finally {
    await db.close()
  }
})
