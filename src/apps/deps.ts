import type { Deps } from '#features/feature.ts'
import type { Failures } from '#platform/failures.ts'
import type { VaultKeeper } from '#vault/keeper.ts'
import type { LedgerFile } from '#vault/ledger/ledger.ts'

/** How far writing the file of the keys anew has come: the day on which it was done, since when it has been tried in vain,
 *  and the last try. */
export type Compaction = {
  doneOn: string | null
  vainSince: Temporal.Instant | null
  triedAt: Temporal.Instant | null
}

/** What features have, and what keeps the vault beside it: nothing that serves a page has any use for that. */
export type AppDeps = Deps & {
  keeper: VaultKeeper
  /** The erasure ledger outside the database. */
  ledger: LedgerFile
  /** What this process's worker fails at. */
  failures: Failures
  compaction: Compaction
}
