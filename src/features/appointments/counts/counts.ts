import type { Deps } from '#features/feature.ts'
import type { Duty } from '#features/work.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { deleteEnded, firstEnd } from '#platform/db/ends.ts'
import { getActivity, type RunningTenant, remainsFor } from '#register/register.ts'
import { TamperedError } from '#vault/index.ts'
import type { Appointment } from '../appointment.ts'
import { activityId, type Scene } from '../scene.ts'
import * as sql from './sql.ts'

/*
 * What becomes of an appointment when it is over. With the end of its day, or when its person cancels, it becomes a number
 * and its row goes; one that is withdrawn or erased goes and becomes none. What its person may still see of it stands in
 * their record alone.
 */

/** Appointments counted in one transaction. */
const portion = 1000

const countingOf = (running: RunningTenant): sql.Counting => ({
  timeZone: running.tenant.timeZone,
  period: remainsFor(getActivity(running, activityId), 'count'),
})

/** Makes a number of an appointment that was cancelled. */
export const countCancelled = (tx: TenantTx, { running }: Pick<Scene, 'running'>, id: string): Promise<void> =>
  sql.foldVisits(tx, [id], 'cancelled', countingOf(running))

/** Puts what a receipt says of a move into the person's record, as the row will not be there to ask. */
const keepMove = async (tx: TenantTx, deps: Deps, { recordId, moved, moves }: sql.Over): Promise<void> => {
  if (recordId === null || moved === null) return
  const change = { movedAt: moved.at.toString(), movedFrom: moved.from.toString(), moves: String(moves) }
  try {
    await deps.vault.correct(tx, recordId, change)
  } catch (error) {
    if (!(error instanceof TamperedError)) throw error
    deps.log.fault('visit counts', error) // nobody can open it any more; the others are counted all the same
  }
}

/** Counts one portion of the visits of days that are over. Returns how many there were. */
const countPortion = async (tx: TenantTx, { deps, running }: Scene, before: Temporal.Instant): Promise<number> => {
  const over = await sql.lockOver(tx, before, portion)
  if (over.length === 0) return 0
  for (const visit of over) await keepMove(tx, deps, visit)
  await sql.foldVisits(
    tx,
    over.map(({ id }) => id),
    'past',
    countingOf(running),
  )
  return over.length
}

/** Makes numbers of the visits of all days that are over: portion by portion, each in a transaction that deletes what it
 *  counts, so that several workers count each visit once. */
export const countPastDays = async (scene: Scene): Promise<void> => {
  const { deps, running, now } = scene
  const today = now.toZonedDateTimeISO(running.tenant.timeZone).startOfDay().toInstant()
  const inTenant = <T>(work: (tx: TenantTx) => Promise<T>) => deps.db.inTenant(running.tenant.id, work)
  await inTenant(sql.deleteGivenUp)
  while ((await inTenant((tx) => countPortion(tx, scene, today))) === portion);
}

/** The longest day there is: the one of a clock change. In any time zone, a visit's day is over so long after it. */
const longestDay = { hours: 25 }

/** Of a tenant that does not run nobody knows where its days end, nor how long numbers may stay: what is over goes
 *  uncounted. Those of a running one are a sweep's. */
export const pastDays: Duty = {
  name: 'appointments of past days',
  keep: async (tx, now, running) => {
    if (!running) await sql.deleteEndedBefore(tx, now.subtract(longestDay))
  },
  firstDue: async (tx) => (await sql.firstToCount(tx))?.add(longestDay) ?? null,
}

/** Erases numbers past their time. */
export const visitCounts: Duty = {
  name: 'visit counts',
  keep: async (tx, now, running) => {
    if (running) await sql.shorten(tx, countingOf(running))
    await deleteEnded(tx, 'visit_count', now)
  },
  firstDue: (tx) => firstEnd(tx, 'visit_count'),
}

/** A visit whose day is over, as far as its person's record knows of it: all that is left of it besides a number. */
export const visitOfRecord = (record: {
  id: string
  fields: Readonly<Record<string, string>>
  events: Readonly<Record<string, string>>
}): Appointment | null => {
  const { place, service, appointmentAt, movedAt, movedFrom, moves } = record.fields
  const ended = record.events['appointment.ended']
  if (!place || !service || !appointmentAt || !ended) return null
  return {
    id: record.id,
    siteId: place,
    deskId: 0, // nobody's any more
    serviceIds: service.split(','),
    status: 'past',
    startsAt: Temporal.Instant.from(appointmentAt),
    endsAt: Temporal.Instant.from(ended),
    cells: 0,
    sequence: Number(moves ?? '0'),
    extended: 0,
    recordId: record.id,
    moved: movedAt && movedFrom ? { at: Temporal.Instant.from(movedAt), from: Temporal.Instant.from(movedFrom) } : null,
    displacedAt: null,
  }
}
