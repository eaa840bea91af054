import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Db, openDb, type TenantTx } from '#platform/db/db.ts'
import { uuid } from '#platform/random.ts'
import { freshDatabase, testClock } from '#test/helpers/installation.ts'
import {
  countedBy,
  databaseLimits,
  deleteEndedLimits,
  firstEndOfLimits,
  type LimitPlace,
  type Limits,
} from './limits.ts'
import { webNodes } from './web-nodes.ts'

/* Limits on a real database, with a pool and a memory of its own for each of two servers. */

const tenant = '6f1c2a53-0f6e-4f0e-9a1e-0b7b7a1d0001'
const other = '6f1c2a53-0f6e-4f0e-9a1e-0b7b7a1d0002'
const start = '2026-11-23T08:00:00Z'
const time = testClock(start)
const random = (n: number) => randomBytes(n)

let database: Awaited<ReturnType<typeof freshDatabase>>
let admin: pg.Client
let dbs: [Db, Db]
let nodes: [Limits, Limits]
const limitsOf = () => databaseLimits({ clock: time.clock, random, timeZoneOf: () => 'Europe/Berlin' })

beforeAll(async () => {
  database = await freshDatabase()
  admin = new pg.Client(database.connection)
  await admin.connect()
  dbs = [openDb(database.connection, 4), openDb(database.connection, 4)]
})
afterAll(async () => {
  for (const db of dbs) await db.close()
  await admin.end()
  await database.drop()
})
beforeEach(async () => {
  time.set(start)
  nodes = [limitsOf(), limitsOf()]
  await admin.query('truncate app.limit_salt, app.limit_place, app.web_node')
})

const id = () => uuid(random)
const somebody = countedBy('caller', '192.0.2.1')
const hold = (most: number, minutes = 15) => ({
  id: id(),
  labels: { hold: { most } },
  until: time.clock().add({ minutes }),
})
const lasting = (most: number): LimitPlace => ({ ...hold(most, 60), overMidnight: true })
const inTenant = <T>(work: (tx: TenantTx) => Promise<T>, node = 0, of = tenant) => (dbs[node] as Db).inTenant(of, work)
const take = async (most: number, node = 0, who = somebody, of = tenant): Promise<boolean> => {
  const taken = await inTenant((tx) => (nodes[node] as Limits).take(tx, who, hold(most)), node, of)
  return taken.kind === 'taken'
}
const places = async (): Promise<number> =>
  (await admin.query('select count(*)::int n from app.limit_place where erase_at > $1', [time.clock().toString()]))
    .rows[0].n

