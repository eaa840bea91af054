import type { InTenant, TenantTx } from '#platform/db/db.ts'
import type { LookReason } from '#register/register.ts'

/** Which file: of which record, and which of that. Whoever may act on a record names no file of another by it. */
export type BlobRef = { recordId: string; id: string }

/** A file of a record: how much of it is stored, in bytes, and whether it is whole. */
export type Blob = BlobRef & { field: string; size: number; isFinished: boolean }

/** What became of bytes that were sent. `gone`: the file or its record is not there, or not to be used, (any more).
 *  `elsewhere`: the file is as large as `size`, and goes on there. `too-large`: it would have more bytes than its field may;
 *  what fitted in whole chunks is stored. */
export type Appended =
  | { kind: 'stored'; size: number }
  | { kind: 'gone' }
  | { kind: 'finished'; size: number }
  | { kind: 'elsewhere'; size: number }
  | { kind: 'too-large'; maxBytes: number }

/** A whole file, opened; its bytes come as they are taken. */
export type Reading = {
  /** Of the whole file, in bytes. */
  size: number
  /** Who stops taking holds nothing but one chunk. @throws TamperedError where something was altered, moved or is missing;
   *  BlobGoneError when the record is erased or restricted meanwhile. What came before is then no file. */
  bytes: AsyncIterable<Buffer>
}

/** A file whose record was erased or restricted while somebody read it. */
export class BlobGoneError extends Error {}

/** Files of records, sealed like them and erased with them. What streams takes a transaction for each chunk: none is open
 *  while somebody sends or reads slowly. A name, a type or a hash of a file is a field of its record. */
export type Blobs = {
  /** Begins a file of a record, in a field declared with `store: blob`; null when the record is gone or
   *  restricted, or has as many files in this field as it may. @throws UndeclaredFieldError */
  begin(tx: TenantTx, recordId: string, field: string): Promise<BlobRef | null>
  /** Stores what comes, from the byte `from` on, which is how much is there already. Each whole chunk of 256 KiB stays as
   *  soon as it has come, and at the end of the source the rest; where the source fails, or the connection, the file goes on
   *  after the last chunk that stayed.
   *  @throws what the source throws, the database's error, e.g. when the disk is full, and TamperedError where the chunk that
   *  it goes on with was altered */
  append(inTenant: InTenant, file: BlobRef, from: number, source: AsyncIterable<Uint8Array>): Promise<Appended>
  /** Says that a file is whole, as part of the caller's transaction. Saying so again does no harm. Null: it is gone, or its
   *  record is gone or restricted. */
  finish(tx: TenantTx, file: BlobRef): Promise<Blob | null>
  /** Gives up a file that is not whole. False: it is, or it is gone, or a legal hold keeps it. */
  giveUp(tx: TenantTx, file: BlobRef): Promise<boolean>
  /** A file, whole or not; null when it or its record is gone or restricted. Opens nothing. */
  find(tx: TenantTx, file: BlobRef): Promise<Blob | null>
  /** The files of a record, whole or not. Opens nothing. */
  list(tx: TenantTx, recordId: string): Promise<Blob[]>
  /** Opens a whole file, for a purpose and with a line in the access trail as its record is opened; null when it is not
   *  whole, or gone. @throws UndeclaredPurposeError, TamperedError */
  read(inTenant: InTenant, file: BlobRef, access: LookReason): Promise<Reading | null>
}
