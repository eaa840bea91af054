import type { TenantTx } from '#platform/db/db.ts'
import { getActivity } from '#register/register.ts'
import { deleteStale, sizesOf } from './blobs/sql.ts'
import type { Core } from './core.ts'
import { registerVersion } from './fields.ts'
import type { Erased, VaultKeeper } from './keeper.ts'
import { noteRestricted, placeLegalHold, releaseLegalHold, restrict } from './legal-holds/changes.ts'
import { restrictDue } from './legal-holds/sql.ts'
import { dueAt } from './retention.ts'
import * as sql from './sql.ts'
import { deleteOrphanedTrail } from './trail/sql.ts'
import type { Vault } from './vault.ts'

/** Records erased in one transaction: many enough that its own cost does not show, few enough that nobody waits. */
const portion = 1000

/** Bytes of files erased in one transaction, but for a record that alone has more. */
const portionOfFiles = 64 * 1024 * 1024

/** The first of these records, as many as have no more bytes of files together than one transaction is to erase. */
const upToSize = async <T extends { id: string }>(tx: TenantTx, records: readonly T[]): Promise<readonly T[]> => {
  const sizes = await sizesOf(
    tx,
    records.map(({ id }) => id),
  )
  let sum = 0
  const tooMany = records.findIndex(({ id }, i) => {
    sum += sizes.get(id) ?? 0
    return i > 0 && sum > portionOfFiles
  })
  return tooMany < 0 ? records : records.slice(0, tooMany)
}

/** What happens to a record, and when it therefore goes. */
export const happening = (core: Core): Pick<Vault, 'happened'> => ({
  happened: async (tx, recordId, trigger, at) => {
    const record = await sql.lockEvents(tx, recordId)
    if (!record) return 'erased'
    const running = core.runningOf(tx)
    const events = { ...record.events, [trigger]: at.toString() }
    const { retention } = getActivity(running, record.activity)
    const due = dueAt([...record.promise, ...retention], events, running.tenant.timeZone)
    if (record.isRestricted) {
      await noteRestricted(tx, core, recordId, trigger) // its date has come before; that one is kept for the release
      return 'restricted'
    }
    if (due && Temporal.Instant.compare(due.at, core.clock()) <= 0) {
      if (record.isHeld) {
        await restrict(tx, core, recordId, { trigger, events, due })
        return 'restricted'
      }
      await core.erase(tx, [recordId], record.activity, due.rule)
      return 'erased'
    }
    await sql.updateDue(tx, recordId, events, due)
    return 'kept'
  },
})

type Ending = Pick<VaultKeeper, 'eraseDue' | 'tidy' | 'applyStricterPeriods' | 'placeLegalHold' | 'releaseLegalHold'>

/** Keeping the dates that records have, and what holds them beyond. */
export const ending = (core: Core): Ending => ({
  eraseDue: async (tx) => {
    const due = await upToSize(tx, await sql.lockDue(tx, core.clock(), portion))
    const erased: Erased[] = []
    for (const records of Map.groupBy(due, (record) => `${record.activity}\0${record.rule}`).values()) {
      const [first] = records
      if (!first) continue
      const { activity, rule } = first
      const ids = records.map((record) => record.id)
      erased.push({ activity, rule: rule ?? '', count: await core.erase(tx, ids, activity, rule ?? '') })
    }
    return erased
  },

  tidy: async (tx) => {
    await restrictDue(tx, core.clock())
    await deleteOrphanedTrail(tx)
    await deleteStale(tx, core.clock())
  },

  applyStricterPeriods: async (tx) => {
    const running = core.runningOf(tx)
    for (const activity of running.activities.values()) {
      for (const record of await sql.listOfOtherVersions(tx, activity.id, registerVersion(running, activity))) {
        const due = dueAt([...record.promise, ...activity.retention], record.events, running.tenant.timeZone)
        const current = record.erase_at?.getTime() ?? Number.POSITIVE_INFINITY
        if (due && due.at.epochMilliseconds < current) await sql.updateDue(tx, record.id, record.events, due)
      }
    }
  },

  placeLegalHold: async (tx, field, value, reason) =>
    placeLegalHold(tx, core, await core.digestsOf(tx, field, value), reason),

  releaseLegalHold: async (tx, field, value) => releaseLegalHold(tx, core, await core.digestsOf(tx, field, value)),
})
