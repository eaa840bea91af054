import type { Feature } from '#features/feature.ts'
import type { Connection } from '#platform/db/db.ts'
import { type Inspected, inspectDatabase } from '#platform/db/inspect.ts'
import type { AppDeps } from '../deps.ts'
import { tables } from '../tables.ts'
import { openPageCheck } from './check.ts'
import { compareColumns, compareJobs, compareProtection, compareStatistics } from './database.ts'
import type { Difference } from './difference.ts'
import { compareFiles } from './files.ts'
import { compareHosts } from './hosts.ts'

export { openPageCheck } from './check.ts'
export { type Difference, DifferenceError, differenceLine, OutageError } from './difference.ts'

/** Holds what all tenants share against the register: the database's columns, policies and queues, and the hosts of the
 *  settings. Cheap, so that every start does it. */
export const compareInstallation = (
  { config, register }: Pick<AppDeps, 'config' | 'register'>,
  found: Inspected,
  features: readonly Feature[],
): Difference[] => [
  ...compareColumns(found, tables),
  ...compareProtection(found),
  ...compareStatistics(found),
  ...compareJobs(found, features),
  ...compareHosts(config, register.operator?.hosts ?? []),
]

/** Holds the whole running system against the register: what all share, and what the pages of every tenant really set, load
 *  and log. What is one tenant's own fault has been found before, and keeps only that tenant from running. */
export const examine = async (
  deps: AppDeps,
  connection: Connection,
  features: readonly Feature[],
  clientDir: string,
): Promise<Difference[]> => {
  const differences = compareInstallation(deps, await inspectDatabase(connection, tables), features)
  const check = await openPageCheck(deps, features, clientDir)
  try {
    for (const running of deps.register.running.values()) {
      differences.push(...(await check.compare(running, 'whole')), ...(await compareFiles(deps, running)))
    }
    return differences
  } finally {
    await check.close()
  }
}
