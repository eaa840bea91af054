import type { Deps, Duty, Feature } from '#features/feature.ts'
import type { TenantTx } from '#platform/db/db.ts'
import type { Job, Jobs } from '#platform/jobs/jobs.ts'
import { firstUnwritten, updateWritten } from './sql.ts'

export { updateAllWritten } from './sql.ts'

const jobName = 'ledger.append'

/** Takes an erasure, or what a hold changed, down for the ledger outside the database, as part of the transaction that did
 *  it. */
export const noteLine =
  (jobs: Jobs) =>
  (tx: TenantTx, id: string): Promise<void> =>
    jobs.enqueue(tx, jobName, id)

/** Writes one line into the file. Twice does no harm. */
const appendLine: Job<Deps> = {
  name: jobName,
  run: async (deps, { tenantId, id }) => {
    const line = await deps.db.inTenant(tenantId, (tx) => deps.vault.ledgerLine(tx, id))
    if (!line) return
    await deps.ledger.append([line])
    await deps.db.inTenant(tenantId, (tx) => updateWritten(tx, id, deps.clock()))
  },
}

/** A line belongs into the file at once; the job is given up when the disk was full for a day. */
const written: Duty = { name: 'erasure ledger', firstDue: firstUnwritten }

export const ledger: Feature = { name: 'ledger', needs: [], pages: [], jobs: [appendLine], duties: [written] }
