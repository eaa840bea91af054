import type { Clock } from '#platform/clock.ts'
import type { TenantTx } from '#platform/db/db.ts'
import type { FormKeys } from '#platform/http/form-token.ts'
import { type Random, uuid } from '#platform/random.ts'
import { type Access, getActivity, type RunningTenant } from '#register/register.ts'
import type { PublicKey } from '#shared/receipt/receipt.ts'
import {
  emptied,
  isExact,
  refuseReadable,
  registerVersion,
  sortFields,
  UndeclaredFieldError,
  without,
} from './fields.ts'
import { type Held, type Hold, type HoldReason, type Released, restrictedSince } from './holds/hold.ts'
import { noteRestricted, placeHold, releaseHold, restrict } from './holds/holds.ts'
import { restrictDue } from './holds/sql.ts'
import { createKeyring } from './keyring/keyring.ts'
import { announceKey, dropRetired, type Rewrapped, rewrapSome } from './keyring/rotation.ts'
import { insertTenantKey, listTenantKeys } from './keyring/sql.ts'
import { type Masters, newRecordKey, newTenantKey, openRecordKey } from './keys.ts'
import type { ErasureLine, HoldLine, LedgerLine } from './ledger/line.ts'
import { changeAgain, findErased } from './ledger/replay.ts'
import { eraseAgain, findLine, listErasures, whichErased } from './ledger/sql.ts'
import { openedFor, refusePurpose } from './purposes.ts'
import { type Due, dueAt, type Events, promiseOf } from './retention.ts'
import { blindIndex, openFields, sealFields } from './seal.ts'
import { keepSigningKey, listPublicKeys, openSigner, type Signer } from './signing/signing.ts'
import * as sql from './sql.ts'

export { UndeclaredFieldError } from './fields.ts'
export { UndeclaredPurposeError } from './purposes.ts'

/** A record, opened. */
export type OpenRecord = {
  id: string
  activity: string
  fields: Readonly<Record<string, string>>
  createdAt: Temporal.Instant
  /** What has happened to it: the instant of each trigger. */
  events: Events
  /** When and by which rule it will be erased; null while nothing has happened that sets a period running. */
  due: Due | null
  /** Why it is kept beyond that date; null: it is not. */
  hold: Hold | null
  /** How often it was opened before this time, and when last. */
  looks: { count: number; last: Temporal.Instant | null }
}

/** Which fields really stand in a tenant's records, by activity, and when the last of these records is erased at the
 *  latest (null: not all have a date yet). Opens nothing: names of fields are not sealed. */
export const storedFields = (tx: TenantTx) => sql.listStoredFields(tx)

/** For what a tenant's records have been opened by the trail, by activity, and when the last of the records looked at is
 *  erased at the latest (null: not all have a date yet). Looks that were declared when the record was made are left out. */
export const lookedAt = (tx: TenantTx) => sql.listLookedAt(tx)

/** What one run erased, by activity and rule. */
export type Erased = { activity: string; rule: string; count: number }

