import type { Deps } from '#features/feature.ts'
import { compactKeys } from '#vault/keyring/sql.ts'
import { listErased } from '#vault/overview/overdue.ts'

/** By then it is night in Germany, in winter and in summer. */
const hourOfDay = 2

const compactedOn = new WeakMap<Deps['db'], string>()

/** Once a day, where something has been erased since the day before: writes the file of the keys anew, so that the bytes
 *  of erased ones do not lie about in it. Where the keys are in use, the next round tries again. */
export const keepCompact = async ({ db, clock }: Pick<Deps, 'db' | 'clock'>): Promise<void> => {
  const now = clock().toZonedDateTimeISO('UTC')
  const day = now.toPlainDate().toString()
  if (now.hour < hourOfDay || compactedOn.get(db) === day) return
  if ((await listErased(db, now.subtract({ days: 2 }).toInstant())).length === 0) return
  if (await db.inInstallation(compactKeys)) compactedOn.set(db, day)
}
