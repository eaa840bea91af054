import { createCipheriv, createDecipheriv, createHmac, type KeyObject } from 'node:crypto'
import type { Random } from '#platform/random.ts'

/*
 * How a record is sealed. AES-256-GCM (NIST SP 800-38D) with 96-bit random nonces and 128-bit tags throughout; each
 * key of a record seals little (the record, and again after a correction), so that random nonces cannot run out.
 *
 *   envelope:  version (1) | nonce (12) | ciphertext | tag (16)          additional data: the caller's
 *   record:    length of names (2, big endian) | names as JSON | envelope  additional data: place | names
 */

const version = 1
const nonceLength = 12
const tagLength = 16

/** Where a sealed thing belongs. Bound as additional data: moved elsewhere, it does not open. */
export type SealedPlace = { tenantId: string; recordId: string; activity: string; registerVersion: string }

/** A sealed thing that was altered, moved, or sealed under another key. Never tells which. */
export class TamperedError extends Error {
  constructor() {
    super('sealed data does not open: altered, moved, or sealed under another key')
  }
}

/** Encrypts `plain` under `key`, bound to `context`. */
export const encrypt = (key: KeyObject, plain: Uint8Array, context: Uint8Array, random: Random): Buffer => {
  const nonce = random(nonceLength)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(context)
  return Buffer.concat([Uint8Array.of(version), nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** The inverse of `encrypt`.
 *  @throws TamperedError when anything, key and context included, is not as it was. */
export const decrypt = (key: KeyObject, sealed: Uint8Array, context: Uint8Array): Buffer => {
  const head = 1 + nonceLength
  if (sealed.length < head + tagLength || sealed[0] !== version) throw new TamperedError()
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, head), { authTagLength: tagLength })
  decipher.setAAD(context)
  decipher.setAuthTag(sealed.subarray(sealed.length - tagLength))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(head, sealed.length - tagLength)), decipher.final()])
  } catch {
    throw new TamperedError()
  }
}

const contextOf = (place: SealedPlace, names: Uint8Array): Buffer =>
  Buffer.concat([
    Buffer.from(JSON.stringify([place.tenantId, place.recordId, place.activity, place.registerVersion])),
    names,
  ])

/** Seals a record's fields under its own key. The names stay readable, the values do not. */
export const sealFields = (
  key: KeyObject,
  fields: Readonly<Record<string, string>>,
  place: SealedPlace,
  random: Random,
): Buffer => {
  const names = Buffer.from(JSON.stringify(Object.keys(fields)))
  const length = Buffer.alloc(2)
  length.writeUInt16BE(names.length)
  const values = Buffer.from(JSON.stringify(Object.values(fields)))
  return Buffer.concat([length, names, encrypt(key, values, contextOf(place, names), random)])
}

/** Opens what `sealFields` sealed.
 *  @throws TamperedError when it was altered or belongs to another place. */
export const openFields = (key: KeyObject, sealed: Buffer, place: SealedPlace): Record<string, string> => {
  if (sealed.length < 2) throw new TamperedError()
  const end = 2 + sealed.readUInt16BE()
  const names = sealed.subarray(2, end)
  const values = decrypt(key, sealed.subarray(end), contextOf(place, names))
  const list = JSON.parse(values.toString()) as string[]
  return Object.fromEntries((JSON.parse(names.toString()) as string[]).map((name, i) => [name, list[i] ?? '']))
}

/** The check value by which records are found: HMAC-SHA-256 over field and value under the tenant's index key.
 *  Case, outer blanks and Unicode composition of the value do not matter, unless it is `exact`: a capability, of which
 *  every bit counts. */
export const blindIndex = (indexKey: KeyObject, field: string, value: string, exact = false): Buffer =>
  createHmac('sha256', indexKey)
    .update(`${field}\0${exact ? value : value.normalize('NFC').trim().toLowerCase()}`)
    .digest()
