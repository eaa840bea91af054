/*
 * What features may know of the vault. They come in by this file and by no other (test/architecture.test.ts); apps, which
 * keep the vault, may go further: to `keeper.ts` and into the folders.
 */

export type { BlobRef } from './blobs/blobs.ts'
export { UndeclaredFieldError } from './fields.ts'
export type { LegalHold } from './legal-hold.ts'
export { UndeclaredPurposeError } from './purposes.ts'
export { endOf } from './retention.ts'
export { TamperedError } from './seal.ts'
export { openNote, sealNote } from './sealed-note.ts'
export type { OpenRecord, Vault } from './vault.ts'
