import { setTimeout as pause } from 'node:timers/promises'
import { RefusedError } from '#platform/config.ts'
import { isKeyAnnounced, rewrapTenantKeys } from '#vault/keyring/rotation.ts'
import { loadMasterKeys, newMasterKey, writeMasterKeys } from '#vault/keys.ts'
import type { AppDeps } from './deps.ts'

type Deps = Pick<AppDeps, 'db' | 'keeper' | 'clock'>

const firstId = '00000000-0000-0000-0000-000000000000'

/** Wraps all of a tenant's records anew, each portion in a transaction of its own. */
const rewrapAll = async ({ db, keeper }: Deps, tenantId: string): Promise<{ records: number; failed: number }> => {
  let [records, failed] = [0, 0]
  for (let after: string | null = firstId; after !== null; ) {
    const from: string = after
    const done = await db.inTenant(tenantId, (tx) => keeper.rewrapSome(tx, from))
    records += done.records
    failed += done.failed
    after = done.last
  }
  return { records, failed }
}

const alone = async <T>(db: AppDeps['db'], work: () => Promise<T>): Promise<T> => {
  const done = await db.alone('rotation', async () => ({ result: await work() }))
  if (done === null) throw new RefusedError('Keys are being rotated already. Wait until that is over.')
  return done.result
}

export type Rotated = { tenantId: string; records: number; failed: number; left: number }

/** Gives every tenant there has ever been a new key and wraps all records anew, while servers run. Waits until every
 *  server knows the new keys; whatever is interrupted, a worker completes.
 *  @throws RefusedError while another rotation is under way. */
export const rotateTenantKeys = (
  deps: Deps,
  wait: (until: Temporal.Instant) => Promise<void> = waitUntil(deps.clock),
): Promise<Rotated[]> =>
  alone(deps.db, async () => {
    const { db, keeper } = deps
    const tenants = await db.knownTenants()
    // All are asked before the first is announced: nobody else announces meanwhile, and a refusal leaves nothing begun.
    for (const tenantId of tenants) {
      if (await db.inTenant(tenantId, (tx) => isKeyAnnounced(tx, deps.clock())))
        throw new RefusedError('A new key has been announced already. Wait two minutes.')
    }
    let usedFrom = deps.clock()
    for (const tenantId of tenants) {
      usedFrom = (await db.inTenant(tenantId, (tx) => keeper.announceKey(tx))) ?? usedFrom
    }
    await wait(usedFrom)
    const rotated: Rotated[] = []
    for (const tenantId of tenants) {
      const done = await rewrapAll(deps, tenantId)
      rotated.push({ tenantId, ...done, left: await db.inTenant(tenantId, (tx) => keeper.dropRetired(tx)) })
    }
    return rotated
  })

const waitUntil =
  (clock: AppDeps['clock']) =>
  async (until: Temporal.Instant): Promise<void> => {
    while (Temporal.Instant.compare(clock(), until) <= 0) await pause(500)
  }

const lookedAt = new WeakMap<AppDeps['keeper'], Map<string, Temporal.Instant>>()

/** Completes what a rotation left, at the start and every hour, and at once again when that failed: records that somebody
 *  had locked, a rotation that was interrupted, old keys that nothing needs any more. */
export const keepKeys = async (deps: AppDeps, tenantId: string): Promise<void> => {
  const looks = lookedAt.get(deps.keeper) ?? new Map<string, Temporal.Instant>()
  lookedAt.set(deps.keeper, looks)
  const now = deps.clock()
  const last = looks.get(tenantId)
  if (last && Math.abs(last.until(now).total('hours')) < 1) return
  if ((await deps.db.inTenant(tenantId, (tx) => deps.keeper.dropRetired(tx))) > 0) {
    const { failed } = await rewrapAll(deps, tenantId)
    if (failed > 0) throw new Error(`${failed} records do not open and keep the old key`)
    await deps.db.inTenant(tenantId, (tx) => deps.keeper.dropRetired(tx))
  }
  looks.set(tenantId, now) // what failed is tried again in the next round
}

/** Replaces the master key: the file gets the new one beside the old, every tenant's keys are wrapped anew, and then the
 *  old one goes from the file. Interrupted at any point, nothing is lost, and the next call goes on. Returns whether it
 *  went on with an earlier one, and how many keys it wrapped anew.
 *  @throws RefusedError while another rotation is under way. */
export const rotateMasterKey = ({ db, random, config }: Pick<AppDeps, 'db' | 'random' | 'config'>) =>
  alone(db, async () => {
    const found = loadMasterKeys(config.keyFile, random)
    const goesOn = found.length > 1
    const keys = goesOn ? found : [newMasterKey(random), ...found]
    if (!goesOn) writeMasterKeys(config.keyFile, keys)
    let wrapped = 0
    // Twice: a process that began before may have brought in a new tenant meanwhile.
    for (const _ of ['first', 'again']) {
      for (const tenantId of await db.knownTenants())
        wrapped += await db.inTenant(tenantId, (tx) => rewrapTenantKeys(tx, keys, random))
    }
    writeMasterKeys(config.keyFile, keys.slice(0, 1))
    return { goesOn, wrapped }
  })
