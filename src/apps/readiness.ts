import type { Feature } from '#features/feature.ts'
import { inWords } from '#platform/failures.ts'
import { grace, isOverdue, listOverdue } from '#vault/overview/overdue.ts'
import type { AppDeps } from './deps.ts'
import { nameOf } from './retention.ts'
import { strangersLines } from './worker.ts'

/** Something that should have been done by now: of which tenant, what, and when it was due. */
export type Delay = { tenant: string; what: string; since: Temporal.Instant }

/** Everything that is overdue by more than the grace: records of every tenant there has ever been, what features owe it,
 *  and access lines on this machine. @throws when the database does not answer. */
export const listDelays = async (deps: AppDeps, features: readonly Feature[]): Promise<Delay[]> => {
  const now = deps.clock()
  const records = (await listOverdue(deps.db, now)).map(
    ({ tenantId, since }): Delay => ({ tenant: nameOf(deps, tenantId), what: 'records', since }),
  )
  const others = [...(await dutiesOf(deps, features)), ...linesOf(deps, features)]
  return [...records, ...others.filter(({ since }) => isOverdue(since, now))]
}

const dutiesOf = async (deps: AppDeps, features: readonly Feature[]): Promise<Delay[]> => {
  const delays: Delay[] = []
  for (const id of await deps.db.knownTenants()) {
    const ofTenant = await deps.db.inTenant(id, async (tx) => {
      const found: Delay[] = []
      for (const { name, firstDue } of features.flatMap(({ duties = [] }) => duties)) {
        const since = await firstDue?.(tx)
        if (since) found.push({ tenant: nameOf(deps, id), what: name, since })
      }
      return found
    })
    delays.push(...ofTenant)
  }
  return delays
}

const linesOf = (deps: AppDeps, features: readonly Feature[]): Delay[] => {
  const sweeps = features.flatMap((feature) => feature.sweeps ?? [])
  const own = [...deps.register.running.values()].flatMap((running) =>
    sweeps.flatMap(({ overdueSince }): Delay[] => {
      const since = overdueSince?.(deps, running) ?? null
      return since === null ? [] : [{ tenant: running.tenant.slug, what: 'access log', since }]
    }),
  )
  const others = [...deps.log.oldestAccess()]
    .filter(([slug]) => !deps.register.running.has(slug))
    .map(([slug, oldest]): Delay => ({ tenant: slug, what: 'access log', since: oldest.add(strangersLines) }))
  return [...own, ...others]
}

/** What this process fails at; of a tenant that was closed since, nobody tries it any more. */
export const listFailing = ({ failures, clock, register }: AppDeps): ReturnType<AppDeps['failures']['list']> =>
  failures.list(clock()).filter(({ tenant }) => tenant === null || !register.quarantined.has(tenant))

export type Readiness = { ready: true } | { ready: false; why: string[] }

const look = async (deps: AppDeps, features: readonly Feature[]): Promise<Readiness> => {
  const { register, inForce } = deps
  const [open, all] = [[...register.running.keys()].filter((slug) => inForce.has(slug)).length, register.running.size]
  if (open < all) return { ready: false, why: [`starting: ${open} of ${all} tenants are open`] }
  try {
    const late = `overdue by more than ${grace.hours} hours`
    const why = [
      ...(await listDelays(deps, features)).map(
        ({ tenant, what, since }) => `${what} of ${tenant} ${late}: due ${since.round('second')}`,
      ),
      ...listFailing(deps).map((round) => `${inWords(round)} fails since ${round.since.round('second')}: see the log`),
    ]
    return why.length === 0 ? { ready: true } : { ready: false, why }
  } catch (error) {
    // An outage is what this is there to tell; anything else is a fault of ours that somebody has to find.
    if (!(await deps.db.isAlive())) return { ready: false, why: ['database does not answer'] }
    deps.log.fault('readiness', error)
    return { ready: false, why: ['cannot tell whether anything is overdue: see the log'] }
  }
}

/** How long an answer serves everybody who asks; a flood of questions is one look at the database. */
const servesFor = { milliseconds: 2000 }

/** Whether this node may be sent visitors, to all tenants, and keeps its promises. */
export const readiness = (deps: AppDeps, features: readonly Feature[]): (() => Promise<Readiness>) => {
  let last: { tick: number; at: Temporal.Instant; answer: Promise<Readiness> } | null = null
  return () => {
    const [tick, at] = [performance.now(), deps.clock()]
    // A demonstration's clock jumps; what was right before it says nothing then.
    const isFresh =
      last !== null &&
      tick - last.tick < servesFor.milliseconds &&
      Math.abs(at.epochMilliseconds - last.at.epochMilliseconds) < servesFor.milliseconds
    if (last === null || !isFresh) last = { tick, at, answer: look(deps, features) }
    return last.answer
  }
}
