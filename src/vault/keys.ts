import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { ConfigError } from '#platform/config.ts'
import type { Random } from '#platform/random.ts'
import { decrypt, encrypt, TamperedError } from './seal.ts'

const keyLength = 32

/** The keys of one tenant: `wrapping` opens the keys of records, `index` makes blind indexes, `form` signs forms. They come
 *  out of what the master key wraps and not out of the master key, so that a new one of these changes none of them: every
 *  server goes on accepting every other's forms. */
export type TenantKeys = { wrapping: KeyObject; index: KeyObject; form: KeyObject }

/** The master keys of an installation, as its file has them: the first one wraps, every one opens. */
export type Masters = {
  keys(): readonly KeyObject[]
  /** Reads the file again. @throws ConfigError */
  read(): readonly KeyObject[]
}

const textOf = (keys: readonly Uint8Array[]): string =>
  keys.map((key) => `${Buffer.from(key).toString('base64')}\n`).join('')

const writeWhole = (path: string, text: string): void => {
  const handle = openSync(path, 'w', 0o600)
  writeSync(handle, text)
  fsyncSync(handle)
  closeSync(handle)
}

/** Reads the master keys, or makes one at the first start (mode 0600, 32 random bytes as base64). There are two only while
 *  the key is being rotated, the new one first. Without this file nothing in the database opens again: there is no second
 *  way in.
 *  @throws ConfigError when the file holds no key or is readable by others. */
export const loadMasterKeys = (file: string, random: Random): KeyObject[] => {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true })
    // Written whole under another name and then linked: nobody ever reads half a key.
    const draft = `${file}.${process.pid}`
    writeWhole(draft, textOf([random(keyLength)]))
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
  const lines = readFileSync(file, 'utf8')
    .trim()
    .split(/\s*\n\s*/)
  const keys = lines.map((line) => Buffer.from(line, 'base64'))
  if (keys.length > 2 || keys.some((key) => key.length !== keyLength)) {
    throw new ConfigError(
      `ANLAUFSTELLE_KEY_FILE: ${file} does not hold a key (32 bytes as base64); restore it from where you keep it`,
    )
  }
  return keys.map((key) => createSecretKey(key))
}

/** The master keys of a file, kept in memory until somebody has reason to read it again. */
export const openMasters = (file: string, random: Random): Masters => {
  let keys = loadMasterKeys(file, random)
  return {
    keys: () => keys,
    read: () => {
      keys = loadMasterKeys(file, random)
      return keys
    },
  }
}

/** A new master key, which wraps nothing yet. */
export const newMasterKey = (random: Random): KeyObject => createSecretKey(random(keyLength))

/** Replaces the file's keys at once: whoever reads it, finds the old ones or the new ones. */
export const writeMasterKeys = (file: string, keys: readonly KeyObject[]): void => {
  const draft = `${file}.${process.pid}`
  writeWhole(draft, textOf(keys.map((key) => key.export())))
  renameSync(draft, file)
  const folder = openSync(dirname(file), 'r')
  fsyncSync(folder) // or a power cut could bring the old file back
  closeSync(folder)
}

/** The same tenant key, wrapped by another master key. @throws TamperedError when none of the keys opens it. */
export const rewrapTenantKey = (
  masters: readonly KeyObject[],
  tenantId: string,
  wrapped: Buffer,
  random: Random,
): Buffer => {
  const context = Buffer.from(`tenant-key ${tenantId}`)
  const [newest, ...older] = masters
  if (!newest) throw new TamperedError()
  for (const master of [newest, ...older]) {
    try {
      const secret = decrypt(master, wrapped, context)
      return master === newest ? wrapped : encrypt(newest, secret, context, random)
    } catch (error) {
      if (!(error instanceof TamperedError)) throw error
    }
  }
  throw new TamperedError()
}

/** A new tenant key, wrapped by the master key and bound to the tenant. */
export const newTenantKey = (master: KeyObject, tenantId: string, random: Random): Buffer =>
  encrypt(master, random(keyLength), Buffer.from(`tenant-key ${tenantId}`), random)

/** Unwraps a tenant's key and derives its three uses from it (HKDF-SHA-256, RFC 5869).
 *  @throws TamperedError when the master key is another one than the key was wrapped with. */
export const openTenantKey = (master: KeyObject, tenantId: string, wrapped: Buffer): TenantKeys => {
  const secret = decrypt(master, wrapped, Buffer.from(`tenant-key ${tenantId}`))
  const derive = (use: string) => createSecretKey(Buffer.from(hkdfSync('sha256', secret, tenantId, use, keyLength)))
  return { wrapping: derive('wrapping'), index: derive('index'), form: derive('form') }
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

/** The same record key, wrapped by another key of the tenant. */
export const rewrapRecordKey = (
  keys: TenantKeys,
  tenantId: string,
  recordId: string,
  key: KeyObject,
  random: Random,
): Buffer => encrypt(keys.wrapping, key.export(), Buffer.from(`record-key ${tenantId} ${recordId}`), random)
