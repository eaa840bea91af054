import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import type { FormKeys } from '#platform/http/form-token.ts'
import type { Random } from '#platform/random.ts'
import { decrypt, encrypt, TamperedError } from './seal.ts'

/*
 * A note that travels through the person's browser and that nobody but this installation can read: sealed as records are,
 * under a key that HKDF-SHA-256 (RFC 5869) makes of the tenant's key for forms, in base64url. `purpose` is bound to it as
 * additional data: sealed for one, it opens for no other.
 */

const keyFor = (key: KeyObject): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), 'sealed note', 32)))

/** Seals a text under the first of the keys. @throws without any key. */
export const sealNote = ([key]: FormKeys, purpose: string, text: string, random: Random): string => {
  if (!key) throw new Error('no key to seal with')
  return encrypt(keyFor(key), Buffer.from(text), Buffer.from(purpose), random).toString('base64url')
}

/** What was sealed; null when it was altered, or sealed for another purpose or by another installation. */
export const openNote = (keys: FormKeys, purpose: string, note: string | undefined): string | null => {
  const sealed = Buffer.from(note ?? '', 'base64url')
  for (const key of keys) {
    try {
      return decrypt(keyFor(key), sealed, Buffer.from(purpose)).toString()
    } catch (error) {
      if (!(error instanceof TamperedError)) throw error
    }
  }
  return null
}
