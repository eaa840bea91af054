import { compactKeys } from '#vault/keyring/sql.ts'
import { listErased } from '#vault/overview/overdue.ts'
import type { AppDeps, Compaction } from './deps.ts'

/** By then it is night in Germany, in winter and in summer. */
const hourOfDay = 2

/** How long after a try in vain the next one comes: whoever needs a key waits behind each. */
const pause = Temporal.Duration.from('PT10M')

/** How long the keys may be in use before somebody is called: longer than a night's backup takes. */
const patience = Temporal.Duration.from('PT6H')

export const neverCompacted = (): Compaction => ({ doneOn: null, vainSince: null, triedAt: null })

const hasPassed = (after: Temporal.Duration, since: Temporal.Instant, now: Temporal.Instant): boolean =>
  Temporal.Instant.compare(since.add(after), now) <= 0

/** Once a day, and after each start, where something has been erased in the two days before: writes the file of the keys
 *  anew, so that the bytes of erased ones do not lie about in it. Each worker does it, for none knows of the others. Where the keys are in use, or could still be seen by a transaction from before,
 *  a later round tries again; @throws when that has been so for hours. */
export const keepCompact = async ({
  db,
  clock,
  compaction,
}: Pick<AppDeps, 'db' | 'clock' | 'compaction'>): Promise<void> => {
  const now = clock()
  const inUtc = now.toZonedDateTimeISO('UTC')
  const day = inUtc.toPlainDate().toString()
  if (compaction.vainSince === null) {
    if (inUtc.hour < hourOfDay || compaction.doneOn === day) return
    if ((await listErased(db, now.subtract({ hours: 48 }))).length === 0) return
  }
  if (compaction.triedAt === null || hasPassed(pause, compaction.triedAt, now)) {
    const isDone = await db.alone('compaction', () => db.inInstallation(compactKeys))
    // Another worker is at it, and two at once would wait for each other. That is no try in vain: a later round comes.
    if (isDone === null) return
    if (isDone) return void Object.assign(compaction, { doneOn: day, vainSince: null, triedAt: null })
    compaction.triedAt = now
    compaction.vainSince ??= now
  }
  if (compaction.vainSince !== null && hasPassed(patience, compaction.vainSince, now))
    throw new Error(
      'the file of the keys cannot be written anew: some transaction on the database has been open for hours',
    )
}
