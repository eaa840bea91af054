import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Kysely, PostgresDialect, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import pg from 'pg'
import { ConfigError, RefusedError } from '#platform/config.ts'
import type { DeclaredTables } from './columns.ts'
import { appRole, type Connection } from './db.ts'
import { lockTimeout, patiently } from './patiently.ts'
import { forgetStatistics } from './statistics.ts'

/** Names of all migrations of a folder, oldest first. */
export const listAllMigrations = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .map((name) => name.replace(/\.sql$/, ''))
    .sort()

const provider = (folder: string, last: string | undefined) => ({
  getMigrations: async () =>
    Object.fromEntries(
      listAllMigrations(folder)
        .filter((name) => last === undefined || name <= last)
        .map((name) => [
          name,
          {
            up: async (db: Kysely<unknown>) =>
              void (await sql.raw(readFileSync(join(folder, `${name}.sql`), 'utf8')).execute(db)),
          },
        ]),
    ),
})

/** Runs the next migration in a transaction of its own, so that each lets go of the tables it changed before the next one
 *  needs others. Returns its name; null when there is none. */
const migrateOne = async (migrator: Migrator): Promise<string | null> => {
  const { error, results } = await migrator.migrateUp()
  if (error) throw error
  return results?.[0]?.migrationName ?? null
}

const otherVersion =
  'The database was made by another version of this program: it holds changes that this one does not know. Use the version that made it, or a newer one; a demonstration begins anew when its data folder is removed.'

const isForbidden = (error: unknown): error is pg.DatabaseError =>
  error instanceof pg.DatabaseError && error.code === '42501'

/** Brings the database to the newest version, or to `last`: makes the app role if the owner may, then runs `db/migrations/*.sql`, and
 *  keeps PostgreSQL's statistics from what must not stay in them. Safe to run from several processes at once (Kysely takes
 *  a lock), and beside people who use the tables: one in use is asked for again, so that nobody waits behind it for longer
 *  than two seconds. Returns the names of what it ran.
 *  @throws ConfigError for a database of a version that is not known here.
 *  @throws ConfigError for a role that may not migrate.
 *  @throws the first failing migration's error; that migration is rolled back, those before it have run.
 *  @throws the database's error when a table was in use for ten minutes. */
export const migrate = async (
  owner: Connection,
  folder: string,
  tables: DeclaredTables,
  last?: string,
): Promise<string[]> => {
  const pool = new pg.Pool({ ...owner, max: 2, options: `-c lock_timeout=${lockTimeout}` })
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  try {
    // An owner who may not make roles finds this one made by somebody who may, and cannot grant it either.
    await sql
      .raw(`do $$ begin
        if not exists (select from pg_roles where rolname = '${appRole}') then
          create role ${appRole} nologin nosuperuser nobypassrls;
        end if;
      exception when duplicate_object or unique_violation then null; end $$;
      do $$ begin grant ${appRole} to current_user; exception when insufficient_privilege then null; end $$`)
      .execute(db)
    const migrator = new Migrator({ db, provider: provider(folder, last) })
    const ran: string[] = []
    for (;;) {
      const name = await patiently(() => migrateOne(migrator))
      if (name === null) break
      ran.push(name)
    }
    await sql.raw(`grant select on kysely_migration to ${appRole}`).execute(db) // so that it can tell its version
    await forgetStatistics(pool, tables)
    return ran
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('corrupted migrations')) throw new ConfigError(otherVersion)
    if (!isForbidden(error)) throw error
    throw new ConfigError(
      `DATABASE_OWNER_URL: expected the role that owns the tables, because the database is not at the version of this program (${error.message}). Set it, or run npx anlaufstelle migrate with it.`,
    )
  } finally {
    await db.destroy()
  }
}

/** Whether every migration of the folder has run on this database. The product's role may ask.
 *  @throws ConfigError for a database of a version that is not known here. */
export const isCurrent = async (connection: Connection, folder: string): Promise<boolean> => {
  const client = new pg.Client(connection)
  await client.connect()
  try {
    const { rows: tables } = await client.query(`select to_regclass('kysely_migration') is not null as is`)
    if (!tables[0].is) return false
    const ran: string[] = (await client.query('select name from kysely_migration')).rows.map(({ name }) => name)
    const known = listAllMigrations(folder)
    if (ran.some((name) => !known.includes(name))) throw new ConfigError(otherVersion)
    return known.every((name) => ran.includes(name))
  } catch (error) {
    if (isForbidden(error)) return false // an older version did not let it ask
    throw error
  } finally {
    await client.end()
  }
}

/** @throws RefusedError for a database that is not at this version; what only looks must not change it. */
export const refuseOutdated = async (connection: Connection, folder: string): Promise<void> => {
  if (await isCurrent(connection, folder)) return
  throw new RefusedError(
    'The database is not at the version of this program. Bring it there first: start the server, or npx anlaufstelle migrate.',
  )
}
