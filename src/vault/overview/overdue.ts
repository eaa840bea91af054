import type { Db } from '#platform/db/db.ts'
import * as sql from './sql.ts'

/** How late an erasure may be before somebody is called: a restart of the worker or a night's backup fits in, a broken
 *  promise does not stay unseen. */
export const grace = Temporal.Duration.from('PT2H')

/** Whether what was due at `at` is so late by now that somebody has to look. */
export const isOverdue = (at: Temporal.Instant, now: Temporal.Instant): boolean =>
  Temporal.Instant.compare(at.add(grace), now) <= 0

/** What lies in the vault, of each tenant there has ever been and by activity: numbers and dates, no person. */
export type Stored = {
  tenantId: string
  activity: string
  stored: number
  /** Due and not erased yet; held records count apart. */
  due: number
  overdue: number
  held: number
  /** Of the held ones those whose date has come. */
  restricted: number
  oldestDue: Temporal.Instant | null
  nextDue: Temporal.Instant | null
}

export const listStored = (db: Db, now: Temporal.Instant): Promise<Stored[]> =>
  db.inInstallation((tx) => sql.overview(tx, now, now.subtract(grace)))

/** Tenants of which a record is overdue, each with the date that passed first. One statement, a look into the index for
 *  each tenant: cheap enough to be asked all day. */
export const listOverdue = (db: Db, now: Temporal.Instant): Promise<{ tenantId: string; since: Temporal.Instant }[]> =>
  db.inInstallation((tx) => sql.overdue(tx, now.subtract(grace)))

/** What has been erased since then, out of the ledger: by whatever process. */
export const listErased = (db: Db, since: Temporal.Instant) => db.inInstallation((tx) => sql.erasedSince(tx, since))