describe('places', () => {
  test('are as many as there may be, for each caller and each tenant, however many servers count', async () => {
    expect([await take(2, 0), await take(2, 1), await take(2, 0), await take(2, 1)]).toEqual([true, true, false, false])
    expect(await take(2, 1, countedBy('caller', '192.0.2.2'))).toBe(true)
    expect(await take(2, 1, countedBy('mailbox', '192.0.2.1'))).toBe(true)
    expect(await take(2, 1, somebody, other)).toBe(true)
  })

  test('are counted exactly when many take them at the same moment at two servers', async () => {
    const taken = await Promise.all(Array.from({ length: 40 }, (_, i) => take(7, i % 2)))
    expect(taken.filter(Boolean)).toHaveLength(7)
    expect(await places()).toBe(7)
  })

  test('are free when their time is over, and no earlier', async () => {
    await take(1)
    time.move('PT14M59S')
    expect(await take(1)).toBe(false)
    time.move('PT1S')
    expect(await take(1)).toBe(true)
  })

  test('are given back once, and by whoever ends what took them', async () => {
    const place = hold(2)
    await inTenant((tx) => nodes[0].take(tx, somebody, place))
    await take(2)
    for (let i = 0; i < 2; i++) await inTenant((tx) => nodes[1].giveBack(tx, place.id), 1)
    expect([await take(2), await take(2)]).toEqual([true, false])
  })

  test('last longer when that is asked for, and not when they are over', async () => {
    const place = hold(1)
    await inTenant((tx) => nodes[0].take(tx, somebody, place))
    time.move('PT10M')
    const renew = () => inTenant((tx) => nodes[1].renew(tx, { id: place.id, until: time.clock().add({ minutes: 15 }) }))
    expect(await renew()).toBe(true)
    time.move('PT14M')
    expect(await take(1)).toBe(false)
    time.move('PT1M')
    expect(await renew()).toBe(false)
    expect(await take(1)).toBe(true)
  })

  test('say when they are over, at any server and over midnight, and nothing when they are', async () => {
    time.set('2026-11-23T22:55:00Z')
    const [place, today] = [{ ...hold(1), overMidnight: true }, hold(1)]
    const until = time.clock().add({ minutes: 15 })
    await inTenant((tx) => nodes[0].take(tx, somebody, place))
    await inTenant((tx) => nodes[0].take(tx, countedBy('caller', '192.0.2.2'), today))
    const endOf = async (id: string) => (await inTenant((tx) => nodes[1].endOf(tx, id), 1))?.toString() ?? null
    expect([await endOf(place.id), await endOf(today.id), await endOf(id())]).toEqual([
      until.toString(),
      '2026-11-23T23:00:00Z',
      null,
    ])
    time.move('PT14M59S')
    expect([await endOf(place.id), await endOf(today.id)]).toEqual([until.toString(), null])
    time.move('PT1S')
    expect(await endOf(place.id)).toBeNull()
  })

  test('count under every label they have, by their weight; the full one is named', async () => {
    const visit = (weight: number) => ({
      id: id(),
      labels: { hold: { most: 5 }, 'day x': { most: 6, weight } },
      until: time.clock().add({ minutes: 15 }),
    })
    const outcome = (weight: number) => inTenant((tx) => nodes[0].take(tx, somebody, visit(weight)))
    expect([await outcome(3), await outcome(2), await outcome(2), await outcome(1)]).toEqual([
      { kind: 'taken' },
      { kind: 'taken' },
      { kind: 'full', label: 'day x' },
      { kind: 'taken' },
    ])
  })

  test('that a transaction took and did not keep are none', async () => {
    const failed = inTenant(async (tx) => {
      await nodes[0].take(tx, somebody, hold(1))
      throw new Error('rolled back')
    })
    await expect(failed).rejects.toThrow('rolled back')
    expect([await take(1), await take(1)]).toEqual([true, false])
  })

  test('are given back and made longer by a server whose salt was rolled back, or went in a crash', async () => {
    const learnInVain = () =>
      inTenant(async (tx) => {
        await nodes[0].take(tx, somebody, hold(1))
        throw new Error('rolled back')
      })
    await expect(learnInVain()).rejects.toThrow('rolled back')
    const [place, second] = [{ ...hold(1), labels: { hold: { most: 1 }, code: { most: 1 } } }, hold(1)]
    const taken = async (one: LimitPlace) => (await inTenant((tx) => nodes[1].take(tx, somebody, one), 1)).kind
    expect(await taken(place)).toBe('taken')
    const until = time.clock().add({ minutes: 20 })
    expect(await inTenant((tx) => nodes[0].renew(tx, { id: place.id, until }))).toBe(true)
    await inTenant((tx) => nodes[0].giveBack(tx, place.id, 'hold'))
    expect([await taken(second), await places()]).toEqual(['taken', 2])
    await inTenant((tx) => nodes[0].giveBack(tx, place.id))
    expect(await places()).toBe(1)
    await admin.query('truncate app.limit_salt, app.limit_place')
    const third = hold(1)
    expect(await taken(third)).toBe('taken')
    await inTenant((tx) => nodes[0].giveBack(tx, third.id))
    expect(await places()).toBe(0)
  })

  test('that are not there leave nothing behind when they are given back', async () => {
    await inTenant((tx) => nodes[0].giveBack(tx, id()))
    await inTenant((tx) => nodes[0].giveBack(tx, id(), 'hold'))
    expect(await inTenant((tx) => nodes[0].renew(tx, { id: id(), until: time.clock().add({ minutes: 1 }) }))).toBe(
      false,
    )
    expect((await admin.query('select from app.limit_salt')).rowCount).toBe(0)
  })

  test('are not forgotten by a server that starts anew', async () => {
    await take(1)
    nodes = [limitsOf(), limitsOf()]
    expect(await take(1)).toBe(false)
  })

  test('begin anew when the database has lost them, without a fault', async () => {
    expect([await take(1, 0), await take(1, 1)]).toEqual([true, false])
    await admin.query('truncate app.limit_salt, app.limit_place') // as PostgreSQL does to unlogged tables after a crash
    const taken = await Promise.all([take(1, 0), take(1, 1), take(1, 0), take(1, 1)])
    expect(taken.filter(Boolean)).toHaveLength(1)
  })
})

test('what took a place and what it counts for are stored as values under the salt', async () => {
  const place = { ...hold(1), labels: { 'day rathausplatz 2026-11-30': { most: 5, weight: 3 } } }
  await inTenant((tx) => nodes[0].take(tx, somebody, place))
  const { rows } = await admin.query('select p::text as line, labels from app.limit_place p')
  expect(rows).toHaveLength(1)
  expect(Object.values(rows[0].labels)).toEqual([3])
  for (const told of [place.id, 'rathausplatz', '11-30']) expect(rows[0].line).not.toContain(told)
})

