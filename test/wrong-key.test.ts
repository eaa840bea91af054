import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { expect, test } from 'vitest'
import { compose } from '#apps/compose.ts'
import { ConfigError } from '#platform/config.ts'
import { freshDatabase, startInstallation } from './helpers/installation.ts'

test('with another key than the data were sealed with, a start names the file and leaves no connection behind', async () => {
  const database = await freshDatabase()
  const installation = await startInstallation({ database, withoutWorker: true })
  const admin = new pg.Client({ ...database.connection, database: 'postgres' })
  await admin.connect()
  const connections = async () => {
    const { rows } = await admin.query('select pid from pg_stat_activity where datname = $1', [
      database.connection.database,
    ])
    return rows.length
  }
  try {
    const keyFile = join(installation.folder, 'other.key')
    writeFileSync(keyFile, Buffer.alloc(32, 7).toString('base64'), { mode: 0o600 })
    const before = await connections()
    const start = compose({ ...installation.config, keyFile }, { database: database.connection })
    await expect(start).rejects.toThrow(ConfigError)
    await expect(start).rejects.toThrow('other.key')
    await expect.poll(connections).toBeLessThanOrEqual(before)
  } finally {
    await installation.close()
    await admin.end()
    await database.drop()
  }
})
