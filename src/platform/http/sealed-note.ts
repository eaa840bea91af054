import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import type { Random } from '#platform/random.ts'
import type { FormKeys } from './form-token.ts'

/*
 * A note that travels through the person's browser and that nobody but this installation can read: AES-256-GCM (NIST SP
 * 800-38D) with a random nonce of 96 bits and a tag of 128, under a key that HKDF-SHA-256 (RFC 5869) makes of the tenant's
 * key for forms, in base64url: nonce | ciphertext | tag. `purpose` is bound to it as additional data: sealed for one, it
 * opens for no other.
 */

const nonceLength = 12
const tagLength = 16

const keyFor = (key: KeyObject): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), 'sealed note', 32)))

/** Seals a text under the first of the keys. @throws without any key. */
export const sealNote = ([key]: FormKeys, purpose: string, text: string, random: Random): string => {
  if (!key) throw new Error('no key to seal with')
  const nonce = random(nonceLength)
  const cipher = createCipheriv('aes-256-gcm', keyFor(key), nonce).setAAD(Buffer.from(purpose))
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64url')
}

const openUnder = (key: KeyObject, purpose: string, sealed: Buffer): string | null => {
  const decipher = createDecipheriv('aes-256-gcm', keyFor(key), sealed.subarray(0, nonceLength), {
    authTagLength: tagLength,
  }).setAAD(Buffer.from(purpose))
  decipher.setAuthTag(sealed.subarray(sealed.length - tagLength))
  try {
    const text = decipher.update(sealed.subarray(nonceLength, sealed.length - tagLength))
    return Buffer.concat([text, decipher.final()]).toString()
  } catch {
    return null
  }
}

/** What was sealed; null when it was altered, or sealed for another purpose or by another installation. */
export const openNote = (keys: FormKeys, purpose: string, note: string | undefined): string | null => {
  const sealed = Buffer.from(note ?? '', 'base64url')
  if (sealed.length < nonceLength + tagLength) return null
  for (const key of keys) {
    const text = openUnder(key, purpose, sealed)
    if (text !== null) return text
  }
  return null
}
