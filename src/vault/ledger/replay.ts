import type { TenantTx } from '#platform/db/db.ts'
import type { RunningTenant } from '#register/register.ts'
import type { ErasureLine } from './line.ts'
import { findPromises } from './sql.ts'

/** Which records of an erasure a restored backup has, and by what trigger they went. `running` is undefined for a tenant
 *  that does not run. */
export const findErased = async (tx: TenantTx, line: ErasureLine, running: RunningTenant | undefined) => {
  const records = await findPromises(tx, line.records)
  const declared = running?.activities.get(line.activity)?.retention ?? []
  const rules = [...records.flatMap(({ promise }) => promise), ...declared]
  const trigger = rules.find(({ id }) => id === line.rule)?.trigger ?? null
  return { present: records.map(({ id }) => id), trigger }
}
