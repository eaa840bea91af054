import { readdirSync, readFileSync } from 'node:fs'
import pg from 'pg'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { tables } from '#apps/tables.ts'
import { migrate } from '#platform/db/migrate.ts'
import { eventually, freshDatabase } from './helpers/installation.ts'

/* An installation with data becomes a newer one, under an owner whom the tenants' policies hold like everybody. */

const name = `upgrade_${process.pid}`
const [tenant, record, erased] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()]
const files = readdirSync('db/migrations').sort()
const firstRelease = files.slice(0, 4)
const beforeEnds = files.slice(4, files.indexOf('0009-ends.sql'))

let admin: pg.Client
let owner: pg.Client
const open = async (connection: pg.ClientConfig) => {
  const client = new pg.Client(connection)
  await client.connect()
  return client
}
/** Drops a database when its connections have ended: one that is cut then would be an error that nobody awaits. */
const drop = async (place: string): Promise<void> => {
  const others = 'select from pg_stat_activity where datname = $1'
  await eventually(async () => (await admin.query(others, [place])).rowCount === 0, 'the end of its connections')
  await admin.query(`drop database ${place}`)
}
const asOwner = () => open({ ...inject('postgres'), database: name, user: name, password: name })

beforeAll(async () => {
  admin = await open(inject('postgres'))
  await admin.query(`create role ${name} login createrole password '${name}'`)
  await admin.query(`create database ${name} owner ${name}`)
  owner = await asOwner()
})
afterAll(async () => {
  await owner.end()
  await admin.query(`drop database ${name} with (force)`)
  await admin.query(`drop role ${name}`)
  await admin.end()
})

test('every migration has a number of its own, so that one order holds everywhere', () => {
  const numbers = files.map((file) => file.slice(0, 4))
  expect(numbers).toEqual([...new Set(numbers)])
  for (const number of numbers) expect(number).toMatch(/^\d{4}$/)
})

test('consents given before keep leading to their record, or have ended with it; what stays behind has its end, and a legal hold its line', async () => {
  const run = async (file: string) => owner.query(`begin; ${readFileSync(`db/migrations/${file}`, 'utf8')}; commit`)
  for (const file of firstRelease) await run(file)
  await owner.query(`set app.tenant_id = '${tenant}'`)
  await owner.query(`insert into vault.tenant_key values ('${tenant}', '\\x00', now())`)
  await owner.query(
    `insert into vault.record (tenant_id, id, activity, register_version, sealed, created_at)
     values ('${tenant}', '${record}', 'appointments.booking', '1', '\\x00', now())`,
  )
  for (const id of [record, erased]) {
    await owner.query(
      `insert into consent_record values ('${tenant}', '${id}', 'appointments.booking', '1', 'h', 'de', '${id}', now())`,
    )
  }
  await owner.end()
  owner = await asOwner() // as a new program comes: without a tenant
  for (const file of beforeEnds) await run(file)
  await owner.query(`set app.tenant_id = '${tenant}'`)
  await owner.query(
    `update consent_record set ended_at = '2026-11-23T08:00Z' where record_id = '${erased}';
     insert into mail_delivery (tenant_id, id, kind, status, queued_at, ended_at)
     values ('${tenant}', '${record}', 'booked', 'accepted', '2026-11-23T07:00Z', '2026-11-23T08:00Z');
     insert into page_count values ('${tenant}', '2026-11-23', '/', 1);
     update vault.record set hold_reason = 'tax-law', held_at = '2026-11-23T07:30Z';
     insert into vault.erasure values ('${tenant}', '${record}', 'appointments.booking', 'after', '{}', '2026-11-23T08:00Z')`,
  )
  await owner.end()
  owner = await asOwner()
  for (const file of files.slice(firstRelease.length + beforeEnds.length)) await run(file)
  await owner.query(`set app.tenant_id = '${tenant}'`)
  await owner.query(`set timezone = 'UTC'`)
  const { rows: ends } = await owner.query(
    `select 'proof' as what, erase_at::text as at from consent_record where erase_at is not null
     union all select 'mail', erase_at::text from mail_delivery
     union all select 'count', erase_at::date::text from page_count
     union all select 'erasure', written_at::text from vault.erasure`,
  )
  expect(ends).toEqual([
    { what: 'proof', at: '2029-11-23 08:00:00+00' },
    { what: 'mail', at: '2026-11-30 08:00:00+00' },
    { what: 'count', at: '2027-11-24' },
    { what: 'erasure', at: '2026-11-23 08:00:00+00' },
  ])
  const live = async () =>
    (await owner.query('select record_id, live_record_id, kept_for from consent_record')).rows.sort((a, b) =>
      a.record_id === record ? -1 : b.record_id === record ? 1 : 0,
    )
  expect(await live()).toEqual([
    { record_id: record, live_record_id: record, kept_for: 'P3Y' },
    { record_id: erased, live_record_id: null, kept_for: 'P3Y' },
  ])
  // A legal hold from before stands in the ledger, and waits for the file.
  const { rows: changes } = await owner.query(
    'select record_id, kind, cause, changed_at::text, written_at from vault.hold_change',
  )
  expect(changes).toEqual([
    { record_id: record, kind: 'held', cause: 'tax-law', changed_at: '2026-11-23 07:30:00+00', written_at: null },
  ])
  await owner.query('update vault.record set hold_reason = null, held_at = null')
  await owner.query('delete from vault.record')
  expect((await live()).map((one) => one.live_record_id)).toEqual([null, null])
  const { rows } = await owner.query(
    `select c.oid::regclass::text as name from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relkind = 'r' and a.attname = 'tenant_id' and not (c.relrowsecurity and c.relforcerowsecurity)`,
  )
  expect(rows).toEqual([])
})

