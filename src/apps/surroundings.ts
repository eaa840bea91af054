import { join } from 'node:path'
import { findSilentChanges } from '#features/website/index.ts'
import type { Config } from '#platform/config.ts'
import type { Db } from '#platform/db/db.ts'
import { shownPath } from '#register/load/read.ts'
import {
  type Problem,
  type QuarantinedTenant,
  quarantine,
  type Register,
  type RunningTenant,
} from '#register/register.ts'
import { listLookedAt, listStoredFields } from '#vault/overview/sql.ts'
import { compareSecrets } from './destinations.ts'
import { compareLooks, compareRecords } from './doctor/records.ts'

/** Takes a tenant out that turned out not to be as its files say: it does not run, the others do. */
export type CloseTenant = (slug: string, problems: readonly Problem[]) => void

/** The register, and how to take a tenant out of it for everybody who uses it. */
export const closable = (register: Register): { register: Register } & { closeTenant: CloseTenant } => {
  const running = new Map<string, RunningTenant>(register.running)
  const quarantined = new Map<string, QuarantinedTenant>(register.quarantined)
  return {
    register: { ...register, running, quarantined },
    closeTenant: (slug, problems) => {
      running.delete(slug)
      quarantined.set(slug, { slug, problems })
    },
  }
}

/** Takes out tenants whose files no longer fit what is stored for them, what was published under the same version, or the
 *  secrets that lie there. */
export const fitToSurroundings = async (
  loaded: Register,
  db: Db,
  { tenantsDir, secretsDir }: Config,
  now: Temporal.Instant,
): Promise<Register> => {
  let register = loaded
  for (const [slug, running] of loaded.running) {
    const own = join(shownPath(tenantsDir), slug)
    const folder = join(own, 'activities')
    const ofRecords = await db.inTenant(running.tenant.id, async (tx) => [
      ...compareRecords(folder, running, await listStoredFields(tx)),
      ...compareLooks(folder, running, await listLookedAt(tx)),
      ...(await findSilentChanges(tx, running, now)),
    ])
    const problems = [...ofRecords, ...compareSecrets(own, running, secretsDir)]
    if (problems.length > 0) register = quarantine(register, slug, problems)
  }
  return register
}
