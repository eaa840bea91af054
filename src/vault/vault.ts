import type { TenantTx } from '#platform/db/db.ts'
import type { LookReason } from '#register/register.ts'
import type { PublicKey } from '#shared/receipt/receipt.ts'
import type { Blobs } from './blobs/blobs.ts'
import type { LegalHold } from './legal-hold.ts'
import type { Due, Events } from './retention.ts'
import type { Signer } from './signing/signing.ts'

/** A record, opened. */
export type OpenRecord = {
  id: string
  activity: string
  fields: Readonly<Record<string, string>>
  createdAt: Temporal.Instant
  /** What has happened to it: the instant of each trigger. */
  events: Events
  /** When and by which rule it will be erased; null while nothing has happened that sets a period running. */
  due: Due | null
  /** Why it is kept beyond that date; null: it is not. */
  legalHold: LegalHold | null
  /** How often it was opened before this time, and when last. */
  looks: { count: number; last: Temporal.Instant | null }
}

/** What a feature may do with personal data: the only way to them. Every operation belongs to a tenant's transaction and
 *  commits with it. What watches over the vault itself is the keeper's (keeper.ts), which no feature has. */
export type Vault = {
  /** Seals the declared fields of one activity as a new record and returns its id. Empty fields are left out.
   *  `happened` names what is known already (trigger and instant), so that the period runs from the first moment. `id`
   *  is a random one that the caller has kept, to ask later whether this record was erased. @throws UndeclaredFieldError */
  put(
    tx: TenantTx,
    activityId: string,
    fields: Readonly<Record<string, string>>,
    happened?: Readonly<Record<string, Temporal.Instant>>,
    id?: string,
  ): Promise<string>
  /** Opens a record; null when there is none (any more). Why somebody looks, and who, goes into the access trail, which
   *  names records and never people. @throws UndeclaredPurposeError, TamperedError */
  open(tx: TenantTx, recordId: string, access: LookReason): Promise<OpenRecord | null>
  /** Opens the records of one view, as they were asked for; those that are gone are left out. However many they are, they
   *  are read by one statement and stand in one line of the access trail, which names them all.
   *  @throws UndeclaredPurposeError when one of them is not opened for this; TamperedError when one does not open. Nothing
   *  is opened then, and nothing noted */
  openMany(tx: TenantTx, recordIds: readonly string[], access: LookReason): Promise<OpenRecord[]>
  /** Keeps a record as it is until the end of the transaction. False: it is gone, or restricted; whoever was erasing it is
   *  waited for. Opens nothing. */
  lock(tx: TenantTx, recordId: string): Promise<boolean>
  /** Replaces fields of a record, e.g. after a move; an empty value takes an optional field out. Fields found by look-up
   *  cannot be corrected this way. Nothing happens where the record is gone or restricted.
   *  @throws UndeclaredFieldError; TamperedError when the record does not open */
  correct(tx: TenantTx, recordId: string, changes: Readonly<Record<string, string>>): Promise<void>
  /** Lets a record be found by one more value of a field of which only the check value is stored, e.g. by a further link
   *  to it; it goes with the record. Nothing happens where the record is gone or restricted. @throws UndeclaredFieldError */
  addLookup(tx: TenantTx, recordId: string, field: string, value: string): Promise<void>
  /** Ends every value by which the record was found in a field of which only check values are stored, and lets it be found
   *  by this one instead, e.g. by a new link where somebody else may know the old ones. Nothing happens where the record is
   *  gone or restricted. @throws UndeclaredFieldError */
  replaceLookups(tx: TenantTx, recordId: string, field: string, value: string): Promise<void>
  /** Says what happened, and when. The register decides what follows: the record gets its date of erasure, or goes
   *  within this transaction when that date is not in the future. Happening again replaces the earlier instant. Of the
   *  periods promised when the record was made and the ones declared now, the shorter counts. A record under a legal
   *  hold is restricted where another would be erased. */
  happened(
    tx: TenantTx,
    recordId: string,
    trigger: string,
    at: Temporal.Instant,
  ): Promise<'kept' | 'erased' | 'restricted'>
  /** Lets a record be opened for a purpose that its activity declares since after it was made: its person has asked for
   *  it. Nothing happens where the record is gone. @throws UndeclaredPurposeError */
  addPurpose(tx: TenantTx, recordId: string, access: LookReason): Promise<void>
  /** Records with this value in this field, of the activities that are opened for this purpose, oldest first; a check
   *  value has to match to the letter, of anything else case and outer blanks do not matter. One line of the trail.
   *  @throws UndeclaredPurposeError when that is no activity, or one record was made without this purpose */
  findBySubject(tx: TenantTx, field: string, value: string, access: LookReason): Promise<OpenRecord[]>
  /** The same among records that are only kept any more because of a legal hold: for the person's own access (Art. 15
   *  GDPR), and for nothing else. */
  findRestricted(tx: TenantTx, field: string, value: string, access: LookReason): Promise<OpenRecord[]>
  /** The records with this value in this field, also the restricted ones, oldest first. Opens nothing. */
  listBySubject(tx: TenantTx, field: string, value: string): Promise<{ id: string; activity: string }[]>
  /** Whether this record holds this value in a field of which only the check value is stored. */
  matches(tx: TenantTx, recordId: string, field: string, value: string): Promise<boolean>
  /** Files of records. */
  blobs: Blobs
  /** Which of these records the ledger says are erased. */
  whichErased(tx: TenantTx, ids: readonly string[]): Promise<string[]>
  /** What signs this tenant's receipts now. @throws TamperedError when the key was altered; Error before the tenant has
   *  been prepared */
  signer(tx: TenantTx): Promise<Signer>
  /** The public keys of all that ever signed this tenant's receipts, the one in use first; none before the tenant has been
   *  prepared. */
  publicKeys(tx: TenantTx): Promise<PublicKey[]>
}
