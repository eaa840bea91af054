import type { Deps } from '#features/feature.ts'
import type { VaultKeeper } from '#vault/keeper.ts'
import type { LedgerFile } from '#vault/ledger/ledger.ts'

/** What features have, and what keeps the vault beside it: nothing that serves a page has any use for that. */
export type AppDeps = Deps & {
  keeper: VaultKeeper
  /** The erasure ledger outside the database. */
  ledger: LedgerFile
}
