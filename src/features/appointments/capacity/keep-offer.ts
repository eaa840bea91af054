import { holdAfterlife } from '../appointment.ts'
import type { Scene } from '../scene.ts'
import { cellsOfDay } from './opening.ts'
import * as sql from './sql.ts'

const plannedUntil = new WeakMap<object, string>()

/** Clears away expired holds and what is over, and brings the cells of the coming days in line with the opening hours.
 *  The days are planned once per start and day; `running` is the key, so that changed files are planned anew. */
export const keepOffer = async ({ deps, running, now }: Scene): Promise<void> => {
  const { tenant } = running
  await deps.db.inTenant(tenant.id, (tx) => sql.sweep(tx, now.subtract(holdAfterlife), now))
  const today = now.toZonedDateTimeISO(tenant.timeZone).toPlainDate()
  if (plannedUntil.get(running) === today.toString()) return
  for (let offset = 0; offset <= tenant.booking.windowDays + 1; offset++) {
    const day = today.add({ days: offset })
    const from = day.toZonedDateTime(tenant.timeZone).toInstant()
    const until = day.add({ days: 1 }).toZonedDateTime(tenant.timeZone).toInstant()
    const { stepMinutes } = tenant.booking
    for (const site of tenant.sites) {
      const plan = cellsOfDay(day, site, tenant).filter((cell) => Temporal.Instant.compare(cell.startsAt, now) > 0)
      await deps.db.inTenant(tenant.id, (tx) => sql.replaceCellsOfDay(tx, site.id, { from, until, stepMinutes }, plan))
    }
  }
  plannedUntil.set(running, today.toString())
}
