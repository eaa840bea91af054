import { uuid } from '#platform/random.ts'
import { getActivity } from '#register/register.ts'
import type { Core } from './core.ts'
import {
  emptied,
  isExact,
  refuseReadable,
  registerVersion,
  sortFields,
  UndeclaredFieldError,
  without,
} from './fields.ts'
import { newRecordKey } from './keys.ts'
import { refusePurpose } from './purposes.ts'
import { dueAt, promiseOf } from './retention.ts'
import { blindIndex, openFields, sealFields } from './seal.ts'
import * as sql from './sql.ts'
import type { Vault } from './vault.ts'

type Writing = Pick<Vault, 'put' | 'lock' | 'correct' | 'addLookup' | 'replaceLookups' | 'addPurpose'>

/** What is stored: as the activity declares it, and nothing else. */
export const writing = ({ clock, random, keyring, runningOf, digestsOf, keyOf }: Core): Writing => ({
  put: async (tx, activityId, fields, happened = {}, id = uuid(random)) => {
    const running = runningOf(tx)
    const activity = getActivity(running, activityId)
    if (activity.executedBy) {
      throw new UndeclaredFieldError(`activity ${activityId} is executed elsewhere; nothing of it is stored here`)
    }
    const { sealed, indexed } = sortFields(activity, fields, true)
    const { generation, keys } = (await keyring.ring(tx)).current
    const version = registerVersion(running, activity)
    const { key, wrapped } = newRecordKey(keys, tx.tenantId, id, random)
    const place = { tenantId: tx.tenantId, recordId: id, activity: activityId, registerVersion: version }
    const events = Object.fromEntries(Object.entries(happened).map(([trigger, at]) => [trigger, at.toString()]))
    await sql.insertRecord(tx, {
      id,
      events,
      promise: promiseOf(activity.retention),
      purposes: activity.purposes.map((purpose) => purpose.id),
      due: dueAt(activity.retention, events, running.tenant.timeZone),
      activity: activityId,
      registerVersion: version,
      sealed: sealFields(key, sealed, place, random),
      wrapped,
      generation,
      digests: indexed.map(([field, value]) => blindIndex(keys.index, field, value, isExact(running, field))),
      at: clock(),
    })
    return id
  },

  lock: async (tx, recordId) => (await sql.lockRecord(tx, recordId, clock())) !== null,

  correct: async (tx, recordId, changes) => {
    const row = await sql.lockRecord(tx, recordId, clock())
    if (!row) return
    const running = runningOf(tx)
    const activity = getActivity(running, row.activity)
    const { sealed, indexed } = sortFields(activity, changes, false)
    if (indexed.length > 0)
      throw new UndeclaredFieldError(`${indexed.map(([id]) => id).join(', ')} cannot be corrected in place`)
    const { key, place } = await keyOf(tx, row)
    const fields = without({ ...openFields(key, row.sealed, place), ...sealed }, emptied(activity, changes))
    const version = registerVersion(running, activity)
    const resealed = sealFields(key, fields, { ...place, registerVersion: version }, random)
    await sql.updateSealed(tx, row.id, version, resealed)
  },

  addLookup: async (tx, recordId, field, value) => {
    const row = await sql.lockRecord(tx, recordId, clock())
    if (!row) return
    const running = runningOf(tx)
    refuseReadable(getActivity(running, row.activity), field)
    const { generation, keys } = (await keyring.ring(tx)).current
    await sql.insertDigest(tx, row.id, generation, blindIndex(keys.index, field, value, isExact(running, field)))
  },

  replaceLookups: async (tx, recordId, field, value) => {
    const row = await sql.lockRecord(tx, recordId, clock())
    if (!row) return
    const activity = getActivity(runningOf(tx), row.activity)
    refuseReadable(activity, field)
    const { key, place } = await keyOf(tx, row)
    const fields = openFields(key, row.sealed, place)
    const kept: Buffer[] = []
    for (const each of activity.fields.filter(({ lookup, store }) => lookup && store === 'vault'))
      if (fields[each.id]) kept.push(...(await digestsOf(tx, each.id, fields[each.id] ?? '')))
    const { generation, keys } = (await keyring.ring(tx)).current
    await sql.deleteOtherDigests(tx, row.id, kept)
    await sql.insertDigest(tx, row.id, generation, blindIndex(keys.index, field, value, true))
  },

  addPurpose: async (tx, recordId, access) => {
    const row = await sql.lockRecord(tx, recordId, clock())
    if (!row) return
    refusePurpose(getActivity(runningOf(tx), row.activity), null, access)
    await sql.addPurpose(tx, recordId, access.purpose)
  },
})
