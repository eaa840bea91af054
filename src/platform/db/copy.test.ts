import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { copyIn, copyOut } from './copy.ts'

let client: pg.Client
beforeEach(async () => {
  client = new pg.Client(inject('postgres'))
  await client.connect()
})
afterEach(() => client.end())

const megabytes = (n: number): number => n * 1024 * 1024
test('rows come out as they are in the table, each counted, and go in again the same', async () => {
  await client.query(`create temp table odd (a text, b bytea, c timestamptz, d uuid[])`)
  await client.query(
    `insert into odd values (E'tab\\tline\\nback\\\\slash', '\\x00ff', '-infinity', '{}'), (null, '', 'infinity', null)`,
  )
  await client.query('create temp table other (like odd)')
  let rows = 0
  const pieces: Buffer[] = []
  for await (const piece of copyOut(client, 'copy odd to stdout', () => rows++)) pieces.push(piece)
  expect(rows).toBe(2)
  async function* source() {
    for (const byte of Buffer.concat(pieces)) yield Buffer.of(byte) // in the smallest pieces there are
  }
  await copyIn(client, 'copy other from stdin', source())
  const { rows: lost } = await client.query('(table odd except table other) union all (table other except table odd)')
  expect(lost).toEqual([])
  expect((await client.query('table other')).rowCount).toBe(2)
})

test('of a long table little is ahead of who takes it, however slowly', async () => {
  const size = megabytes(100)
  let [came, taken, ahead] = [0, 0, 0]
  const rows = `copy (select repeat('x', 1023) from generate_series(1, ${size / 1024})) to stdout`
  const count = () => {
    came += 1024
    ahead = Math.max(ahead, came - taken)
  }
  for await (const piece of copyOut(client, rows, count)) {
    if (taken % megabytes(8) < piece.length) await pause(20) // meanwhile, everything could come
    taken += piece.length
  }
  expect(taken).toBe(size)
  expect(ahead).toBeLessThan(megabytes(2))
})

test('of a long source little waits for a database that takes it slowly', async () => {
  await client.query('create temp table long (a text, b text generated always as (md5(a)) stored)')
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
  const piece = Buffer.from(`${'x'.repeat(1023)}\n`.repeat(64))
  const size = megabytes(50)
  let waiting = 0
  async function* source() {
    for (let sent = 0; sent < size; sent += piece.length) {
      yield piece
      waiting = Math.max(waiting, stream.writableLength)
    }
  }
  await copyIn(client, 'copy long (a) from stdin', source())
  expect((await client.query('select count(*)::int n from long')).rows[0].n).toBe(size / 1024)
  expect(waiting).toBeLessThan(megabytes(1))
})

test('what goes wrong is thrown, on either side, and the connection can be used afterwards', async () => {
  const take = async (statement: string) => {
    for await (const _ of copyOut(client, statement));
  }
  await expect(take('copy nowhere to stdout')).rejects.toThrow('nowhere')
  await expect(take('copy (select 1 / (3 - n) from generate_series(1, 5) n) to stdout')).rejects.toThrow('division')
  await client.query('create temp table numbers (n int)')
  async function* rows(...lines: string[]) {
    for (const line of lines) yield Buffer.from(`${line}\n`)
  }
  await expect(copyIn(client, 'copy numbers from stdin', rows('1', 'two'))).rejects.toThrow('two')
  async function* broken() {
    yield Buffer.from('1\n')
    throw new Error('the disk is gone')
  }
  await expect(copyIn(client, 'copy numbers from stdin', broken())).rejects.toThrow('the disk is gone')
  await expect(copyIn(client, 'copy nowhere from stdin', rows('1'))).rejects.toThrow('nowhere')
  await copyIn(client, 'copy numbers from stdin', rows('1', '2'))
  expect((await client.query('select sum(n)::int from numbers')).rows).toEqual([{ sum: 3 }])
})

test('who stops in the middle leaves a connection that can be used', async () => {
  for await (const _ of copyOut(client, `copy (select repeat('x', 1023) from generate_series(1, 50000)) to stdout`))
    break
  expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})