/** The only way to a personal datum. Every operation belongs to a tenant's transaction and commits with it. */
export type Vault = {
  /** Seals the declared fields of one activity as a new record and returns its id. Empty fields are left out.
   *  `happened` names what is known already (trigger and instant), so that the period runs from the first moment. `id`
   *  is a random one that the caller has kept, to ask later whether this record was erased. @throws UndeclaredFieldError */
  put(
    tx: TenantTx,
    activityId: string,
    fields: Readonly<Record<string, string>>,
    happened?: Readonly<Record<string, Temporal.Instant>>,
    id?: string,
  ): Promise<string>
  /** Opens a record; null when there is none (any more). Why somebody looks, and who, goes into the access trail, which
   *  names records and never people. @throws UndeclaredPurposeError, TamperedError */
  open(tx: TenantTx, recordId: string, access: Access): Promise<OpenRecord | null>
  /** Keeps a record as it is until the end of the transaction. False: it is gone, or restricted; whoever was erasing it is
   *  waited for. Opens nothing. */
  lock(tx: TenantTx, recordId: string): Promise<boolean>
  /** Replaces fields of a record, e.g. after a move; an empty value takes an optional field out. Fields found by look-up
   *  cannot be corrected this way.
   *  @throws UndeclaredFieldError */
  correct(tx: TenantTx, recordId: string, changes: Readonly<Record<string, string>>): Promise<void>
  /** Lets a record be found by one more value of a field of which only the check value is stored, e.g. by a further link
   *  to it; it goes with the record. Nothing happens where the record is gone or restricted. @throws UndeclaredFieldError */
  addLookup(tx: TenantTx, recordId: string, field: string, value: string): Promise<void>
  /** Ends every value by which the record was found in a field of which only check values are stored, and lets it be found
   *  by this one instead, e.g. by a new link where somebody else may know the old ones. Nothing happens where the record is
   *  gone or restricted. @throws UndeclaredFieldError */
  replaceLookups(tx: TenantTx, recordId: string, field: string, value: string): Promise<void>
  /** Says what happened, and when. The register decides what follows: the record gets its date of erasure, or goes
   *  within this transaction when that date is not in the future. Happening again replaces the earlier instant. Of the
   *  periods promised when the record was made and the ones declared now, the shorter counts. A record under a legal
   *  hold is restricted where another would be erased. */
  happened(
    tx: TenantTx,
    recordId: string,
    trigger: string,
    at: Temporal.Instant,
  ): Promise<'kept' | 'erased' | 'restricted'>
  /** Lets a record be opened for a purpose that its activity declares since after it was made: its person has asked for
   *  it. @throws UndeclaredPurposeError */
  addPurpose(tx: TenantTx, recordId: string, access: Access): Promise<void>
  /** Records with this value in this field, of the activities that are opened for this purpose, oldest first; a check
   *  value has to match to the letter, of anything else case and outer blanks do not matter.
   *  @throws UndeclaredPurposeError when that is no activity, or one record was made without this purpose */
  findBySubject(tx: TenantTx, field: string, value: string, access: Access): Promise<OpenRecord[]>
  /** The same among records that are only kept any more because of a legal hold: for the person's own access (Art. 15
   *  GDPR), and for nothing else. */
  findRestricted(tx: TenantTx, field: string, value: string, access: Access): Promise<OpenRecord[]>
  /** The records with this value in this field, also the restricted ones, oldest first. Opens nothing. */
  listBySubject(tx: TenantTx, field: string, value: string): Promise<{ id: string; activity: string }[]>
  /** Forbids to erase the record with this value in this field, until it is released. Opens nothing. */
  hold(tx: TenantTx, field: string, value: string, reason: HoldReason): Promise<Held>
  /** Ends the hold; what it kept beyond its date is erased in this transaction. */
  release(tx: TenantTx, field: string, value: string): Promise<Released>
  /** Whether this record holds this value in a field of which only the check value is stored. */
  matches(tx: TenantTx, recordId: string, field: string, value: string): Promise<boolean>
  /** Erases one portion of what is due, with a line in the ledger for each rule, and returns what it was; nothing when
   *  nothing is due that nobody else is erasing at this moment. */
  eraseDue(tx: TenantTx): Promise<Erased[]>
  /** Restricts what is due but held, and clears away the trail of records that are gone. */
  tidy(tx: TenantTx): Promise<void>
  /** Brings dates forward where the register has become stricter since a record was made; never backward. */
  applyStricterPeriods(tx: TenantTx): Promise<void>
  /** Which of these records the ledger says are erased. */
  whichErased(tx: TenantTx, ids: readonly string[]): Promise<string[]>
  /** The newest lines of the erasure ledger. */
  ledger(
    tx: TenantTx,
    limit: number,
  ): Promise<{ activity: string; rule: string; count: number; at: Temporal.Instant }[]>
  /** A line of the ledger as the file outside the database has it; null when there is none of this id. */
  ledgerLine(tx: TenantTx, id: string): Promise<LedgerLine | null>
  /** Which records of an erasure are in the database, as in a restored backup, and what had happened that erased them;
   *  null when nobody knows the rule any more. */
  findErased(tx: TenantTx, line: ErasureLine): Promise<{ present: string[]; trigger: string | null }>
  /** Repeats an erasure, with its line of then. */
  eraseAgain(tx: TenantTx, line: ErasureLine): Promise<void>
  /** Repeats what a hold changed, with its line of then; the lines of a record in their order. False when the database
   *  knows of it already, or has no such record. */
  changeAgain(tx: TenantTx, line: HoldLine): Promise<boolean>
  /** What signs this tenant's receipts now. @throws TamperedError when the key was altered; Error before `prepare` */
  signer(tx: TenantTx): Promise<Signer>
  /** The public keys of all that ever signed this tenant's receipts, the one in use first; none before `prepare`. */
  publicKeys(tx: TenantTx): Promise<PublicKey[]>
  /** Makes the tenant's keys if it has none yet and proves that the master key opens it. @throws TamperedError */
  prepare(tx: TenantTx): Promise<void>
  /** Whether the tenant has a key, as it has when it once ran on this database; proves that the master key opens it.
   *  @throws TamperedError */
  isPrepared(tx: TenantTx): Promise<boolean>
  /** The keys with which this tenant's forms are signed: the one in use first, then those that still prove. As old as
   *  everything a process knows of keys, a minute at most. */
  formKeys(tx: TenantTx): Promise<FormKeys>
  /** Announces a new key for the tenant; see `keyring/rotation.ts`. Returns from when on it is used, null while an earlier one is
   *  not in use yet. */
  announceKey(tx: TenantTx): Promise<Temporal.Instant | null>
  /** Wraps some records anew under the key in use, those after the given id; `last` is null when there was none. Gives the
   *  tenant a new key to sign with where the one in use is sealed by an older key. */
  rewrapSome(tx: TenantTx, after: string): Promise<Rewrapped>
  /** Drops old keys of the tenant that nothing needs any more. Returns how many are left. */
  dropRetired(tx: TenantTx): Promise<number>
}