describe('when the tenant’s day is over', () => {
  test('limits begin anew, so that around midnight there are twice as many for as long as a place lasts, and no more', async () => {
    time.set('2026-11-23T22:50:00Z')
    await take(3)
    await take(3)
    await take(3)
    expect(await take(3)).toBe(false)
    time.set('2026-11-23T22:59:59Z')
    expect(await take(3)).toBe(false)
    time.set('2026-11-23T23:00:00Z') // midnight in Germany
    expect([await take(3), await take(3), await take(3), await take(3)]).toEqual([true, true, true, false])
    const { rows } = await admin.query('select count(*)::int n from app.limit_place')
    expect(rows[0].n).toBe(6)
  })

  test('its places are gone, whatever they were taken for, and 90 minutes later its salt', async () => {
    const tomorrow = time.clock().add({ hours: 48 })
    await inTenant((tx) => nodes[0].take(tx, somebody, { ...hold(1), until: tomorrow }))
    await inTenant((tx) => nodes[0].take(tx, somebody, { ...lasting(2), until: tomorrow }))
    const left = async (at: string) => {
      expect((await inTenant(firstEndOfLimits))?.toString()).toBe(at)
      time.set(at)
      await inTenant((tx) => deleteEndedLimits(tx, time.clock()))
      const { rows } = await admin.query(
        'select (select count(*)::int from app.limit_salt) salts, (select count(*)::int from app.limit_place) places',
      )
      return rows
    }
    expect(await left('2026-11-23T23:00:00Z')).toEqual([{ salts: 1, places: 1 }])
    expect(await left('2026-11-24T00:30:00Z')).toEqual([{ salts: 0, places: 0 }])
    expect(await inTenant(firstEndOfLimits)).toBeNull()
  })

  test('places that last over midnight count until they end, are made longer and given back, at any server', async () => {
    time.set('2026-11-23T22:50:00Z')
    const [first, second] = [lasting(2), lasting(2)]
    const outcome = async (place: LimitPlace, node = 0) =>
      (await inTenant((tx) => (nodes[node] as Limits).take(tx, somebody, place), node)).kind
    expect([await outcome(first), await outcome(second), await outcome(lasting(2), 1)]).toEqual([
      'taken',
      'taken',
      'full',
    ])
    time.set('2026-11-23T23:05:00Z')
    nodes = [limitsOf(), limitsOf()]
    expect([await outcome(lasting(2)), await outcome(lasting(2), 1)]).toEqual(['full', 'full'])
    await inTenant((tx) => nodes[1].giveBack(tx, first.id), 1)
    const until = time.clock().add({ hours: 1 })
    expect(await inTenant((tx) => nodes[0].renew(tx, { id: second.id, until, overMidnight: true }))).toBe(true)
    expect([await outcome(lasting(2), 1), await outcome(lasting(2))]).toEqual(['taken', 'full'])
    time.set('2026-11-24T00:04:59Z')
    expect(await outcome(lasting(2))).toBe('full')
    time.set('2026-11-24T00:05:00Z')
    expect([await outcome(lasting(2)), await outcome(lasting(2))]).toEqual(['taken', 'taken'])
  })

  test('places go with their salt, also before their time', async () => {
    await take(1)
    await admin.query('delete from app.limit_salt')
    expect(await places()).toBe(0)
  })

  test('the same caller has another name', async () => {
    const names: string[] = []
    for (let day = 0; day < 3; day++) {
      await take(10)
      names.push(...(await admin.query(`select encode(name, 'hex') n from app.limit_place`)).rows.map(({ n }) => n))
      time.move('P1D')
      await inTenant((tx) => deleteEndedLimits(tx, time.clock()))
    }
    expect(new Set(names).size).toBe(3)
  })
})

test('what limits store is in no write-ahead log and in no statistics', async () => {
  for (let i = 0; i < 50; i++) await take(1000, 0, countedBy('caller', `192.0.2.${i}`))
  await admin.query('analyze app.limit_salt, app.limit_place')
  const { rows } = await admin.query(`select relname, relpersistence from pg_class
    where relname in ('limit_salt', 'limit_place') order by 1`)
  expect(rows).toEqual([
    { relname: 'limit_place', relpersistence: 'u' },
    { relname: 'limit_salt', relpersistence: 'u' },
  ])
  const kept = await admin.query(`select tablename, attname from pg_stats where schemaname = 'app'
    and (tablename, attname) in (('limit_salt', 'salt'), ('limit_place', 'id'), ('limit_place', 'name'), ('limit_place', 'labels'))`)
  expect(kept.rows).toEqual([])
})

test('web servers know how many they are; who leaves or is not heard of any more counts no longer', async () => {
  const servers = Array.from({ length: 3 }, (_, i) => webNodes({ db: dbs[i % 2] as Db, clock: time.clock, random }))
  try {
    for (const server of servers) await server.join()
    expect(servers.at(-1)?.count()).toBe(3)
    await servers[0]?.leave()
    await servers[1]?.join()
    expect(servers[1]?.count()).toBe(2)
    time.move('PT36S')
    await servers[1]?.join()
    expect(servers[1]?.count()).toBe(1)
  } finally {
    for (const server of servers) await server.leave()
  }
})
