import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import type { Clock } from '#platform/clock.ts'
import type { TenantTx } from '#platform/db/db.ts'
import type { Random } from '#platform/random.ts'
import type { PublicKey } from '#shared/receipt/receipt.ts'
import type { Keyring } from '../keyring/keyring.ts'
import { decrypt, encrypt } from '../seal.ts'
import * as sql from './sql.ts'

/*
 * The key with which a tenant signs receipts: Ed25519 (RFC 8032), made of 32 injected random bytes. Its private half is
 * sealed by the tenant's own key and goes when that one is replaced; public halves stay, so that receipts can be checked
 * for ever. A signature is made in the transaction of what it is about, with the key that is in use there.
 */

const seedLength = 32
// What comes before the seed in PKCS #8 (RFC 8410 §7): node:crypto takes no bare one.
const head = Buffer.from('302e020100300506032b657004220420', 'hex')

type Deps = { keyring: Keyring; clock: Clock; random: Random }

/** What signs, and the name of the public key that proves it (RFC 7638). */
export type Signer = { kid: string; sign: (data: Uint8Array) => Uint8Array }

const privateKeyOf = (seed: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([head, seed]), format: 'der', type: 'pkcs8' })

const publicPartOf = (key: KeyObject): string => createPublicKey(key).export({ format: 'jwk' }).x ?? ''

const thumbprint = (x: string): string =>
  createHash('sha256')
    .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url')

const contextOf = (tx: TenantTx, kid: string): Buffer => Buffer.from(`signing-key ${tx.tenantId} ${kid}`)

/** Sees to it that the tenant has a key in use, sealed by its newest own one: makes the first, and a new one after that
 *  was replaced. Changes nothing when all is in order. */
export const keepSigningKey = async (tx: TenantTx, { keyring, clock, random }: Deps): Promise<void> => {
  const { current } = await keyring.ring(tx)
  const inUse = await sql.lockSigningKey(tx)
  if (inUse && inUse.generation >= current.generation) return
  const at = clock()
  if (inUse) await sql.retireSigningKey(tx, inUse.kid, at)
  const seed = random(seedLength)
  const x = publicPartOf(privateKeyOf(seed))
  const kid = thumbprint(x)
  await sql.insertSigningKey(tx, {
    kid,
    publicKey: Buffer.from(x, 'base64url'),
    sealedSeed: encrypt(current.keys.wrapping, seed, contextOf(tx, kid), random),
    generation: current.generation,
    at,
  })
}

/** The key in use, opened. @throws TamperedError when it was sealed for another tenant, or altered; Error when there is
 *  none. */
export const openSigner = async (tx: TenantTx, { keyring }: Pick<Deps, 'keyring'>): Promise<Signer> => {
  const [inUse] = await sql.listSigningKeys(tx)
  if (!inUse?.sealedSeed) throw new Error(`tenant ${tx.tenantId} has no key to sign with: it was never prepared`)
  const { wrapping } = await keyring.ofGeneration(tx, inUse.generation)
  const key = privateKeyOf(decrypt(wrapping, inUse.sealedSeed, contextOf(tx, inUse.kid)))
  return { kid: inUse.kid, sign: (data) => sign(null, data, key) }
}

/** The public keys of all there ever were, the one in use first. */
export const listPublicKeys = async (tx: TenantTx): Promise<PublicKey[]> =>
  (await sql.listSigningKeys(tx)).map(({ kid, publicKey, retiredAt }) => ({
    kty: 'OKP',
    crv: 'Ed25519',
    alg: 'EdDSA',
    use: 'sig',
    kid,
    x: publicKey.toString('base64url'),
    ...(retiredAt ? { retired: retiredAt.round('second').toString() } : {}),
  }))
