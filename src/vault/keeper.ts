import type { TenantTx } from '#platform/db/db.ts'
import type { FormKeys } from '#platform/http/form-token.ts'
import type { Rewrapped } from './keyring/rotation.ts'
import type { ErasureLine, LedgerLine, LegalHoldLine } from './ledger/line.ts'
import type { LegalHoldReason, Placed, Released } from './legal-hold.ts'

/** What one run erased, by activity and rule. */
export type Erased = { activity: string; rule: string; count: number }

/** What keeps the vault: erasure, legal holds, the ledger, keys. For apps alone: whoever serves a page has no use for it. Every
 *  operation belongs to a tenant's transaction and commits with it. */
export type VaultKeeper = {
  /** Erases one portion of what is due, with a line in the ledger for each rule, and returns what it was; nothing when
   *  nothing is due that nobody else is erasing at this moment. */
  eraseDue(tx: TenantTx): Promise<Erased[]>
  /** Restricts what is due but held, and clears away the trail of records that are gone, and files that were begun and not
   *  finished in time. */
  tidy(tx: TenantTx): Promise<void>
  /** Brings dates forward where the register has become stricter since a record was made; never backward. */
  applyStricterPeriods(tx: TenantTx): Promise<void>
  /** Forbids to erase the record with this value in this field, until it is released. Opens nothing. */
  placeLegalHold(tx: TenantTx, field: string, value: string, reason: LegalHoldReason): Promise<Placed>
  /** Ends the legal hold; what it kept beyond its date is erased in this transaction. */
  releaseLegalHold(tx: TenantTx, field: string, value: string): Promise<Released>
  /** How many files of the tenant are not as the vault leaves them: without their record, as chunks without a file, or with
   *  other chunks than they should have. */
  brokenFiles(tx: TenantTx): Promise<{ withoutRecord: number; withoutFile: number; incomplete: number }>
  /** The newest lines of the erasure ledger. */
  ledger(
    tx: TenantTx,
    limit: number,
  ): Promise<{ activity: string; rule: string; count: number; at: Temporal.Instant }[]>
  /** A line of the ledger as the file outside the database has it; null when there is none of this id. */
  ledgerLine(tx: TenantTx, id: string): Promise<LedgerLine | null>
  /** Which records of an erasure are in the database, as in a restored backup, and what had happened that erased them;
   *  null when nobody knows the rule any more. */
  findErased(tx: TenantTx, line: ErasureLine): Promise<{ present: string[]; trigger: string | null }>
  /** Repeats an erasure, with its line of then. */
  eraseAgain(tx: TenantTx, line: ErasureLine): Promise<void>
  /** Repeats what a legal hold changed, with its line of then; the lines of a record in their order. False when the database
   *  knows of it already, or has no such record. */
  changeAgain(tx: TenantTx, line: LegalHoldLine): Promise<boolean>
  /** Makes the tenant's keys if it has none yet and proves that the master key opens it. @throws TamperedError */
  prepare(tx: TenantTx): Promise<void>
  /** Whether the tenant has a key, as it has when it once ran on this database; proves that the master key opens it.
   *  @throws TamperedError */
  isPrepared(tx: TenantTx): Promise<boolean>
  /** The keys with which this tenant's forms are signed: the one in use first, then those that still prove. As old as
   *  everything a process knows of keys, a minute at most. */
  formKeys(tx: TenantTx): Promise<FormKeys>
  /** Announces a new key for the tenant; see `keyring/rotation.ts`. Returns from when on it is used, null while an earlier one is
   *  not in use yet. */
  announceKey(tx: TenantTx): Promise<Temporal.Instant | null>
  /** Wraps some records anew under the key in use, those after the given id; `last` is null when there was none. Gives the
   *  tenant a new key to sign with where the one in use is sealed by an older key. */
  rewrapSome(tx: TenantTx, after: string): Promise<Rewrapped>
  /** Drops old keys of the tenant that nothing needs any more. Returns how many are left. */
  dropRetired(tx: TenantTx): Promise<number>
}
