import type { Deps, Feature } from '#features/feature.ts'
import type { TenantTx } from '#platform/db/db.ts'
import type { Job, Jobs } from '#platform/jobs/jobs.ts'
import { backupWindow } from '#register/backup-window.ts'
import { ledgerPortion } from '#vault/index.ts'

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

/** Writes down what the file lacks, e.g. after a disk was full: the erasures of the last backup window and two days, as
 *  far as a backup can reach back. Returns how many lines it added. @throws RefusedError for a spoiled file. */
export const completeLedger = async (
  deps: Pick<Deps, 'db' | 'vault' | 'ledger' | 'clock'>,
  say: (line: string) => void = () => {},
): Promise<number> => {
  const since = deps.clock().toZonedDateTimeISO('UTC').subtract(backupWindow()).subtract({ days: 2 }).toInstant()
  const written = new Set<string>()
  for await (const line of deps.ledger.read(say)) {
    if (Temporal.Instant.compare(line.at, since) >= 0) written.add(line.id)
  }
  let added = 0
  for (const tenantId of await deps.db.knownTenants()) {
    let after = { at: since, id: '00000000-0000-0000-0000-000000000000' }
    for (;;) {
      const lines = await deps.db.inTenant(tenantId, (tx) => deps.vault.ledgerAfter(tx, after))
      const missing = lines.filter(({ id }) => !written.has(id))
      await deps.ledger.append(missing)
      for (const { id } of missing) written.add(id)
      added += missing.length
      const last = lines.at(-1)
      // Instants lose their microseconds on the way here, so the next portion begins with lines that are known already.
      if (!last || lines.length < ledgerPortion) break
      after = last
    }
  }
  return added
}

export const ledger: Feature = { name: 'ledger', needs: [], pages: [], jobs: [appendLine] }
