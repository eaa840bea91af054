import { setTimeout as pause } from 'node:timers/promises'
import type { Deps, Feature } from '#features/feature.ts'
import { completeLedger, ledgerReach } from '#vault/ledger.ts'
import { keepKeys } from './rotation.ts'

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
const eraseDue = async (deps: Deps, tenantId: string): Promise<void> => {
  while ((await deps.db.inTenant(tenantId, (tx) => deps.vault.eraseDue(tx))) > 0);
}

/** Erases what is due of every tenant there has ever been, and looks after its keys: a promise does not end with a fault in a tenant's files. */
const eraseEverywhere = async (deps: Deps): Promise<void> => {
  for (const id of await deps.db.knownTenants()) {
    await attempt(deps, `retention of ${id}`, () => eraseDue(deps, id))
    await attempt(deps, `keys of ${id}`, () => keepKeys(deps, id))
  }
}

type Which = 'all' | 'ofThisNode'

const runSweeps = async (deps: Deps, features: readonly Feature[], which: Which): Promise<void> => {
  const sweeps = features.flatMap((feature) => feature.sweeps ?? [])
  for (const running of deps.register.running.values()) {
    for (const { name, run, onEveryNode } of sweeps) {
      if (which === 'ofThisNode' && !onEveryNode) continue
      await attempt(deps, `${name} of ${running.tenant.slug}`, () => run(deps, running, deps.clock()))
    }
  }
  const slugs = [...deps.register.running.keys()]
  await attempt(deps, 'access log', async () =>
    deps.log.eraseAccessOfOthers(slugs, deps.clock().subtract({ hours: 24 })),
  )
}

/** One round over all tenants: erase what is due, then let each feature look after itself. A fault in one place stops
 *  nothing else. */
export const sweep = async (deps: Deps, features: readonly Feature[]): Promise<void> => {
  await attempt(deps, 'retention', () => eraseEverywhere(deps))
  await runSweeps(deps, features, 'all')
}

type Stoppable = { stop: () => Promise<void> }

const every = (seconds: number, work: () => Promise<void>): Stoppable => {
  const ending = new AbortController()
  const running = (async () => {
    for (;;) {
      await pause(seconds * 1000, undefined, { signal: ending.signal }).catch(() => {})
      if (ending.signal.aborted) return
      await work()
    }
  })()
  return {
    stop: async () => {
      ending.abort()
      await running
    },
  }
}

/** What a node without a worker does by the minute: it looks after its own files. */
export const startNode = async (deps: Deps, features: readonly Feature[]): Promise<Stoppable> => {
  await runSweeps(deps, features, 'ofThisNode')
  return every(sweepEvery, () => runSweeps(deps, features, 'ofThisNode'))
}

/** Works off jobs and sweeps until stopped. The first round is over when it resolves, so that nobody meets what is due,
 *  or days on which no time is laid out yet. */
export const startWorker = async (deps: Deps, features: readonly Feature[]): Promise<Stoppable> => {
  const jobs = features.flatMap((feature) => feature.jobs ?? [])
  await sweep(deps, features)
  await attempt(deps, 'erasure ledger', () =>
    completeLedger(deps.db, deps.ledger, ledgerReach(deps.clock()), (line) =>
      deps.log.fault('erasure ledger', new Error(line)),
    ),
  )
  await deps.jobs.work(jobs, deps, (name, error) => deps.log.fault(`job ${name}`, error))
  return every(sweepEvery, () => sweep(deps, features))
}
