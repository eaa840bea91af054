import { keepNotice, noteCheck } from '#features/website/index.ts'
import { ConfigError } from '#platform/config.ts'
import type { RunningTenant } from '#register/register.ts'
import { TamperedError } from '#vault/seal.ts'
import type { AppDeps } from './deps.ts'
import { learnFormKeys } from './form-keys.ts'

/** Proves that the master key opens what is there, and learns the keys of the forms of every tenant that has run here. */
export const learnKeys = async (deps: AppDeps): Promise<void> => {
  const { register, db, keeper, config } = deps
  for (const running of register.running.values()) {
    try {
      const isPrepared = await db.inTenant(running.tenant.id, keeper.isPrepared)
      if (isPrepared) await learnFormKeys(deps, running)
    } catch (error) {
      if (!(error instanceof TamperedError)) throw error
      throw new ConfigError(
        `ANLAUFSTELLE_KEY_FILE: ${config.keyFile} is not the key this database was sealed with. Put the right file back; without it nothing in the database can be read.`,
      )
    }
  }
}

/** Puts into force what a tenant's files say: keys at first use, stricter periods, the notice. From here on it is
 *  published, so whatever could be against it has to be asked before. `passed`: the fingerprint under which all its pages
 *  have just been found to agree, noted in the same transaction. Returns the version of the notice; whoever puts it
 *  into `inForce` opens the tenant. */
export const publishTenant = async (
  { db, keeper, clock, formKeys }: AppDeps,
  running: RunningTenant,
  passed: string | null = null,
): Promise<{ hash: string; effectiveFrom: string }> => {
  const { id, slug } = running.tenant
  const { keys, version } = await db.inTenant(id, async (tx) => {
    await keeper.prepare(tx)
    await keeper.applyStricterPeriods(tx)
    const version = await keepNotice(tx, running, clock())
    const keys = await keeper.formKeys(tx)
    if (passed !== null) await noteCheck(tx, keys, passed, clock())
    return { keys, version }
  })
  formKeys.set(slug, keys)
  return version
}

/** Publishes and opens all tenants, whoever has looked at them before. */
export const publishTenants = async (deps: AppDeps): Promise<void> => {
  for (const running of deps.register.running.values())
    deps.inForce.set(running.tenant.slug, await publishTenant(deps, running))
}
