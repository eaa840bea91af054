import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { tables } from '#apps/tables.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { migrate } from '#platform/db/migrate.ts'
import { forgetStatistics, listSampled } from '#platform/db/statistics.ts'
import { lockByDigest } from '#vault/legal-holds/sql.ts'
import { eraseRecords, findByDigest, findRecords, hasDigest, lockDue } from '#vault/sql.ts'
import { insertLook } from '#vault/trail/sql.ts'
import { copyOut, dump, findTraces } from './helpers/dump.ts'
import { eventually, type Installation, startInstallation } from './helpers/installation.ts'
import { bookAppointment, person } from './helpers/person.ts'

/* What PostgreSQL samples for its planner outlives the row that it was taken from. */

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ withoutWorker: true })
})
afterAll(() => installation.close())

/** Every table, and what PostgreSQL itself remembers of the values in them. */
const everything = async (client: pg.Client): Promise<Map<string, Buffer>> => {
  const tables = await dump(client)
  for (const name of ['pg_catalog.pg_statistic', 'pg_catalog.pg_statistic_ext_data'])
    tables.set(name, await copyOut(client, name))
  return tables
}

/** What is sealed, wrapped or hashed of all records there are. */
const secrets = async (client: pg.Client): Promise<Record<string, Buffer>> => {
  const { rows } = await client.query<{ name: string; value: Buffer }>(
    `select 'record ' || id as name, sealed as value from vault.record
     union all select 'key ' || record_id, wrapped from vault.key
     union all select 'check value ' || left(encode(digest, 'hex'), 8) || ' of ' || record_id, digest from vault.blind_index`,
  )
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]))
}

test('what is erased is in no table and in no statistics, though PostgreSQL has looked at it before, nor its key in any file of them', async () => {
  const { admin } = installation
  const who = person(installation)
  await bookAppointment(who) // stays, so that the files do
  const lasting = await secrets(admin)
  const booked = []
  for (let i = 0; i < 3; i++) booked.push(await bookAppointment(who, { fields: { 'f.email': `s${i}@example.org` } }))
  const stored = Object.fromEntries(Object.entries(await secrets(admin)).filter(([name]) => !(name in lasting)))
  expect(Object.keys(stored).length).toBeGreaterThan(15)
  // As it would be remembered in a column that nobody keeps from it, so that finding nothing means something.
  await admin.query('create table planted as select wrapped from vault.key; analyze')
  await admin.query('delete from planted')
  const found = findTraces(await everything(admin), stored)
  for (const name of Object.keys(stored)) expect(found.join('\n')).toContain(`: ${name}`)
  expect(found.filter((trace) => trace.startsWith('pg_catalog.pg_statistic: key')).length).toBeGreaterThan(1)
  await admin.query('drop table planted')

  const keys = Object.fromEntries(Object.entries(stored).filter(([name]) => name.startsWith('key ')))
  const inFile = async () => {
    await admin.query('vacuum vault.key')
    await admin.query('checkpoint')
    const { rows } = await admin.query(`select pg_read_binary_file(pg_relation_filepath('vault.key')) as bytes`)
    return findTraces(new Map([['file', rows[0].bytes]]), keys).length
  }
  // A look from before can still see the keys, so that a file written meanwhile has them, too.
  const before = new pg.Client(installation.database.connection)
  await before.connect()
  await before.query('begin isolation level repeatable read; select from vault.tenant_key')
  for (const { token } of booked) await who.send(await who.open(`/segeberg/termin/verwalten/${token}/absagen`))
  const standing = Object.keys(lasting).flatMap((name) => /^key (.*)/.exec(name)?.[1] ?? [])
  await admin.query(`update vault.record set erase_at = '2026-01-01', erase_rule = 'after' where id <> all($1)`, [
    standing,
  ])
  expect(await inFile()).toBeGreaterThan(0)
  await installation.sweep()
  expect(await secrets(admin)).toEqual(lasting)
  expect(findTraces(await everything(admin), stored)).toEqual([])
  expect(await inFile()).toBeGreaterThan(0)
  await before.end()
  // Not at once, since whoever needs a key waits behind each try.
  installation.time.move('PT9M59S')
  await installation.sweep()
  expect(await inFile()).toBeGreaterThan(0)
  installation.time.move('PT1S')
  await installation.sweep()
  expect(await inFile()).toBe(0)
})

