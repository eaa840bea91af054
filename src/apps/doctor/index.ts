import type { Deps, Feature } from '#features/feature.ts'
import type { Connection } from '#platform/db/db.ts'
import { inspectDatabase } from '#platform/db/inspect.ts'
import { compareColumns, compareJobs, compareProtection, compareStatistics } from './database.ts'
import type { Difference } from './difference.ts'
import { compareHosts } from './hosts.ts'
import { comparePages } from './pages.ts'

export { type Difference, DifferenceError, differenceLine } from './difference.ts'

/** Holds the whole running system against the register: the database's columns, policies and queues, the hosts of the
 *  settings, and what the pages really set, load and log. What is one tenant's own fault has been found before, and keeps
 *  only that tenant from running. */
export const examine = async (
  deps: Deps,
  connection: Connection,
  features: readonly Feature[],
  clientDir: string,
): Promise<Difference[]> => {
  const found = await inspectDatabase(connection)
  return [
    ...compareColumns(found),
    ...compareProtection(found),
    ...compareStatistics(found),
    ...compareJobs(found, features),
    ...compareHosts(deps.config, deps.register.operator?.hosts ?? []),
    ...(await comparePages(deps, features, clientDir)),
  ]
}
