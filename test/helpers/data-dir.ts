import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { inject } from 'vitest'
import { prepareDatabase } from '#apps/compose.ts'
import { startLocalPostgres } from '#platform/db/local-postgres.ts'
import { temporaryFolder } from './folder.ts'

/** Whether the PostgreSQL below a data folder still runs. */
export const isPostgresRunning = (dataDir: string): boolean => {
  try {
    const pid = Number(readFileSync(join(dataDir, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0])
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** A folder for a server's data that PostgreSQL's account reaches too. Nothing is in it yet: whoever starts there makes the
 *  database first. */
export const anEmptyDataDir = () => {
  const path = temporaryFolder('data')
  return {
    path,
    remove: async () => {
      if (isPostgresRunning(path)) await (await startLocalPostgres({ dataDir: path })).stop()
      rmSync(path, { recursive: true, force: true })
    },
  }
}

export type DataDir = ReturnType<typeof anEmptyDataDir>

let prepared: Promise<string> | undefined

/** Made once in each process that asks, in the folder that the run removes. */
const prepare = async (): Promise<string> => {
  const path = mkdtempSync(join(inject('runFolder'), 'prepared-'))
  chmodSync(path, 0o711)
  const postgres = await startLocalPostgres({ dataDir: path, settings: { fsync: 'off' } })
  await prepareDatabase(postgres.url)
  await postgres.stop()
  if (existsSync(join(path, 'postgres/elsewhere'))) throw new Error(`PostgreSQL cannot reach ${path}: see TMPDIR`)
  return path
}

/** Puts a database into a data folder, as `migrate` leaves it: to make one takes longer than most of what is done with it. */
export const putDatabase = async (dataDir: string): Promise<void> => {
  prepared ??= prepare()
  execFileSync('cp', ['-a', join(await prepared, 'postgres'), dataDir]) // owners are kept: it is PostgreSQL's
}

/** A folder for a server's data with a database in it. */
export const aDataDir = async (): Promise<DataDir> => {
  const data = anEmptyDataDir()
  await putDatabase(data.path)
  return data
}
