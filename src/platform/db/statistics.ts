import type pg from 'pg'
import { columnKinds, type DeclaredTables } from './columns.ts'
import { patiently } from './patiently.ts'

/** Columns of which PostgreSQL may keep samples, which outlive their rows: words and numbers out of lists and times of a
 *  schedule are nobody's, and of what was erased an id tells no more than the ledger does. Joins would be planned blindly
 *  without them. */
const sampled = (tables: DeclaredTables): string[] =>
  [...columnKinds(tables)]
    .filter(([, kind]) => ['fact', 'id', 'public', 'schedule'].includes(kind))
    .map(([column]) => column)

// The columns of jobs are pg-boss's own and go by type: numbers and states may be sampled. What an index computes is
// sampled, too, and goes with its table; so does a partition with the whole.
const found = `
  with kept as (
    select c.oid, coalesce(h.inhparent, c.oid) as whole, n.nspname, c.relname, a.attname, a.attstattarget
    from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_inherits h on h.inhrelid = c.oid
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped join pg_type t on t.oid = a.atttypid
    where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
      and c.relname not like 'kysely\\_%' and case when n.nspname = 'jobs'
        then c.relname like 'job%' and a.attname not in ('name', 'policy') and t.typname not in ('int4', 'bool') and t.typtype <> 'e'
        else concat_ws('.', n.nspname, c.relname, a.attname) <> all($1) end
  ), computed as (
    select i.indexrelid, coalesce(h.inhparent, i.indrelid), c.relnamespace::regnamespace::name, c.relname, a.attname, a.attstattarget
    from pg_index i join pg_class c on c.oid = i.indexrelid left join pg_inherits h on h.inhrelid = i.indrelid
    join pg_attribute a on a.attrelid = i.indexrelid and i.indkey[a.attnum - 1] = 0
    where i.indrelid in (select oid from kept)
  ), found as (
    select * from (table kept union all table computed) each
    where coalesce(attstattarget, -1) <> 0 or exists (
      select from pg_stats s where s.schemaname = nspname and s.tablename = relname and s.attname = each.attname)
  )`

type Client = Pick<pg.ClientBase, 'query'>

/** Columns whose values PostgreSQL could keep beyond their rows, or does keep, and statistics over several columns. That a
 *  column has samples, only a superuser sees; that it could get some, everybody. */
export const listSampled = async (client: Client, tables: DeclaredTables): Promise<string[]> => {
  const { rows } = await client.query<{ name: string }>(
    `${found} select concat_ws('.', nspname, relname, attname) as name from found
     union select stxnamespace::regnamespace || '.' || stxname from pg_statistic_ext order by 1`,
    [sampled(tables)],
  )
  return rows.map(({ name }) => name)
}

/** As the owner of the tables: keeps PostgreSQL from sampling what must not be, and makes it forget what it has sampled.
 *  Does nothing where all is well. Each table is locked for a moment (docs/operating.md says how long).
 *  @throws the database's error when a table was in use for ten minutes. */
export const forgetStatistics = async (client: Client, tables: DeclaredTables): Promise<void> => {
  const { rows: known } = await client.query(`select to_regproc('app.forget_statistics') is not null as is`)
  if (!known[0]?.is) return // a database of an older version, as it is made for a backup of that time
  const { rows } = await client.query<{ table: string; columns: string[] }>(
    `${found} select whole::regclass::text as table, array(select kept.attname::text from kept where kept.oid = found.whole) as columns
     from found group by whole order by 1`,
    [sampled(tables)],
  )
  for (const { table, columns } of rows) {
    await patiently(() => client.query('select app.forget_statistics($1, $2)', [table, columns]))
  }
}
