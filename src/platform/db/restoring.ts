import pg from 'pg'
import { RefusedError } from '#platform/config.ts'
import type { Connection } from './db.ts'

// A schema, because it can stand in a database of any version, also in one without a single table of ours.
const mark = 'restore_unfinished'

/** Marks the database as not fit to be opened: a backup is being loaded, and what was erased since may be in it. */
export const markRestoring = async (client: pg.Client): Promise<void> => {
  await client.query(`create schema if not exists ${mark}`)
}

export const unmarkRestoring = async (client: pg.Client): Promise<void> => {
  await client.query(`drop schema if exists ${mark}`)
}

/** @throws RefusedError when a restore into this database has begun and not ended. */
export const refuseUnfinishedRestore = async (connection: Connection): Promise<void> => {
  const client = new pg.Client(connection)
  await client.connect()
  try {
    const { rowCount } = await client.query(`select from pg_namespace where nspname = '${mark}'`)
    if (rowCount === 0) return
  } finally {
    await client.end()
  }
  throw new RefusedError(
    'A restore into this database has not come to its end, and erased data could be in it. Wait for it; if it failed, make a new, empty database and restore again.',
  )
}
