import type { Deps, Feature } from '#features/feature.ts'
import type { TenantTx } from '#platform/db/db.ts'
import type { Job, Jobs } from '#platform/jobs/jobs.ts'

const jobName = 'ledger.append'

/** Takes an erasure down for the ledger outside the database, as part of the transaction that erased. */
export const noteErasure =
  (jobs: Jobs) =>
  (tx: TenantTx, id: string): Promise<void> =>
    jobs.enqueue(tx, jobName, id)

/** Writes one erasure into the file. Twice does no harm. */
const appendLine: Job<Deps> = {
  name: jobName,
  run: async (deps, { tenantId, id }) => {
    const line = await deps.db.inTenant(tenantId, (tx) => deps.vault.ledgerLine(tx, id))
    if (line) await deps.ledger.append([line])
  },
}

export const ledger: Feature = { name: 'ledger', needs: [], pages: [], jobs: [appendLine] }
