import type { Feature } from '#features/feature.ts'
import type { Duty } from '#features/work.ts'
import type { TenantTx } from '#platform/db/db.ts'
import type { Job, Jobs } from '#platform/jobs/jobs.ts'
import { firstStale } from '#vault/blobs/sql.ts'
import { firstUnwritten, updateWritten } from '#vault/ledger/sql.ts'
import type { AppDeps } from './deps.ts'

const jobName = 'ledger.append'

/** Takes an erasure, or what a legal hold changed, down for the ledger outside the database, as part of the transaction that did
 *  it. */
export const noteLine =
  (jobs: Jobs) =>
  (tx: TenantTx, id: string): Promise<void> =>
    jobs.enqueue(tx, jobName, id)

/** Writes one line into the file. Twice does no harm. */
const appendLine: Job<AppDeps> = {
  name: jobName,
  run: async (deps, { tenantId, id }) => {
    const line = await deps.db.inTenant(tenantId, (tx) => deps.keeper.ledgerLine(tx, id))
    if (!line) return
    await deps.ledger.append([line])
    await deps.db.inTenant(tenantId, (tx) => updateWritten(tx, id, deps.clock()))
  },
}

/** A line belongs into the file at once; the job is given up when the disk was full for a day. */
const written: Duty = { name: 'erasure ledger', firstDue: firstUnwritten }

/** What was begun and not finished goes in time; the vault's keeper deletes it. */
const unfinished: Duty = { name: 'unfinished files', firstDue: firstStale }

export const vaultKept: Feature = { name: 'vault', needs: [], pages: [], duties: [written, unfinished] }

/** All that is worked off: what features queue, and the lines of the ledger, which only an app can read. */
export const jobsOf = (features: readonly Feature[]): Job<AppDeps>[] => [
  ...features.flatMap(({ jobs }) => jobs ?? []),
  appendLine,
]