export type VaultParts = {
  masters: Masters
  tenants: Iterable<RunningTenant>
  clock: Clock
  random: Random
  /** Called in the transaction that erased, or changed something by a hold, with the id of the line in the ledger. */
  onLine: (tx: TenantTx, id: string) => Promise<void>
}

/** Records erased in one transaction: many enough that its own cost does not show, few enough that nobody waits. */
const portion = 1000

export const createVault = ({ masters, tenants, clock, random, onLine }: VaultParts): Vault => {
  const byId = new Map([...tenants].map((running) => [running.tenant.id, running]))
  const keyring = createKeyring(masters, clock)
  const rotation = { masters, keyring, clock, random }

  const runningOf = (tx: TenantTx): RunningTenant => {
    const running = byId.get(tx.tenantId)
    if (!running) throw new Error(`no running tenant ${tx.tenantId}`)
    return running
  }

  const digestsOf = async (tx: TenantTx, field: string, value: string): Promise<Buffer[]> => {
    const exact = isExact(runningOf(tx), field)
    return (await keyring.ring(tx)).all.map(({ keys }) => blindIndex(keys.index, field, value, exact))
  }

  const keyOf = async (tx: TenantTx, row: sql.RecordRow) => {
    const key = openRecordKey(await keyring.ofGeneration(tx, row.generation), tx.tenantId, row.id, row.wrapped)
    const { activity, registerVersion } = row
    return { key, place: { tenantId: tx.tenantId, recordId: row.id, activity, registerVersion } }
  }

  const unseal = async (tx: TenantTx, row: sql.RecordRow, access: Access): Promise<OpenRecord> => {
    const { key, place } = await keyOf(tx, row)
    const fields = openFields(key, row.sealed, place)
    const looks = await sql.insertAccess(tx, { id: uuid(random), recordId: row.id, ...access, at: clock() })
    const due = row.eraseAt && row.eraseRule ? { at: row.eraseAt, rule: row.eraseRule } : null
    const hold = row.hold && {
      reason: row.hold.reason,
      since: row.hold.at,
      restrictedSince: restrictedSince(row.hold.restrictedAt, row.eraseAt, clock()),
    }
    const { id, activity, createdAt, events } = row
    return { id, activity, fields, createdAt, events, due, hold, looks }
  }

  const find = async (
    tx: TenantTx,
    { field, value, which }: { field: string; value: string; which: sql.Readable },
    access: Access,
  ): Promise<OpenRecord[]> => {
    const running = runningOf(tx)
    const activities = openedFor(running, access)
    if (!(await keyring.hasAny(tx))) return [] // it has never run here, and nothing is stored of it
    const rows = await sql.findByDigest(tx, await digestsOf(tx, field, value), { now: clock(), which, activities })
    for (const row of rows) refusePurpose(getActivity(running, row.activity), row.purposes, access)
    const found: OpenRecord[] = []
    for (const row of rows) found.push(await unseal(tx, row, access))
    return found
  }

  const erase = async (tx: TenantTx, ids: readonly string[], activity: string, rule: string): Promise<number> => {
    const id = uuid(random)
    const count = await sql.eraseRecords(tx, ids, { id, activity, rule, at: clock() })
    if (count > 0) await onLine(tx, id)
    return count
  }

  const holds = { clock, random, onLine, erase }

  return {
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

    open: async (tx, recordId, access) => {
      const row = await sql.findRecord(tx, recordId, clock())
      if (!row) return null
      refusePurpose(getActivity(runningOf(tx), row.activity), row.purposes, access)
      return unseal(tx, row, access)
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

    happened: async (tx, recordId, trigger, at) => {
      const record = await sql.lockEvents(tx, recordId)
      if (!record) return 'erased'
      const running = runningOf(tx)
      const events = { ...record.events, [trigger]: at.toString() }
      const { retention } = getActivity(running, record.activity)
      const due = dueAt([...record.promise, ...retention], events, running.tenant.timeZone)
      if (record.isRestricted) {
        await noteRestricted(tx, holds, recordId, trigger) // its date has come before; that one is kept for the release
        return 'restricted'
      }
      if (due && Temporal.Instant.compare(due.at, clock()) <= 0) {
        if (record.isHeld) {
          await restrict(tx, holds, recordId, { trigger, events, due })
          return 'restricted'
        }
        await erase(tx, [recordId], record.activity, due.rule)
        return 'erased'
      }
      await sql.updateDue(tx, recordId, events, due)
      return 'kept'
    },

    addPurpose: async (tx, recordId, access) => {
      const row = await sql.lockRecord(tx, recordId, clock())
      if (!row) return
      refusePurpose(getActivity(runningOf(tx), row.activity), null, access)
      await sql.addPurpose(tx, recordId, access.purpose)
    },

    findBySubject: (tx, field, value, access) => find(tx, { field, value, which: 'in-use' }, access),

    findRestricted: (tx, field, value, access) => find(tx, { field, value, which: 'restricted' }, access),

    listBySubject: async (tx, field, value) => sql.listByDigest(tx, await digestsOf(tx, field, value), clock()),

    hold: async (tx, field, value, reason) => placeHold(tx, holds, await digestsOf(tx, field, value), reason),

    release: async (tx, field, value) => releaseHold(tx, holds, await digestsOf(tx, field, value)),

    matches: async (tx, recordId, field, value) => sql.hasDigest(tx, recordId, await digestsOf(tx, field, value)),

    eraseDue: async (tx) => {
      const due = await sql.lockDue(tx, clock(), portion)
      const erased: Erased[] = []
      for (const records of Map.groupBy(due, (record) => `${record.activity}\0${record.rule}`).values()) {
        const [first] = records
        if (!first) continue
        const { activity, rule } = first
        const ids = records.map((record) => record.id)
        erased.push({ activity, rule: rule ?? '', count: await erase(tx, ids, activity, rule ?? '') })
      }
      return erased
    },

    tidy: async (tx) => {
      await restrictDue(tx, clock())
      await sql.deleteOrphanedTrail(tx)
    },

    applyStricterPeriods: async (tx) => {
      const running = runningOf(tx)
      for (const activity of running.activities.values()) {
        for (const record of await sql.listOfOtherVersions(tx, activity.id, registerVersion(running, activity))) {
          const due = dueAt([...record.promise, ...activity.retention], record.events, running.tenant.timeZone)
          const current = record.erase_at?.getTime() ?? Number.POSITIVE_INFINITY
          if (due && due.at.epochMilliseconds < current) await sql.updateDue(tx, record.id, record.events, due)
        }
      }
    },

    whichErased,

    ledger: listErasures,

    ledgerLine: findLine,

    findErased: (tx, line) => findErased(tx, line, byId.get(tx.tenantId)),

    eraseAgain,

    changeAgain: (tx, line) => changeAgain(tx, line, byId.get(tx.tenantId)),

    prepare: async (tx) => {
      keyring.forget(tx.tenantId) // a key from a transaction that was rolled back opens nothing
      const [master] = masters.keys()
      if (master && (await listTenantKeys(tx)).length === 0)
        await insertTenantKey(tx, newTenantKey(master, tx.tenantId, random), clock())
      await keyring.ring(tx)
      await keepSigningKey(tx, rotation)
    },

    isPrepared: async (tx) => {
      if ((await listTenantKeys(tx)).length === 0) return false
      await keyring.ring(tx)
      return true
    },

    signer: (tx) => openSigner(tx, rotation),

    publicKeys: listPublicKeys,

    formKeys: async (tx) => {
      const { current, all } = await keyring.ring(tx)
      return [current.keys.form, ...all.filter((each) => each !== current).map(({ keys }) => keys.form)]
    },

    announceKey: (tx) => announceKey(tx, rotation),

    rewrapSome: async (tx, after) => {
      await keepSigningKey(tx, rotation)
      return rewrapSome(tx, after, rotation)
    },

    dropRetired: (tx) => dropRetired(tx, rotation),
  }
}
