import type { Feature } from '#features/feature.ts'
import { columnKinds, type DeclaredTables } from '#platform/db/columns.ts'
import type { Inspected } from '#platform/db/inspect.ts'
import { jobsOf } from '../ledger.ts'
import type { Difference } from './difference.ts'

/** Columns and tables that nobody declared, and declared ones that are gone. */
export const compareColumns = ({ columns: found }: Inspected, tables: DeclaredTables): Difference[] => {
  const declared = columnKinds(tables)
  return [
    ...found
      .filter((column) => !declared.has(column))
      .map((column) => ({
        message: `the database has a column ${column} that nothing declares`,
        remedy: 'remove it; data of people belong into the vault, under an activity',
      })),
    ...[...declared.keys()]
      .filter((column) => !found.includes(column))
      .map((column) => ({
        message: `the database lacks the column ${column}`,
        remedy: 'run `anlaufstelle migrate`; if it is up to date, restore the column',
      })),
  ]
}

/** Tables and roles that would let one tenant see another's rows. */
export const compareProtection = ({ unprotected, excess }: Inspected): Difference[] => [
  ...unprotected.map((table) => ({
    message: `the table ${table} is not behind its tenant's forced policy`,
    remedy: `run select app.protect('${table}') as the owner, and remove any other policy`,
  })),
  ...excess.map((what) => ({
    message: `the role that runs the product ${what}`,
    remedy: 'take this right away from the role anlaufstelle_app',
  })),
]

/** Columns of which PostgreSQL's statistics keep what has been erased. */
export const compareStatistics = ({ sampled }: Inspected): Difference[] =>
  sampled.map((column) => ({
    message: `PostgreSQL keeps, or could keep, values of ${column} in its statistics, also of erased records`,
    remedy: 'run `anlaufstelle migrate`, as the owner of the tables; statistics over several columns: drop them',
  }))

// pg-boss keeps queues of its own, all with this prefix.
const internal = /^__pgboss__/

/** Queues that nobody works off, and jobs that hold more than ids, by name or by value. */
export const compareJobs = (
  { queues, payloadKeys, spokenJobs }: Inspected,
  features: readonly Feature[],
): Difference[] => {
  const known = jobsOf(features).map(({ name }) => name)
  return [
    ...queues
      .filter((name) => !internal.test(name) && !known.includes(name))
      .map((name) => ({
        message: `the queue ${name} belongs to no feature`,
        remedy: 'work it off with the version that made it, then delete it from jobs.queue',
      })),
    ...payloadKeys
      .filter((key) => key !== 'tenantId' && key !== 'id')
      .map((key) => ({
        message: `jobs hold '${key}', and may hold ids only`,
        remedy: 'find what enqueues it; whatever leads to a person belongs into the vault',
      })),
    ...spokenJobs.map((where) => ({
      message: `jobs hold under '${where}' something that is no UUID`,
      remedy: 'find what enqueues or answers it, and delete these jobs; what it says belongs into the vault',
    })),
  ]
}
