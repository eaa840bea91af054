import { type Random, uuid } from '#platform/random.ts'
import { ticked } from '#register/form.ts'
import type { RunningTenant } from '#register/register.ts'
import { bookableOf, type Tenant } from '../tenant.ts'

/** When somebody wants to be reminded, and the id of the envelope the reminder will travel in. */
export type Reminder = { at: Temporal.Instant; id: string }

export const wantsReminder = (fields: Readonly<Record<string, string>>): boolean =>
  fields.reminder === ticked && Boolean(fields.email)

/** When an appointment's reminder goes out; null where nobody asked for one, nobody could get it, or that moment has
 *  passed: who books on short notice needs none. */
export const remindAt = (
  fields: Readonly<Record<string, string>>,
  startsAt: Temporal.Instant,
  { booking }: Tenant,
  now: Temporal.Instant,
): Temporal.Instant | null => {
  if (!wantsReminder(fields)) return null
  const at = startsAt.subtract({ hours: booking.remindHoursBefore })
  return Temporal.Instant.compare(at, now) > 0 ? at : null
}

export const planReminder = (
  scene: { running: Pick<RunningTenant, 'tenant'>; now: Temporal.Instant; deps: { random: Random } },
  fields: Readonly<Record<string, string>>,
  startsAt: Temporal.Instant,
): Reminder | null => {
  const at = remindAt(fields, startsAt, bookableOf(scene.running), scene.now)
  return at && { at, id: uuid(scene.deps.random) }
}