test('an installation of an older version forgets what was sampled there, by a migration of an owner without rights', async () => {
  const name = `sampled_${process.pid}`
  const root = inject('postgres')
  const admin = new pg.Client(root)
  await admin.connect()
  await admin.query(`create role ${name} login createrole password '${name}'`)
  await admin.query(`create database ${name} owner ${name}`)
  const owner = { ...root, database: name, user: name, password: name }
  const inside = new pg.Client({ ...root, database: name })
  try {
    await migrate(owner, 'db/migrations', tables, '0016-waiting')
    await inside.connect()
    await inside.query(`
      insert into vault.tenant_key select gen_random_uuid(), sha256(n::text::bytea), now() from generate_series(1, 40) n;
      insert into vault.record (tenant_id, id, activity, register_version, sealed, created_at)
        select tenant_id, gen_random_uuid(), 'appointments.booking', '1', sha256(('r' || tenant_id)::bytea), now() from vault.tenant_key;
      insert into vault.key select tenant_id, id, sha256(('k' || id)::bytea), 1 from vault.record;
      insert into vault.blind_index select tenant_id, sha256(('d' || id)::bytea), id, 1 from vault.record;
      insert into appointment (tenant_id, id, site_id, desk_id, service_ids, status, starts_at, ends_at, cells, record_id, moved_at, moved_from)
        select tenant_id, id, 's', 1, '{x}', 'past', created_at, created_at + interval '1 h', 6, id, created_at, created_at from vault.record;
      analyze`)
    const stored = await secrets(inside)
    const definitions = async () =>
      (
        await inside.query(
          `select pg_get_constraintdef(oid) as is from pg_constraint where conrelid::regclass::text !~ '^pg_'
           union all select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
           union all select indexdef from pg_indexes where schemaname in ('public', 'vault') order by 1`,
        )
      ).rows
    const before = await definitions()
    const sampled = async () => findTraces(new Map([['', await copyOut(inside, 'pg_statistic')]]), stored).length
    expect(await sampled()).toBeGreaterThan(100)

    await migrate(owner, 'db/migrations', tables, '0017-no-statistics')
    expect(await sampled()).toBe(0)
    expect(await listSampled(inside, tables)).toEqual([])
    expect(await definitions()).toEqual(before)
    await inside.query('analyze')
    expect(await sampled()).toBe(0)
    // A column that a later migration brings is kept from it without being named anywhere.
    await inside.query(
      'alter table vault.key add column another bytea; create index on vault.key ((wrapped || record_id::text::bytea))',
    )
    expect((await listSampled(inside, tables)).length).toBe(2)
    await forgetStatistics(inside, tables)
    expect(await listSampled(inside, tables)).toEqual([])
  } finally {
    await inside.end()
    await admin.query(`drop database ${name} with (force)`)
    await admin.query(`drop role ${name}`)
    await admin.end()
  }
})

test('a migration that finds a table in use gives its lock up again, so that others go on, and comes back', async () => {
  const { admin, database } = installation
  const reader = new pg.Client(database.connection)
  const other = new pg.Client(database.connection)
  await Promise.all([reader.connect(), other.connect()])
  try {
    await other.query('alter table vault.key alter wrapped set statistics 50')
    await reader.query('begin; lock table vault.key in access share mode')
    let isDone = false
    const forgetting = forgetStatistics(admin, tables).then(() => {
      isDone = true
    })
    await eventually(async () => {
      const { rowCount } = await other.query(`select from pg_locks where mode = 'AccessExclusiveLock' and not granted`)
      return rowCount
    }, 'a migration that waits')
    await other.query('select from vault.key') // stands behind the migration, and gets its turn before the reader has ended
    expect(isDone).toBe(false)
    await reader.query('commit')
    await forgetting
    expect(await listSampled(admin, tables)).toEqual([])
  } finally {
    await Promise.all([reader.end(), other.end()])
  }
})

/** How many rows of tables this connection has read, wanted or not, since PostgreSQL last wrote that down. */
const rowsRead = async (tx: TenantTx): Promise<number> => {
  const { rows } = await sql<{ read: number }>`
    select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int as read from pg_stat_xact_user_tables`.execute(tx)
  return rows[0]?.read ?? 0
}

test('among a hundred thousand check values a look-up reads what it finds, with such statistics as there are', async () => {
  const { admin, deps } = installation
  const tenantId = [...deps.register.running.values()][0]?.tenant.id ?? ''
  const now = deps.clock()
  await admin.query('set session_replication_role = replica') // foreign keys would take a while and change nothing here
  await admin.query(
    `with r as (
       insert into vault.record (tenant_id, id, activity, register_version, sealed, erase_at, erase_rule, created_at)
       select $1, gen_random_uuid(), 'appointments.booking', '1', sha256(n::text::bytea), $2::timestamptz + n * interval '1 min', 'after', $2
       from generate_series(-2, 50000) n returning id
     ), k as (insert into vault.key select $1, id, sha256(id::text::bytea), 1 from r)
     insert into vault.blind_index select $1, sha256((id::text || n)::bytea), id, 1 from r, generate_series(1, 2) n`,
    [tenantId, now.toString()],
  )
  await admin.query('reset session_replication_role; analyze')
  const { rows } = await admin.query<{ id: string; digest: Buffer }>(
    'select record_id as id, digest from vault.blind_index join vault.record on id = record_id where erase_at > $1 and record.tenant_id = $2 limit 1',
    [now.add({ hours: 24 }).toString(), tenantId],
  )
  const { id = '', digest = Buffer.from('') } = rows[0] ?? {}
  const digests = [digest, Buffer.alloc(32)]
  const ledger = { id: crypto.randomUUID(), activity: 'appointments.booking', rule: 'after', at: now }
  const read = await deps.db.inTenant(tenantId, async (tx) => {
    const before = await rowsRead(tx)
    expect(
      (await findByDigest(tx, digests, { now, which: 'in-use', activities: ['appointments.booking'] })).map(
        (record) => record.id,
      ),
    ).toEqual([id])
    expect((await lockByDigest(tx, digests, now)).map((record) => record.id)).toEqual([id])
    expect(await hasDigest(tx, id, digests)).toBe(true)
    expect((await findRecords(tx, [id], now)).map((record) => record.id)).toEqual([id])
    const look = { id: crypto.randomUUID(), records: [id], purpose: 'rights', actor: 'person', at: now } as const
    expect((await insertLook(tx, look)).size).toBe(0)
    expect((await lockDue(tx, now, 1000)).length).toBe(3)
    expect(await eraseRecords(tx, [id], ledger)).toBe(1)
    return (await rowsRead(tx)) - before
  })
  expect(read).toBeGreaterThan(5)
  expect(read).toBeLessThan(100)
})
