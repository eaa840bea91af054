import pg from 'pg'
import type { DeclaredTables } from './columns.ts'
import { appRole, type Connection } from './db.ts'
import { listSampled } from './statistics.ts'

/** What a database really holds, whoever made it so. */
export type Inspected = {
  /** `schema.table.column` of every ordinary table outside PostgreSQL itself and the queue. */
  columns: string[]
  /** Tables with a `tenant_id` that are not behind the forced policy of their tenant and no other. */
  unprotected: string[]
  /** Columns whose values PostgreSQL keeps in its statistics, or could keep there. */
  sampled: string[]
  /** What the role that runs the product may do and should not. */
  excess: string[]
  /** Names of the queues there are. */
  queues: string[]
  /** Keys that occur in what waits in the queues. */
  payloadKeys: string[]
  /** `queue place` of jobs that hold anything but UUIDs: `data.` and a key, or another column that could hold words. */
  spokenJobs: string[]
}

const tables = `
  select c.oid, n.nspname || '.' || c.relname as name, c.relrowsecurity and c.relforcerowsecurity as forced, n.nspname as schema
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'jobs')
    and c.relname not like 'kysely\\_%'`

// What pg-boss itself notes in a job that was never answered for says nothing of what the job is about.
const spokenJobs = `
  select distinct j.name || ' ' || place as name from jobs.job j, lateral (
    select 'data.' || key from jsonb_each(case jsonb_typeof(j.data) when 'object' then j.data else '{}' end)
      where (value #>> '{}' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$') is not true
    union all select 'data' where j.data is not null and jsonb_typeof(j.data) <> 'object'
    union all select key from jsonb_each(to_jsonb(j))
      where key in ('singleton_key', 'group_id', 'group_tier', 'output', 'source_output') and value <> 'null'
        and value #>> '{value,message}' is distinct from 'job timed out'
        and value #>> '{value,message}' is distinct from 'job heartbeat timeout'
  ) p (place) where j.name !~ '^__pgboss__' order by 1`

const strings = async (client: pg.Client, question: string, values: unknown[] = []): Promise<string[]> =>
  (await client.query<{ name: string }>(question, values)).rows.map(({ name }) => name)

/** Looks at a database through the catalogue; changes nothing. `declared`: all tables there should be. */
export const inspectDatabase = async (connection: Connection, declared: DeclaredTables): Promise<Inspected> => {
  const client = new pg.Client(connection)
  await client.connect()
  try {
    return {
      columns: await strings(
        client,
        `select t.name || '.' || a.attname as name from (${tables}) t
         join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped order by 1`,
      ),
      unprotected: await strings(
        client,
        `select t.name from (${tables}) t
         where exists (select from pg_attribute a where a.attrelid = t.oid and a.attname = 'tenant_id' and not a.attisdropped)
           and (not t.forced or (select array_agg(pg_get_expr(polqual, polrelid) || ' ' || pg_get_expr(polwithcheck, polrelid))
             from pg_policy where polrelid = t.oid) is distinct from array['(tenant_id = app.tenant()) (tenant_id = app.tenant())'])
         order by 1`,
      ),
      sampled: await listSampled(client, declared),
      excess: await strings(
        client,
        `select e.name from pg_roles r, lateral (values
           (r.rolsuper, 'is a superuser'), (r.rolbypassrls, 'bypasses row-level security'),
           (r.rolcreaterole, 'can make roles'), (r.rolcreatedb, 'can make databases'),
           (pg_has_role(r.oid, 'pg_read_server_files', 'member'), 'can read files of the database server')
         ) e (has, name) where r.rolname = $1 and e.has`,
        [appRole],
      ),
      queues: await strings(client, 'select name from jobs.queue order by 1'),
      payloadKeys: await strings(
        client,
        "select distinct jsonb_object_keys(data) as name from jobs.job where jsonb_typeof(data) = 'object' order by 1",
      ),
      spokenJobs: await strings(client, spokenJobs),
    }
  } finally {
    await client.end()
  }
}
