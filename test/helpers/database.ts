import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { prepareDatabase } from '#apps/compose.ts'
import type { Connection } from '#platform/db/db.ts'
import { startLocalPostgres } from '#platform/db/local-postgres.ts'
import { temporaryFolder } from './folder.ts'

declare module 'vitest' {
  interface ProvidedContext {
    postgres: { host: string; user: string; password: string; database: string }
    /** A folder that is removed after the run. */
    runFolder: string
  }
}

/** Name of the database that every test file gets a copy of. */
export const template = 'anlaufstelle_template'

/** Brings up one PostgreSQL for the whole run, migrated once. `TEST_DATABASE_URL` names another one to run on. */
export default async (project: TestProject) => {
  const given = process.env.TEST_DATABASE_URL
  const dataDir = temporaryFolder('tests')
  // Nothing of a test run has to survive a power cut.
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' }
  const letGo = whenKilled(dataDir)
  endWithParent()
  const local = given ? null : await startLocalPostgres({ dataDir, settings })
  const admin = local?.url ?? urlParts(given ?? '')
  const client = new pg.Client(admin)
  await client.connect()
  await client.query(`drop database if exists ${template}`)
  await client.query(`create database ${template}`)
  await client.end()
  await prepareDatabase({ ...admin, database: template } satisfies Connection)
  project.provide('postgres', admin)
  project.provide('runFolder', dataDir)
  return async () => {
    await local?.stop()
    rmSync(dataDir, { recursive: true, force: true })
    letGo()
  }
}

/** Has somebody else end the PostgreSQL should this process be killed. Returns how to let go of that. */
const whenKilled = (dataDir: string): (() => void) => {
  const args = ['scripts/afterwards.mjs', join(dataDir, 'postgres/data'), dataDir]
  const other = spawn(process.execPath, args, { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  other.unref()
  return () => other.stdin.end()
}

/** Ends the run when what started it (`npm test`) was killed: nobody would read its outcome. */
const endWithParent = (): void => {
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) process.exit(1)
  }, 1000).unref()
}

const urlParts = (text: string) => {
  const url = new URL(text)
  return {
    host: url.searchParams.get('host') ?? url.hostname,
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: url.pathname.slice(1) || 'postgres',
  }
}
