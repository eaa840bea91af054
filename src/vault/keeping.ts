import type { Core } from './core.ts'
import type { VaultKeeper } from './keeper.ts'
import { announceKey, dropRetired, rewrapSome } from './keyring/rotation.ts'
import { insertTenantKey, listTenantKeys } from './keyring/sql.ts'
import { newTenantKey } from './keys.ts'
import { keepSigningKey } from './signing/signing.ts'

type Keeping = Pick<VaultKeeper, 'prepare' | 'isPrepared' | 'formKeys' | 'announceKey' | 'rewrapSome' | 'dropRetired'>

/** A tenant's keys: made, handed to forms, and replaced. */
export const keeping = (core: Core): Keeping => {
  const { keyring, masters, random, clock } = core
  return {
    prepare: async (tx) => {
      keyring.forget(tx.tenantId) // a key from a transaction that was rolled back opens nothing
      const [master] = masters.keys()
      if (master && (await listTenantKeys(tx)).length === 0)
        await insertTenantKey(tx, newTenantKey(master, tx.tenantId, random), clock())
      await keyring.ring(tx)
      await keepSigningKey(tx, core)
    },

    isPrepared: async (tx) => {
      if ((await listTenantKeys(tx)).length === 0) return false
      await keyring.ring(tx)
      return true
    },

    formKeys: async (tx) => {
      const { current, all } = await keyring.ring(tx)
      return [current.keys.form, ...all.filter((each) => each !== current).map(({ keys }) => keys.form)]
    },

    announceKey: (tx) => announceKey(tx, core),

    rewrapSome: async (tx, after) => {
      await keepSigningKey(tx, core)
      return rewrapSome(tx, after, core)
    },

    dropRetired: (tx) => dropRetired(tx, core),
  }
}
