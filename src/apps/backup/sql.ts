import type { Readable } from 'node:stream'
import pg from 'pg'
import { copyIn, copyOut } from '#platform/db/copy.ts'
import type { Connection } from '#platform/db/db.ts'

/*
 * What backup and restore ask of the database, as its owner. The owner is behind row-level security like everybody else,
 * and need not be a superuser: so every table is read and written tenant by tenant.
 */

export type Client = pg.Client

/** Runs `work` on a connection of its own. */
export const withClient = async <T>(owner: Connection, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client(owner)
  client.on('error', () => {}) // what was under way reports it
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Runs `work` in one transaction. */
export const inTransaction = async <T>(client: pg.Client, kind: string, work: () => Promise<T>): Promise<T> => {
  await client.query(`begin ${kind}`)
  try {
    const result = await work()
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  }
}

export const oneSnapshot = 'isolation level repeatable read read only'

export const setTenant = async (client: pg.Client, tenant: string): Promise<void> => {
  await client.query(`select set_config('app.tenant_id', $1, true)`, [tenant])
}

/** Migrations that have run, oldest first; none in a database that is not ours yet. */
export const listMigrations = async (client: pg.Client): Promise<string[]> => {
  const there = await client.query(`select to_regclass('kysely_migration') is not null as is`)
  if (!there.rows[0].is) return []
  return (await client.query('select name from kysely_migration order by name')).rows.map(({ name }) => name)
}

export const listTenants = async (client: pg.Client): Promise<string[]> => {
  const there = await client.query(`select to_regclass('app.known_tenant') is not null as is`)
  if (!there.rows[0].is) return []
  return (await client.query('select id from app.known_tenant order by id')).rows.map(({ id }) => id)
}

export const insertTenants = async (client: pg.Client, ids: readonly string[]): Promise<void> => {
  await client.query('insert into app.known_tenant (id) select unnest($1::uuid[])', [ids])
}

export type Table = { name: string; columns: string[] }

/** Every table that belongs to tenants, each after the ones it refers to; not the unlogged ones, of which nothing is to
 *  outlive the day. */
export const listTables = async (client: pg.Client): Promise<Table[]> => {
  const { rows } = await client.query<{ name: string; columns: string[]; needs: string[] }>(`
    select format('%I.%I', n.nspname, c.relname) as name,
           (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
            where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
           coalesce((select array_agg(distinct format('%I.%I', fn.nspname, fc.relname)) from pg_constraint k
            join pg_class fc on fc.oid = k.confrelid join pg_namespace fn on fn.oid = fc.relnamespace
            where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid), '{}') as needs
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_policy p on p.polrelid = c.oid and p.polname = 'tenant'
    where c.relkind = 'r' and c.relpersistence <> 'u' order by 1`)
  const ordered: typeof rows = []
  while (ordered.length < rows.length) {
    const ready = rows.filter(
      (row) => !ordered.includes(row) && row.needs.every((need) => ordered.some(({ name }) => name === need)),
    )
    if (ready.length === 0) throw new Error('tables refer to each other in a circle')
    ordered.push(...ready)
  }
  return ordered.map(({ name, columns }) => ({ name, columns }))
}

const list = (columns: readonly string[]): string => columns.map((column) => `"${column}"`).join(', ')

/** The rows of one tenant, for whom the transaction has to be set. */
export const readRows = (client: pg.Client, table: Table, tenant: string, onRow: () => void): Readable =>
  copyOut(
    client,
    `copy (select ${list(table.columns)} from ${table.name} where tenant_id = ${client.escapeLiteral(tenant)}) to stdout`,
    onRow,
  )

const waitingRoom = (name: string): string => `waiting_${name.replace('.', '_')}`

/** Loads rows of all tenants into a table for this transaction: behind row-level security, `COPY` itself is not allowed. */
export const loadRows = async (client: pg.Client, table: Table, source: AsyncIterable<Buffer>): Promise<void> => {
  const room = waitingRoom(table.name)
  await client.query(
    `create temp table ${room} on commit drop as select ${list(table.columns)} from ${table.name} with no data`,
  )
  await copyIn(client, `copy ${room} from stdin`, source)
}

/** Takes over the loaded rows of the tenant for whom the transaction is set. Returns how many. */
export const takeOver = async (client: pg.Client, table: Table, tenant: string): Promise<number> => {
  const columns = list(table.columns)
  const { rowCount } = await client.query(
    `insert into ${table.name} (${columns}) select ${columns} from ${waitingRoom(table.name)} where tenant_id = $1`,
    [tenant],
  )
  return rowCount ?? 0
}

/** Runs the checks that wait for the commit while the transaction is still set to this tenant. */
export const checkNow = async (client: pg.Client): Promise<void> => {
  await client.query('set constraints all immediate')
  await client.query('set constraints all deferred')
}

export const findWrappedKey = async (client: pg.Client, tenant: string): Promise<Buffer | null> =>
  (await client.query('select wrapped from vault.tenant_key where tenant_id = $1', [tenant])).rows[0]?.wrapped ?? null

export const listErasureIds = async (client: pg.Client, tenant: string, since: Temporal.Instant): Promise<string[]> =>
  (
    await client.query('select id from vault.erasure where tenant_id = $1 and erased_at >= $2', [
      tenant,
      since.toString(),
    ])
  ).rows.map(({ id }) => id)
