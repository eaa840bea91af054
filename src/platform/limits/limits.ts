import { createHmac } from 'node:crypto'
import type { Clock } from '#platform/clock.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { deleteEnded, firstEnd } from '#platform/db/ends.ts'
import { type Random, uuid } from '#platform/random.ts'
import {
  deletePlaces,
  dropLabel,
  findEnd,
  findSalt,
  insertSalt,
  listPlacesOf,
  listSalts,
  renewPlace,
  type Salt,
  takePlace,
} from './sql.ts'

/** Whom or what a limit counts, e.g. a caller or a mailbox: says its name under a salt, and nothing else of itself. */
export type Counted = (salt: Uint8Array) => Uint8Array

/** A name for what a text says, under a salt. `kind` keeps a caller's apart from a mailbox's. */
export const countedBy =
  (kind: string, text: string): Counted =>
  (salt) =>
    createHmac('sha256', salt).update(`${kind} ${text}`).digest().subarray(0, 16)

/** How much may be taken under a label, and how much of it this place takes (1 unless said otherwise). */
export type Share = { most: number; weight?: number }

export type LimitPlace = {
  /** Of what takes the place, e.g. a hold: a second place of the same id replaces the first. Not stored as it stands. */
  id: string
  /** The place counts under each label, and is taken only if there is room under all of them. */
  labels: Readonly<Record<string, Share>>
  /** When it is free again by itself; at the end of the tenant's day at the latest. */
  until: Temporal.Instant | 'endOfDay'
  /** Whether it lasts and counts when the tenant's day is over, too: for 90 minutes at most. Does not combine with
   *  `instead`, which finds places of today only. */
  overMidnight?: boolean
  /** A place that does not count, as it is about to be given up for this one. */
  instead?: string | null
}

/** `label`: the first under which as much is taken as may be. */
export type Taken = { kind: 'taken' } | { kind: 'full'; label: string }

/**
 * Counts what one caller has, over all servers, in the database. Everything happens in the caller's transaction: what is
 * rolled back took nothing. Names, ids and labels of places are stored as values under a random salt of the tenant's day.
 * When the day is over its places count no longer, but for those taken `overMidnight`; 90 minutes later the salt goes. So
 * limits begin anew at midnight, and around it a caller can have twice as much for as long as a place lasts.
 */
export type Limits = {
  take(tx: TenantTx, who: Counted, place: LimitPlace): Promise<Taken>
  /** Lets a place last until a later moment; false when there is none any more. Whose it is stays. */
  renew(tx: TenantTx, place: Pick<LimitPlace, 'id' | 'overMidnight'> & { until: Temporal.Instant }): Promise<boolean>
  /** When a place is over by itself; null when there is none any more. */
  endOf(tx: TenantTx, id: string): Promise<Temporal.Instant | null>
  /** Gives a place back, or only what it takes under one label; nothing happens when there is none. */
  giveBack(tx: TenantTx, id: string, label?: string): Promise<void>
  /** Seconds until the tenant's day is over. */
  secondsOfDay(tenantId: string): number
  /** Drops salts of days that are over from this process's memory. */
  forgetPast(): void
}

/** How long a day's salt stays when the day is over: as long as any place that is taken `overMidnight` can last. */
const saltOutlivesDay = { minutes: 90 }

/** What stands for a text in the database, under a salt. */
const under = ({ salt }: Salt, text: string): Buffer => createHmac('sha256', salt).update(text).digest()
const idUnder = (salt: Salt, id: string): string => uuid((n) => under(salt, `id ${id}`).subarray(0, n))
const labelUnder = (salt: Salt, label: string): string =>
  under(salt, `label ${label}`).toString('base64url').slice(0, 22)

const earlier = (a: Temporal.Instant, b: Temporal.Instant) => (Temporal.Instant.compare(a, b) < 0 ? a : b)

/** The tenants' days. */
const daysOf = ({ clock, timeZoneOf }: { clock: Clock; timeZoneOf: (tenantId: string) => string }) => {
  const today = (tenantId: string) => clock().toZonedDateTimeISO(timeZoneOf(tenantId)).toPlainDate()
  const begin = (tenantId: string, day: Temporal.PlainDate) => day.toZonedDateTime(timeZoneOf(tenantId)).toInstant()
  return {
    today,
    /** The day before, as long as its salt is there. */
    before: (tenantId: string): Temporal.PlainDate | null => {
      const day = today(tenantId)
      const gone = begin(tenantId, day).add(saltOutlivesDay)
      return Temporal.Instant.compare(clock(), gone) < 0 ? day.subtract({ days: 1 }) : null
    },
    end: (tenantId: string, day = today(tenantId)) => begin(tenantId, day.add({ days: 1 })),
  }
}

