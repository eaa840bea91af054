import type pg from 'pg'
import { cpuOfPostgres } from './postgres.ts'
import { median, printTable, say } from './print.ts'
import { openStage, type Server, tenantId } from './stage.ts'

const records = 100_000
const rounds = 3
const budget = 2

/** What the records are made of, laid out once: as large as real bookings, of noise, with three blind indexes each (mail
 *  address, reference, link) and one look in the trail. */
const layOut = async (admin: pg.Client): Promise<void> => {
  const noise = (bytes: number) =>
    `decode((select string_agg(md5(random()::text || id || n), '') from generate_series(1, ${Math.ceil(bytes / 16)}) n), 'hex')`
  await admin.query('create unlogged table model (id uuid, sealed bytea, wrapped bytea)')
  await admin.query(`insert into model
    select id, ${noise(700)}, ${noise(61)} from (select gen_random_uuid() as id from generate_series(1, ${records})) made`)
  await admin.query('create table bare_record (like vault.record including defaults, primary key (tenant_id, id))')
  await admin.query('create table bare_key (like vault.key including defaults, primary key (tenant_id, record_id))')
}

const recordRows = `select $1::uuid as tenant_id, id, 'appointments.booking' as activity, '1@benchmark' as register_version, sealed,
    '{}'::jsonb as events, '[]'::jsonb as promise, '2020-01-01'::timestamptz as erase_at, 'after' as erase_rule,
    '2019-12-01'::timestamptz as created_at from model`
const columns = 'tenant_id, id, activity, register_version, sealed, events, promise, erase_at, erase_rule, created_at'

const fill = async (admin: pg.Client, into: { record: string; key: string; whole: boolean }): Promise<void> => {
  await admin.query(`insert into ${into.record} (${columns}) ${recordRows}`, [tenantId])
  await admin.query(`insert into ${into.key} select $1, id, wrapped from model`, [tenantId])
  if (into.whole) {
    await admin.query(
      `insert into vault.blind_index select $1, sha256((n || id::text)::bytea), id from model cross join generate_series(1, 3) n`,
      [tenantId],
    )
    await admin.query(
      `insert into vault.access select $1, gen_random_uuid(), id, 'manage', 'person', '2019-12-01' from model`,
      [tenantId],
    )
  }
  await admin.query('vacuum analyze')
  await admin.query('checkpoint')
}

type Cost = { node: number; postgres: number | null }

const measurer = async (admin: pg.Client, server: Server) => {
  const postgres = await cpuOfPostgres(admin)
  return async (work: () => Promise<unknown>): Promise<Cost> => {
    const [before, databaseBefore] = [await server.usage(), postgres()]
    await work()
    const [after, databaseAfter] = [await server.usage(), postgres()]
    return {
      node: after.cpuMs - before.cpuMs,
      postgres: databaseBefore === null || databaseAfter === null ? null : databaseAfter - databaseBefore,
    }
  }
}

/** In one transaction and past row-level security: as cheap as these rows can go while nothing else is asked. */
const deletePlainly = async (admin: pg.Client, ...statements: string[]): Promise<void> => {
  await admin.query('begin')
  for (const statement of statements) await admin.query(statement, [tenantId])
  await admin.query('commit')
}
const due = `tenant_id = $1 and erase_at <= '2020-01-01'`

const left = async (admin: pg.Client): Promise<number> => {
  const { rows } = await admin.query(
    `select ((select count(*) from vault.record) + (select count(*) from vault.key) + (select count(*) from bare_record)
      + (select count(*) from bare_key))::int as n`,
  )
  return rows[0].n
}

/** What the vault takes to erase a hundred thousand due records with keys, blind indexes, trail and a ledger, as the
 *  worker and `retention run` do it, beside a plain `delete` of the same record and key rows. */
export const measureErasure = async (): Promise<boolean> => {
  await using stage = await openStage({ servers: 1 })
  const { admin } = stage
  const server = stage.servers[0] as Server
  await layOut(admin)
  const measure = await measurer(admin, server)
  const ways: Record<string, () => Promise<Cost>> = {
    'the vault: records, keys, indexes, trail, ledger': async () => {
      await fill(admin, { record: 'vault.record', key: 'vault.key', whole: true })
      return measure(server.erase)
    },
    'plain delete of the same record and key rows': async () => {
      await fill(admin, { record: 'vault.record', key: 'vault.key', whole: true })
      const cost = await measure(() => deletePlainly(admin, `delete from vault.record where ${due}`))
      await admin.query('truncate vault.access')
      return cost
    },
    'plain delete from copies without foreign keys': async () => {
      await fill(admin, { record: 'bare_record', key: 'bare_key', whole: false })
      const keys = `delete from bare_key k using bare_record r where r.tenant_id = k.tenant_id and r.id = k.record_id and r.${due}`
      return measure(() => deletePlainly(admin, keys, `delete from bare_record where ${due}`))
    },
  }
  const costs = new Map<string, Cost[]>(Object.keys(ways).map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    const order = Object.entries(ways)
    for (const [name, way] of round % 2 === 0 ? order : order.reverse()) {
      costs.get(name)?.push(await way())
      const rest = await left(admin)
      if (rest > 0) throw new Error(`${name}: ${rest} rows are still there`)
    }
  }
  const sums = [...costs.values()].map((all) => all.map(({ node, postgres }) => node + (postgres ?? Number.NaN)))
  const [vault = [], plain = []] = sums
  const ratio = median(vault) / median(plain)

  say(`## erasure: ${records.toLocaleString('en')} due records, CPU milliseconds, Node and PostgreSQL`)
  say()
  say(`${rounds} rounds of each, in turns: median (smallest–largest)`)
  say()
  const span = (values: readonly number[]) =>
    values.some(Number.isNaN)
      ? 'not measured here'
      : `${median(values).toFixed(0)} (${Math.min(...values).toFixed(0)}–${Math.max(...values).toFixed(0)})`
  printTable(
    ['', 'Node', 'PostgreSQL', 'both', 'against the plain delete'],
    [...costs].map(([name, all], index) => [
      name,
      span(all.map(({ node }) => node)),
      span(all.map(({ postgres }) => postgres ?? Number.NaN)),
      span(sums[index] ?? []),
      (median(sums[index] ?? []) / median(plain)).toFixed(2),
    ]),
  )
  say(`budget: ${budget}`)
  say()
  return Number.isNaN(ratio) || ratio <= budget
}
