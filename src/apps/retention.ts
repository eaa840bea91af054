import type { Deps, Feature } from '#features/feature.ts'
import { findRunning } from '#register/register.ts'
import type { Erased } from '#vault/index.ts'

/** Erases what is due of one tenant, in portions, so that no transaction grows without end. Returns what it was, added
 *  up by activity and rule. Whoever runs at the same time takes other portions; nothing is erased or counted twice. */
export const eraseDue = async (deps: Deps, tenantId: string): Promise<Erased[]> => {
  const total = new Map<string, Erased>()
  for (;;) {
    const portion = await deps.db.inTenant(tenantId, (tx) => deps.vault.eraseDue(tx))
    if (portion.length === 0) break
    for (const each of portion) {
      const key = `${each.activity}\0${each.rule}`
      total.set(key, { ...each, count: each.count + (total.get(key)?.count ?? 0) })
    }
  }
  await deps.db.inTenant(tenantId, (tx) => deps.vault.tidy(tx))
  return [...total.values()]
}

/** Does what features owe this tenant. A fault in one duty stops no other; it is in the log, and the answer is false. */
export const keepDuties = async (deps: Deps, features: readonly Feature[], tenantId: string): Promise<boolean> => {
  const found = findRunning(deps.register, tenantId)
  // What is not in force yet promises nothing, and takes nothing back.
  const running = found && deps.inForce.has(found.tenant.slug) ? found : null
  let kept = true
  for (const { name, keep } of features.flatMap(({ duties = [] }) => duties)) {
    try {
      if (keep) await deps.db.inTenant(tenantId, (tx) => keep(tx, deps.clock(), running))
    } catch (error) {
      kept = false
      deps.log.fault(`${name} of ${nameOf(deps, tenantId)}`, error)
    }
  }
  return kept
}

/** How a tenant is called where somebody reads about it: by its name in addresses, or by its id if it does not run. */
export const nameOf = (deps: Deps, tenantId: string): string =>
  findRunning(deps.register, tenantId)?.tenant.slug ?? tenantId
