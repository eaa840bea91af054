import type { Deps } from '#features/feature.ts'
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

/** How a tenant is called where somebody reads about it: by its name in addresses, or by its id if it does not run. */
export const nameOf = (deps: Deps, tenantId: string): string =>
  findRunning(deps.register, tenantId)?.tenant.slug ?? tenantId