/** `timeZoneOf`: of a tenant, by id. */
export const databaseLimits = (parts: {
  clock: Clock
  random: Random
  timeZoneOf: (tenantId: string) => string
}): Limits => {
  const { clock, random } = parts
  const days = daysOf(parts)
  const known = new Map<string, Salt>()

  const learnSalt = async (tx: TenantTx): Promise<Salt> => {
    const today = days.today(tx.tenantId)
    const day = today.toString()
    await insertSalt(tx, { id: uuid(random), day, salt: random(32) }, days.end(tx.tenantId, today).add(saltOutlivesDay))
    const salt = await findSalt(tx, day)
    if (!salt) throw new Error('the salt of the day is gone again')
    known.set(tx.tenantId, salt)
    return salt
  }
  const saltOf = async (tx: TenantTx): Promise<Salt> => {
    const salt = known.get(tx.tenantId)
    return salt?.day === days.today(tx.tenantId).toString() ? salt : learnSalt(tx)
  }
  const saltBefore = async (tx: TenantTx): Promise<Salt | null> => {
    const day = days.before(tx.tenantId)
    return day ? findSalt(tx, day.toString()) : null
  }
  /** What a place may be stored as, whichever side of midnight it was taken on. Only the database knows: a salt in memory
   *  may come from a transaction that was rolled back, or have gone with a crash. */
  const idsOf = async (tx: TenantTx, id: string): Promise<string[]> =>
    (await listSalts(tx)).map((salt) => idUnder(salt, id))

  /** How much counts from the day before, for a place that lasts over midnight. */
  const leftBefore = async (tx: TenantTx, who: Counted, place: LimitPlace): Promise<(label: string) => number> => {
    const salt = place.overMidnight ? await saltBefore(tx) : null
    if (!salt) return () => 0
    const places = await listPlacesOf(tx, who(salt.salt), clock())
    return (label) => places.reduce((sum, labels) => sum + (labels[labelUnder(salt, label)] ?? 0), 0)
  }

  const lastOf = (tx: TenantTx, until: Temporal.Instant | 'endOfDay', overMidnight = false): Temporal.Instant => {
    const end = overMidnight ? days.end(tx.tenantId).add(saltOutlivesDay) : days.end(tx.tenantId)
    return until === 'endOfDay' ? end : earlier(until, end)
  }

  /** Null: the salt is another one by now. */
  const takeUnder = async (tx: TenantTx, salt: Salt, who: Counted, place: LimitPlace): Promise<Taken | null> => {
    const { id, labels, until, instead, overMidnight } = place
    const before = await leftBefore(tx, who, place)
    const stored = (part: (share: Share, label: string) => number) =>
      Object.fromEntries(Object.entries(labels).map(([label, share]) => [labelUnder(salt, label), part(share, label)]))
    const outcome = await takePlace(tx, {
      id: idUnder(salt, id),
      saltId: salt.id,
      name: who(salt.salt),
      weights: stored(({ weight = 1 }) => weight),
      most: stored(({ most }, label) => most - before(label)),
      now: clock(),
      until: lastOf(tx, until, overMidnight),
      instead: instead ? idUnder(salt, instead) : null,
    })
    if (outcome === 'taken') return { kind: 'taken' }
    if (outcome === 'salt') return null
    const full = Object.keys(labels).find((label) => outcome.split(' ').includes(labelUnder(salt, label)))
    if (full === undefined) throw new Error(`a place cannot be taken: ${outcome}`)
    return { kind: 'full', label: full }
  }

  return {
    take: async (tx, who, place) => {
      const taken = await takeUnder(tx, await saltOf(tx), who, place)
      if (taken) return taken
      // The one that this process knows came from a transaction that was rolled back, or went with a crash of the database.
      const again = await takeUnder(tx, await learnSalt(tx), who, place)
      if (!again) throw new Error('the salt of the day is gone again')
      return again
    },
    renew: async (tx, { id, until, overMidnight }) =>
      renewPlace(tx, await idsOf(tx, id), clock(), lastOf(tx, until, overMidnight)),
    endOf: async (tx, id) => findEnd(tx, await idsOf(tx, id), clock()),
    giveBack: async (tx, id, label) => {
      if (label === undefined) return deletePlaces(tx, await idsOf(tx, id))
      for (const salt of await listSalts(tx)) await dropLabel(tx, idUnder(salt, id), labelUnder(salt, label))
    },
    secondsOfDay: (tenantId) => Math.ceil(clock().until(days.end(tenantId)).total('seconds')),
    forgetPast: () => {
      for (const [tenantId, { day }] of known) if (day !== days.today(tenantId).toString()) known.delete(tenantId)
    },
  }
}

/** Erases places that are over and salts whose time is over, with whatever was counted under them. */
export const deleteEndedLimits = async (tx: TenantTx, now: Temporal.Instant): Promise<void> => {
  await deleteEnded(tx, 'app.limit_place', now)
  await deleteEnded(tx, 'app.limit_salt', now)
}

/** When the first of it was due, or will be. */
export const firstEndOfLimits = async (tx: TenantTx): Promise<Temporal.Instant | null> => {
  const ends = [await firstEnd(tx, 'app.limit_place'), await firstEnd(tx, 'app.limit_salt')]
  return ends.filter((end) => end !== null).sort(Temporal.Instant.compare)[0] ?? null
}
