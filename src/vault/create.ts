import { countBroken } from './blobs/sql.ts'
import { storing } from './blobs/storing.ts'
import { createCore, type VaultDeps } from './core.ts'
import { ending, happening } from './ending.ts'
import type { VaultKeeper } from './keeper.ts'
import { keeping } from './keeping.ts'
import { findErased } from './ledger/replay.ts'
import { eraseAgain, findLine, listErasures, whichErased } from './ledger/sql.ts'
import { changeAgain } from './legal-holds/changes.ts'
import { looking } from './looking.ts'
import { listPublicKeys, openSigner } from './signing/signing.ts'
import type { Vault } from './vault.ts'
import { writing } from './writing.ts'

/** The vault in its two halves: what features use, and what keeps it. */
export const createVault = (deps: VaultDeps): { vault: Vault; keeper: VaultKeeper } => {
  const core = createCore(deps)
  return {
    vault: {
      ...writing(core),
      ...looking(core),
      ...happening(core),
      blobs: storing(core),
      whichErased,
      signer: (tx) => openSigner(tx, core),
      publicKeys: listPublicKeys,
    },
    keeper: {
      ...ending(core),
      ...keeping(core),
      brokenFiles: countBroken,
      ledger: listErasures,
      ledgerLine: findLine,
      findErased: (tx, line) => findErased(tx, line, core.findRunning(tx)),
      eraseAgain,
      changeAgain: (tx, line) => changeAgain(tx, line, core.findRunning(tx)),
    },
  }
}
