import { setTimeout as pause } from 'node:timers/promises'
import type { Deps, Feature } from '#features/feature.ts'
import type { RunningTenant } from '#register/register.ts'

/** Seconds between two sweeps; what is due is gone at most this much later. */
const sweepEvery = 30

const attempt = async (deps: Deps, where: string, work: () => Promise<unknown>): Promise<void> => {
  try {
    await work()
  } catch (error) {
    deps.log.fault(where, error)
  }
}

/** Erases what is due, in portions, so that no transaction grows without end. */
const eraseDue = async (deps: Deps, running: RunningTenant): Promise<void> => {
  while ((await deps.db.inTenant(running.tenant.id, (tx) => deps.vault.eraseDue(tx))) > 0);
}

/** One round over all tenants: erase what is due, then let each feature look after itself. A fault in one place stops
 *  nothing else. */
export const sweep = async (deps: Deps, features: readonly Feature[]): Promise<void> => {
  for (const running of deps.register.running.values()) {
    const now = deps.clock()
    await attempt(deps, `retention of ${running.tenant.slug}`, () => eraseDue(deps, running))
    for (const { name, run } of features.flatMap((feature) => feature.sweeps ?? [])) {
      await attempt(deps, `${name} of ${running.tenant.slug}`, () => run(deps, running, now))
    }
  }
}

/** Works off jobs and sweeps until stopped. The first round is over when it resolves, so that nobody meets what is due,
 *  or days on which no time is laid out yet. */
export const startWorker = async (deps: Deps, features: readonly Feature[]): Promise<{ stop: () => Promise<void> }> => {
  const jobs = features.flatMap((feature) => feature.jobs ?? [])
  await sweep(deps, features)
  await deps.jobs.work(jobs, deps, (name, error) => deps.log.fault(`job ${name}`, error))
  const ending = new AbortController()
  const sweeping = (async () => {
    for (;;) {
      await pause(sweepEvery * 1000, undefined, { signal: ending.signal }).catch(() => {})
      if (ending.signal.aborted) return
      await sweep(deps, features)
    }
  })()
  return {
    stop: async () => {
      ending.abort()
      await sweeping
    },
  }
}
