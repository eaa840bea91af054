import { join } from 'node:path'
import type { Feature } from '#features/feature.ts'
import { findCheck } from '#features/website/index.ts'
import type { Inspected } from '#platform/db/inspect.ts'
import { shownPath } from '#register/load/read.ts'
import type { RunningTenant } from '#register/register.ts'
import { type Composed, clientDir } from './compose.ts'
import type { AppDeps } from './deps.ts'
import { fingerprints, hashProgram } from './doctor/fingerprint.ts'
import { type Difference, DifferenceError, differenceLine, OutageError, openPageCheck } from './doctor/index.ts'
import { publishTenant } from './publishing.ts'

type Given = Pick<Composed, 'deps' | 'noteChecked' | 'closeTenant'> & {
  features: readonly Feature[]
  /** The database, as the check of what all tenants share has found it. */
  found: Inspected
  /** What is done for a tenant after it is published and before somebody comes. */
  prepare: (running: RunningTenant) => Promise<void>
  say: (line: string) => void
  /** Ends the opening after the tenant it is at. */
  signal: AbortSignal
}

/** When this tenant's pages were all asked under this fingerprint. Nobody can have asked one without keys. */
const lastCheck = async (deps: AppDeps, { tenant }: RunningTenant, fingerprint: string) => {
  const keys = deps.formKeys.get(tenant.slug)
  return keys ? deps.db.inTenant(tenant.id, (tx) => findCheck(tx, keys, fingerprint, deps.clock())) : null
}

/** Opens the tenants, one by one: first those of which nothing has changed since all their pages were found to agree, then
 *  each of the others after its pages have been asked. One that differs stays closed, alone.
 *  @throws DifferenceError when there is none left to open, and OutageError when one could not be looked at: closed by an
 *  outage, it would stay so for as long as this process runs */
export const openTenants = async (given: Given): Promise<void> => {
  const { deps, features, found, noteChecked, signal } = given
  const fingerprintOf = fingerprints(hashProgram(clientDir), deps.config, found)
  const open = async (running: RunningTenant, passed: string | null, at: Temporal.Instant): Promise<void> => {
    const version = await publishTenant(deps, running, passed)
    noteChecked(running.tenant.slug, at)
    await given.prepare(running)
    deps.inForce.set(running.tenant.slug, version)
  }
  const changed: RunningTenant[] = []
  for (const running of [...deps.register.running.values()]) {
    if (signal.aborted) return
    const at = await lastCheck(deps, running, fingerprintOf(running))
    if (at) await open(running, null, at)
    else changed.push(running)
  }
  if (changed.length === 0) return
  const check = await openPageCheck(deps, features, clientDir)
  const all: Difference[] = []
  try {
    for (const running of changed) {
      if (signal.aborted) return
      const differences = await check.compare(running, 'byShape')
      const outages = differences.filter(({ isOutage }) => isOutage)
      if (outages.length > 0) throw new OutageError(outages)
      if (differences.length === 0) await open(running, fingerprintOf(running), deps.clock())
      else keepClosed(given, running, differences)
      all.push(...differences)
    }
  } finally {
    await check.close()
  }
  if (deps.register.running.size === 0) throw new DifferenceError(all)
}

const keepClosed = (given: Given, { tenant: { slug } }: RunningTenant, differences: readonly Difference[]): void => {
  const file = shownPath(join(given.deps.config.tenantsDir, slug))
  given.closeTenant(
    slug,
    differences.map((difference) => ({ file, line: 1, ...difference })),
  )
  given.say(`Tenant ${slug} does not run until this is mended:`)
  for (const difference of differences) given.say(`  ${differenceLine(difference)}`)
}