test('a migration waits for a table that somebody reads, and nobody waits for the migration', async () => {
  const place = `${name}_used`
  await admin.query(`create database ${place}`)
  const connection = { ...inject('postgres'), database: place }
  await migrate(connection, 'db/migrations', tables, '0018-visit-counts')
  const [reader, other, watcher] = await Promise.all([open(connection), open(connection), open(connection)])
  try {
    await reader.query('begin; lock table vault.record in access share mode')
    let isDone = false
    const migrating = migrate(connection, 'db/migrations', tables).then((ran) => {
      isDone = true
      return ran
    })
    const waiting = `select pid from pg_locks where mode = 'AccessExclusiveLock' and not granted and relation = 'vault.record'::regclass`
    const pid = await eventually(
      async () => (await watcher.query<{ pid: number }>(waiting)).rows[0]?.pid,
      'a migration that waits',
    )
    // It keeps no other table from anybody meanwhile: what ran before it is committed.
    const { rows: kept } = await watcher.query(
      `select relation::regclass, mode from pg_locks where pid = $1 and granted and relation >= 16384 and mode ~ '^(Share|.*Exclusive)'
         and relation not in (select oid from pg_class where relname like 'kysely%')`,
      [pid],
    )
    expect(kept).toEqual([])
    await other.query('select from vault.record') // stands behind the migration, and gets its turn before the reader has ended
    expect(isDone).toBe(false)
    await reader.query('commit')
    expect(await migrating).toEqual(files.map((file) => file.replace('.sql', '')).filter((file) => file > '0019'))
  } finally {
    await Promise.all([reader, other, watcher].map((client) => client.end()))
    await drop(place)
  }
})

test('visits counted by day become numbers of their month, and so do those that an earlier version counts meanwhile', async () => {
  const place = `${name}_visits`
  await admin.query(`create database ${place} owner ${name}`)
  const connection = { ...inject('postgres'), database: place, user: name, password: name }
  try {
    await migrate(connection, 'db/migrations', tables, '0022-page-checks')
    const client = await open({ ...connection, options: `-c app.tenant_id=${tenant}` })
    try {
      await client.query(`insert into vault.tenant_key values ('${tenant}', '\\x00', now())`)
      const count = (day: string, hour: number, outcome: string, visits: number) =>
        client.query(
          `insert into visit_count values ('${tenant}', $1, $2, 'site', '{service}', $3, $4, '2028-12-01')
           on conflict (tenant_id, day, hour, site_id, service_ids, outcome)
           do update set visits = visit_count.visits + excluded.visits`,
          [day, hour, outcome, visits],
        )
      await count('2026-11-02', 9, 'past', 1)
      await count('2026-11-30', 9, 'past', 3)
      await count('2026-11-30', 9, 'cancelled', 1)
      await count('2026-12-01', 9, 'past', 1)
      expect(await migrate(connection, 'db/migrations', tables)).toContain('0023-visits-of-a-month')
      await count('2026-12-24', 9, 'past', 1)
      await client.query(
        `insert into visit_count select '${tenant}', day, 9, 'site', '{service}', 'past', 1, '2028-12-01'
         from generate_series('2026-12-01'::date, '2026-12-04', '1 day') day order by day desc
         on conflict (tenant_id, day, hour, site_id, service_ids, outcome)
         do update set visits = visit_count.visits + excluded.visits`,
      )
      await client.query(
        `insert into visit_count select '${tenant}', day, 9, 'site', '{service}', 'past', 1, '2028-12-01'
         from unnest('{2027-01-05,2027-01-01,2027-01-07}'::date[]) day
         on conflict (tenant_id, day, hour, site_id, service_ids, outcome)
         do update set visits = visit_count.visits + excluded.visits`,
      )
      // Two servers count the first visit of a month at once: the second waits for the first, and adds to it.
      const other = await open({ ...connection, options: `-c app.tenant_id=${tenant}` })
      try {
        await other.query(
          `begin; insert into visit_count values ('${tenant}', '2027-02-01', 9, 'site', '{service}', 'past', 2, '2028-12-01')`,
        )
        const second = count('2027-02-01', 9, 'past', 1)
        const waiting = `select from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'`
        await eventually(async () => (await admin.query(waiting, [place])).rowCount === 1, 'a count that waits')
        await other.query('commit')
        await second
      } finally {
        await other.end()
      }
      const { rows } = await client.query(
        `select concat_ws(' ', day, hour, outcome, visits) line from visit_count order by 1`,
      )
      expect(rows.map(({ line }) => line)).toEqual([
        '2026-11-01 9 cancelled 1',
        '2026-11-01 9 past 4',
        '2026-12-01 9 past 6',
        '2027-01-01 9 past 3',
        '2027-02-01 9 past 3',
      ])
    } finally {
      await client.end()
    }
  } finally {
    await drop(place)
  }
})

test('a database of a version that this program does not know is refused with what to do', async () => {
  const database = await freshDatabase()
  const client = await open(database.connection)
  await client.query(`insert into kysely_migration (name, timestamp) values ('9999-of-the-future', now())`)
  await client.end()
  try {
    await expect(migrate(database.connection, 'db/migrations', tables)).rejects.toThrow(
      /^The database was made by another version of this program/,
    )
  } finally {
    await database.drop()
  }
})
