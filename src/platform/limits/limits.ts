import { createHmac } from 'node:crypto'
import type { Clock } from '#platform/clock.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { deleteEnded, firstEnd } from '#platform/db/ends.ts'
import { type Random, uuid } from '#platform/random.ts'
import { deletePlace, findPlaceOf, findSalt, insertSalt, renewPlace, type Salt, takePlace } from './sql.ts'

/** Whom or what a limit counts, e.g. a caller or a mailbox: says its name under a salt, and nothing else of itself. */
export type Counted = (salt: Uint8Array) => Uint8Array

/** A name for what a text says, under a salt. `kind` keeps a caller's apart from a mailbox's. */
export const countedBy =
  (kind: string, text: string): Counted =>
  (salt) =>
    createHmac('sha256', salt).update(`${kind} ${text}`).digest().subarray(0, 16)

/** How much may be taken under a label, and how much of it this place takes (1 unless said otherwise). */
export type Share = { most: number; weight?: number }

export type Place = {
  /** Of what takes the place, e.g. a hold: a second place of the same id replaces the first. */
  id: string
  /** The place counts under each label, and is taken only if there is room under all of them. */
  labels: Readonly<Record<string, Share>>
  /** When it is free again by itself; at the end of the tenant's day at the latest. */
  until: Temporal.Instant | 'endOfDay'
  /** A place that does not count, as it is about to be given up for this one. */
  instead?: string | null
}

/** `label`: the first under which as much is taken as may be. */
export type Taken = { kind: 'taken' } | { kind: 'full'; label: string }

/**
 * Counts what one caller has, over all servers, in the database. Everything happens in the caller's transaction: what is
 * rolled back took nothing. Places are kept under names made with a random salt, which goes when the tenant's day is
 * over. So every limit begins anew then, and around midnight a caller can have twice as much for as long as a place lasts.
 */
export type Limits = {
  take(tx: TenantTx, who: Counted, place: Place): Promise<Taken>
  /** Lets a place last until a later moment; false when there is none any more. Whose it is stays. */
  renew(tx: TenantTx, id: string, until: Temporal.Instant): Promise<boolean>
  /** Gives a place back; nothing happens when there is none. */
  giveBack(tx: TenantTx, id: string): Promise<void>
  /** The id of the place of this name under a label, the one that ends last; null when there is none. */
  find(tx: TenantTx, who: Counted, label: string): Promise<string | null>
  /** Seconds until the tenant's day is over. */
  secondsOfDay(tenantId: string): number
  /** Drops salts of days that are over from this process's memory. */
  forgetPast(): void
}

/** `timeZoneOf`: of a tenant, by id. */
type Parts = { clock: Clock; random: Random; timeZoneOf: (tenantId: string) => string }

/** The salts of the day, each known to this process once it has been asked for. */
const daysSalts = ({ clock, random, timeZoneOf }: Parts) => {
  const known = new Map<string, Salt>()

  const today = (tenantId: string) => clock().toZonedDateTimeISO(timeZoneOf(tenantId)).toPlainDate()
  const endOfDay = (tenantId: string): Temporal.Instant =>
    today(tenantId).add({ days: 1 }).toZonedDateTime(timeZoneOf(tenantId)).toInstant()

  const learnSalt = async (tx: TenantTx): Promise<Salt> => {
    const day = today(tx.tenantId).toString()
    await insertSalt(tx, { id: uuid(random), day, salt: random(32) }, endOfDay(tx.tenantId))
    const salt = await findSalt(tx, day)
    if (!salt) throw new Error('the salt of the day is gone again')
    known.set(tx.tenantId, salt)
    return salt
  }
  const saltOf = async (tx: TenantTx): Promise<Salt> => {
    const salt = known.get(tx.tenantId)
    return salt?.day === today(tx.tenantId).toString() ? salt : learnSalt(tx)
  }
  const forgetPast = () => {
    for (const [tenantId, { day }] of known) if (day !== today(tenantId).toString()) known.delete(tenantId)
  }
  return { endOfDay, learnSalt, saltOf, forgetPast }
}

export const databaseLimits = (parts: Parts): Limits => {
  const { clock } = parts
  const { endOfDay, learnSalt, saltOf, forgetPast } = daysSalts(parts)

  const takeUnder = (tx: TenantTx, salt: Salt, who: Counted, { id, labels, until, instead = null }: Place) => {
    const end = endOfDay(tx.tenantId)
    const pick = (part: (share: Share) => number) =>
      Object.fromEntries(Object.entries(labels).map(([label, share]) => [label, part(share)]))
    return takePlace(tx, {
      id,
      saltId: salt.id,
      name: who(salt.salt),
      weights: pick(({ weight = 1 }) => weight),
      most: pick(({ most }) => most),
      now: clock(),
      until: until === 'endOfDay' || Temporal.Instant.compare(until, end) > 0 ? end : until,
      instead,
    })
  }

  return {
    take: async (tx, who, place) => {
      let outcome = await takeUnder(tx, await saltOf(tx), who, place)
      // The one that this process knows came from a transaction that was rolled back, or went with a crash of the database.
      if (outcome === 'salt') outcome = await takeUnder(tx, await learnSalt(tx), who, place)
      if (outcome === 'taken') return { kind: 'taken' }
      if (outcome.startsWith('full ')) return { kind: 'full', label: outcome.slice('full '.length) }
      throw new Error(`a place cannot be taken: ${outcome}`)
    },
    renew: (tx, id, until) => renewPlace(tx, id, clock(), until),
    giveBack: deletePlace,
    find: async (tx, who, label) => findPlaceOf(tx, who((await saltOf(tx)).salt), label, clock()),
    secondsOfDay: (tenantId) => Math.ceil(clock().until(endOfDay(tenantId)).total('seconds')),
    forgetPast,
  }
}

/** Erases places that are over and salts of days that are over, with whatever was counted under them. */
export const deleteEndedLimits = async (tx: TenantTx, now: Temporal.Instant): Promise<void> => {
  await deleteEnded(tx, 'app.limit_place', now)
  await deleteEnded(tx, 'app.limit_salt', now)
}

/** When the first of it was due, or will be. */
export const firstEndOfLimits = async (tx: TenantTx): Promise<Temporal.Instant | null> => {
  const ends = [await firstEnd(tx, 'app.limit_place'), await firstEnd(tx, 'app.limit_salt')]
  return ends.filter((end) => end !== null).sort(Temporal.Instant.compare)[0] ?? null
}
