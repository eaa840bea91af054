import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { ConfigError } from '#platform/config.ts'
import type { Random } from '#platform/random.ts'
import { decrypt, encrypt } from './seal.ts'

const keyLength = 32

/** The keys of one tenant: `wrapping` opens the keys of records, `index` makes blind indexes. */
export type TenantKeys = { wrapping: KeyObject; index: KeyObject }

/** Reads the master key, or makes it at the first start (mode 0600, 32 random bytes as base64).
 *  Without this file nothing in the database opens again: there is no second way in.
 *  @throws ConfigError when the file is no key or readable by others. */
export const loadMasterKey = (file: string, random: Random): KeyObject => {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true })
    // Written whole under another name and then linked: nobody ever reads half a key.
    const draft = `${file}.${process.pid}`
    const handle = openSync(draft, 'w', 0o600)
    writeSync(handle, `${Buffer.from(random(keyLength)).toString('base64')}\n`)
    fsyncSync(handle)
    closeSync(handle)
    try {
      linkSync(draft, file)
    } catch (error) {
      // Another process made it in this moment: then it is that one.
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    } finally {
      unlinkSync(draft)
    }
  }
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) {
    throw new ConfigError(`ANLAUFSTELLE_KEY_FILE: ${file} can be read by others; run: chmod 600 ${file}`)
  }
  const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64')
  if (key.length !== keyLength) {
    throw new ConfigError(
      `ANLAUFSTELLE_KEY_FILE: ${file} does not hold a key (32 bytes as base64); restore it from where you keep it`,
    )
  }
  return createSecretKey(key)
}

/** A new tenant key, wrapped by the master key and bound to the tenant. */
export const newTenantKey = (master: KeyObject, tenantId: string, random: Random): Buffer =>
  encrypt(master, random(keyLength), Buffer.from(`tenant-key ${tenantId}`), random)

/** Unwraps a tenant's key and derives its two uses from it (HKDF-SHA-256, RFC 5869).
 *  @throws TamperedError when the master key is another one than the key was wrapped with. */
export const openTenantKey = (master: KeyObject, tenantId: string, wrapped: Buffer): TenantKeys => {
  const secret = decrypt(master, wrapped, Buffer.from(`tenant-key ${tenantId}`))
  const derive = (use: string) => createSecretKey(Buffer.from(hkdfSync('sha256', secret, tenantId, use, keyLength)))
  return { wrapping: derive('wrapping'), index: derive('index') }
}

/** A record's own new key, and the same key wrapped by the tenant's. */
export const newRecordKey = (keys: TenantKeys, tenantId: string, recordId: string, random: Random) => {
  const secret = random(keyLength)
  return {
    key: createSecretKey(secret),
    wrapped: encrypt(keys.wrapping, secret, Buffer.from(`record-key ${tenantId} ${recordId}`), random),
  }
}

/** @throws TamperedError when the wrapped key belongs to another record or tenant. */
export const openRecordKey = (keys: TenantKeys, tenantId: string, recordId: string, wrapped: Buffer): KeyObject =>
  createSecretKey(decrypt(keys.wrapping, wrapped, Buffer.from(`record-key ${tenantId} ${recordId}`)))

/** A key for signing forms, derived from the master key, so that every node of an installation accepts every form. */
export const formKey = (master: KeyObject): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync('sha256', master.export(), 'anlaufstelle', 'form token', keyLength)))
