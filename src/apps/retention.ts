import { type Feature, worksFor } from '#features/feature.ts'
import { findRunning } from '#register/register.ts'
import type { Erased } from '#vault/keeper.ts'
import type { AppDeps } from './deps.ts'

/** Erases what is due of one tenant, in portions, so that no transaction grows without end. Returns what it was, added
 *  up by activity and rule. Whoever runs at the same time takes other portions; nothing is erased or counted twice. */
export const eraseDue = async (deps: AppDeps, tenantId: string): Promise<Erased[]> => {
  const total = new Map<string, Erased>()
  for (;;) {
    const portion = await deps.db.inTenant(tenantId, async (tx) => {
      const erased = await deps.keeper.eraseDue(tx)
      if (erased.length === 0) await deps.keeper.tidy(tx)
      return erased
    })
    if (portion.length === 0) break
    for (const each of portion) {
      const key = `${each.activity}\0${each.rule}`
      total.set(key, { ...each, count: each.count + (total.get(key)?.count ?? 0) })
    }
  }
  return [...total.values()]
}

/** Does what features owe this tenant: in one transaction, since mostly there is nothing to do. A fault in one duty stops no
 *  other: then each has a transaction of its own; the fault is in the log, and the answer is false. */
export const keepDuties = async (deps: AppDeps, features: readonly Feature[], tenantId: string): Promise<boolean> => {
  const found = findRunning(deps.register, tenantId)
  // What is not in force yet promises nothing, and takes nothing back.
  const running = found && deps.inForce.has(found.tenant.slug) ? found : null
  const duties = features.flatMap((feature) => {
    // A feature that the tenant has given up owes what was promised when it had it.
    const known = running && worksFor(feature, running) ? running : null
    return (feature.duties ?? []).map((duty) => ({ ...duty, known }))
  })
  const keepAll = (some: typeof duties) =>
    deps.db.inTenant(tenantId, async (tx) => {
      for (const { keep, known } of some) await keep?.(tx, deps.clock(), known)
    })
  try {
    await keepAll(duties)
    return true
  } catch {
    let kept = true
    for (const duty of duties) {
      try {
        await keepAll([duty])
      } catch (error) {
        kept = false
        deps.log.fault(`${duty.name} of ${nameOf(deps, tenantId)}`, error)
      }
    }
    return kept
  }
}

/** How a tenant is called where somebody reads about it: by its name in addresses, or by its id if it does not run. */
export const nameOf = (deps: AppDeps, tenantId: string): string =>
  findRunning(deps.register, tenantId)?.tenant.slug ?? tenantId
