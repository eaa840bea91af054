import { verify } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { systemRandom } from '#platform/random.ts'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { createKeyring } from '../keyring/keyring.ts'
import { openMasters } from '../keys.ts'
import { TamperedError } from '../seal.ts'
import { keepSigningKey, listPublicKeys, openSigner } from './signing.ts'

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ withoutWorker: true })
})
afterAll(() => installation.close())
beforeEach(() => installation.admin.query('delete from vault.signing_key'))

const idOf = (slug: string): string => installation.deps.register.running.get(slug)?.tenant.id ?? ''
const parts = (random = systemRandom) => {
  const masters = openMasters(installation.config.keyFile, systemRandom)
  return { keyring: createKeyring(masters, installation.deps.clock), clock: installation.deps.clock, random }
}
const inTenant = <T>(work: Parameters<typeof installation.deps.db.inTenant<T>>[1], slug = 'segeberg'): Promise<T> =>
  installation.deps.db.inTenant(idOf(slug), work)

test('a key is made of its seed as RFC 8032 says, and named as RFC 8037 shows', async () => {
  // The key of RFC 8032 §7.1 test 1, which is the one of RFC 8037 Appendix A.
  const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex')
  await inTenant((tx) =>
    keepSigningKey(
      tx,
      parts((n) => (n === 32 ? seed : systemRandom(n))),
    ),
  )
  const [key] = await inTenant(listPublicKeys)
  expect(key).toEqual({
    kty: 'OKP',
    crv: 'Ed25519',
    alg: 'EdDSA',
    use: 'sig',
    kid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
    x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  })
  const signer = await inTenant((tx) => openSigner(tx, parts()))
  // RFC 8032 §7.1 test 1: the signature of nothing.
  expect(Buffer.from(signer.sign(new Uint8Array())).toString('hex')).toBe(
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  )
})

test('however many servers start at once, a tenant has one key', async () => {
  await Promise.all(Array.from({ length: 5 }, () => inTenant((tx) => keepSigningKey(tx, parts()))))
  await inTenant((tx) => keepSigningKey(tx, parts()))
  expect(await inTenant(listPublicKeys)).toHaveLength(1)
})

test('the seed stands in the database sealed only, and opens for its own tenant alone', async () => {
  const seed = Buffer.alloc(32, 7)
  await inTenant((tx) =>
    keepSigningKey(
      tx,
      parts((n) => (n === 32 ? seed : systemRandom(n))),
    ),
  )
  const { rows } = await installation.admin.query('select sealed_seed from vault.signing_key')
  expect(rows[0].sealed_seed.includes(seed)).toBe(false)
  await inTenant((tx) => keepSigningKey(tx, parts()), 'musterstadt')
  const stolen = 'update vault.signing_key set sealed_seed = $1 where tenant_id = $2'
  await installation.admin.query(stolen, [rows[0].sealed_seed, idOf('musterstadt')])
  await expect(inTenant((tx) => openSigner(tx, parts()), 'musterstadt')).rejects.toThrow(TamperedError)
})

test('what one tenant signs, no key of another proves', async () => {
  for (const slug of ['segeberg', 'musterstadt']) await inTenant((tx) => keepSigningKey(tx, parts()), slug)
  const data = Buffer.from('something')
  const signer = await inTenant((tx) => openSigner(tx, parts()))
  const signature = signer.sign(data)
  const proves = async (slug: string) => {
    const [key] = await inTenant(listPublicKeys, slug)
    return verify(null, data, { key: { ...key }, format: 'jwk' }, signature)
  }
  expect([await proves('segeberg'), await proves('musterstadt')]).toEqual([true, false])
})

test('the database keeps no private half of a retired key, and forgets no public one', async () => {
  await inTenant((tx) => keepSigningKey(tx, parts()))
  const { admin } = installation
  await expect(admin.query(`update vault.signing_key set retired_at = '2026-12-01'`)).rejects.toThrow(/check/)
  await expect(
    inTenant((tx) => tx.deleteFrom('vault.signing_key').where('tenant_id', '=', tx.tenantId).execute()),
  ).rejects.toThrow(/permission denied/)
})

test('a tenant that was never prepared cannot sign, and says so', async () => {
  await expect(inTenant((tx) => openSigner(tx, parts()))).rejects.toThrow('was never prepared')
})
