import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '#platform/config.ts'
import type { Inspected } from '#platform/db/inspect.ts'
import type { RunningTenant } from '#register/register.ts'
import { programDir, projectRoot } from '../root.ts'

const hashOf = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part.length}\0`).update(part)
  return hash.digest('hex')
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()

/** What runs: the built program with what browsers get of it, its packages as npm noted them when it put them there, and
 *  Node itself. */
export const hashProgram = (clientDir: string, folder = programDir, root = projectRoot): string => {
  const packages = ['package-lock.json', 'node_modules/.package-lock.json'].map((name) => join(root, name))
  const built = [folder, clientDir].filter((each) => existsSync(each)).flatMap(filesBelow)
  const files = [...built, ...packages.filter((each) => existsSync(each))]
  return hashOf(JSON.stringify(process.versions), ...files.flatMap((file) => [file, readFileSync(file)]))
}

/** The settings on which it depends what the check of the pages finds. */
const settingsOf = ({ publicUrl, tls }: Config): string => JSON.stringify([publicUrl, tls !== null])

/** What stands for everything that a tenant's pages depend on: when it is the same as at the last full check, so are they.
 *  `program` is from `hashProgram`. */
export const fingerprints = (program: string, config: Config, { columns, queues }: Inspected) => {
  const shared = hashOf(program, settingsOf(config), JSON.stringify([columns, queues]))
  return ({ tenant, hash }: RunningTenant): string => hashOf(shared, tenant.slug, hash)
}
