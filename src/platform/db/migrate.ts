import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Kysely, PostgresDialect, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import pg from 'pg'
import { appRole, type Connection } from './db.ts'

const provider = (folder: string) => ({
  getMigrations: async () =>
    Object.fromEntries(
      readdirSync(folder)
        .filter((name) => name.endsWith('.sql'))
        .map((name) => [
          name.replace(/\.sql$/, ''),
          {
            up: async (db: Kysely<unknown>) =>
              void (await sql.raw(readFileSync(join(folder, name), 'utf8')).execute(db)),
          },
        ]),
    ),
})

/** Brings the database to the newest version: makes the app role if the owner may, then runs `db/migrations/*.sql`.
 *  Safe to run from several processes at once (Kysely takes a lock). Returns the names of what it ran.
 *  @throws the first failing migration's error; that migration is rolled back. */
export const migrate = async (owner: Connection, folder: string): Promise<string[]> => {
  const pool = new pg.Pool({ ...owner, max: 2 })
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
    const { error, results } = await new Migrator({ db, provider: provider(folder) }).migrateToLatest()
    if (error) throw error
    return (results ?? []).map((result) => result.migrationName)
  } finally {
    await db.destroy()
  }
}
