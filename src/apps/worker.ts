import { setTimeout as pause } from 'node:timers/promises'
import { type Feature, worksFor } from '#features/feature.ts'
import { inWords, type Round } from '#platform/failures.ts'
import { type Job, RetryLater } from '#platform/jobs/jobs.ts'
import { findRunning, type RunningTenant } from '#register/register.ts'
import { completeLedger, ledgerReach } from '#vault/ledger/ledger.ts'
import { updateAllWritten } from '#vault/ledger/sql.ts'
import { keepCompact } from './compaction.ts'
import type { AppDeps } from './deps.ts'
import { learnFormKeys } from './form-keys.ts'
import { jobsOf } from './ledger.ts'
import { eraseDue, keepDuties, nameOf } from './retention.ts'
import { keepKeys } from './rotation.ts'

/** Seconds between two sweeps; what is due is gone at most this much later. */
const sweepEvery = 30

/** How long access lines stay of a tenant that does not run: nobody declares a period for them any more. */
export const strangersLines = Temporal.Duration.from('PT24H')

/** Does what comes round again and again. A fault stops nothing else; one that stays makes `/readyz` red. */
const attempt = async (deps: AppDeps, round: Round, run: () => Promise<unknown>): Promise<void> => {
  try {
    await run()
    deps.failures.note(round, null)
  } catch (error) {
    deps.log.fault(inWords(round), error)
    deps.failures.note(round, deps.clock())
  }
}

/** Erases what is due of every tenant there has ever been, does what features owe it, and looks after its keys: a promise
 *  does not end with a fault in a tenant's files. */
const eraseEverywhere = async (deps: AppDeps, features: readonly Feature[]): Promise<void> => {
  for (const id of await deps.db.knownTenants()) {
    const tenant = nameOf(deps, id)
    await attempt(deps, { tenant, work: 'retention' }, () => eraseDue(deps, id))
    const isKept = await keepDuties(deps, features, id)
    deps.failures.note({ tenant, work: 'duties' }, isKept ? null : deps.clock())
    await attempt(deps, { tenant, work: 'keys' }, () => keepKeys(deps, id))
  }
}

type Which = 'all' | 'ofThisNode'

/** What this node's own files need: access lines that are past their period go. */
export const tidyNode = (deps: AppDeps, features: readonly Feature[]): Promise<void> =>
  runSweeps(deps, features, 'ofThisNode')

/** Lets each feature look after itself at one tenant. */
export const sweepTenant = async (
  deps: AppDeps,
  features: readonly Feature[],
  running: RunningTenant,
  which: Which = 'all',
): Promise<void> => {
  for (const { name, run, onEveryNode } of features
    .filter((feature) => worksFor(feature, running))
    .flatMap(({ sweeps = [] }) => sweeps)) {
    if (which === 'ofThisNode' && !onEveryNode) continue
    await attempt(deps, { tenant: running.tenant.slug, work: name }, () => run(deps, running, deps.clock()))
  }
}

// One that is not in force yet is left alone: what its files say has not been promised to anybody. This node's own files are
// tidied all the same: a command puts nothing into force, and access lines end.
const runSweeps = async (deps: AppDeps, features: readonly Feature[], which: Which): Promise<void> => {
  for (const running of deps.register.running.values()) {
    const { slug } = running.tenant
    const isInForce = deps.inForce.has(slug)
    if (isInForce) await attempt(deps, { tenant: slug, work: 'form keys' }, () => learnFormKeys(deps, running))
    await sweepTenant(deps, features, running, isInForce ? which : 'ofThisNode')
  }
  const slugs = [...deps.register.running.keys()]
  await attempt(deps, { tenant: null, work: 'access log' }, async () =>
    deps.log.eraseAccessOfOthers(slugs, deps.clock().subtract(strangersLines)),
  )
}

/** One round over all tenants: erase what is due, then let each feature look after itself. A fault in one place stops
 *  nothing else. */
export const sweep = async (deps: AppDeps, features: readonly Feature[]): Promise<void> => {
  await attempt(deps, { tenant: null, work: 'retention' }, () => eraseEverywhere(deps, features))
  await attempt(deps, { tenant: null, work: 'compaction' }, () => keepCompact(deps))
  await runSweeps(deps, features, 'all')
}

/** Brings the ledger's file up to date, e.g. after a disk was full for so long that jobs were given up. */
const completeFile = async (deps: AppDeps): Promise<void> => {
  const now = deps.clock()
  const since = ledgerReach(now, deps.register.operator?.backup.window ?? 'PT0S')
  // A line that broke off stays in the file for good and is written anew: no fault. Backup and restore name it.
  await completeLedger(deps.db, deps.ledger, since, () => {})
  // Not what was just being erased: its transaction may have ended after the look. Its own job says when it is written.
  const until = now.subtract({ minutes: 1 })
  for (const id of await deps.db.knownTenants()) await deps.db.inTenant(id, (tx) => updateAllWritten(tx, until))
}

type Stoppable = { stop: () => Promise<void> }

/** Goes on until stopped; then what this node alone knows, such as what it counted, is put away a last time. */
const every = (seconds: number, work: () => Promise<void>, last: () => Promise<void>): Stoppable => {
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
      await last()
    },
  }
}

/** What a node without a worker does by the minute: it looks after its own files. */
export const startNode = async (deps: AppDeps, features: readonly Feature[]): Promise<Stoppable> => {
  const tidy = () => tidyNode(deps, features)
  await tidy()
  return every(sweepEvery, tidy, tidy)
}

/** A job of a tenant that is not in force yet waits until it is. */
const inItsTime = (job: Job<AppDeps>): Job<AppDeps> => ({
  ...job,
  run: async (deps, ids) => {
    const running = findRunning(deps.register, ids.tenantId)
    if (running && !deps.inForce.has(running.tenant.slug)) throw new RetryLater()
    await job.run(deps, ids)
  },
})

/** Works off jobs and sweeps until stopped. The first round is over when it resolves, so that nobody meets what is due.
 *  `seconds` between two rounds. */
export const startWorker = async (
  deps: AppDeps,
  features: readonly Feature[],
  seconds = sweepEvery,
): Promise<Stoppable> => {
  const jobs = jobsOf(features).map(inItsTime)
  await sweep(deps, features)
  // Tried once a start: that a line is missing, /readyz finds by itself.
  await completeFile(deps).catch((error: unknown) => deps.log.fault('erasure ledger', error))
  await deps.jobs.work(jobs, deps, (name, error) => deps.log.fault(`job ${name}`, error))
  return every(
    seconds,
    () => sweep(deps, features),
    () => tidyNode(deps, features),
  )
}
