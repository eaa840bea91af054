import type { Activity } from '#register/register.ts'

/** When a record is erased, and by which rule of its activity. */
export type Due = { at: Temporal.Instant; rule: string }

/** What happened to a record: the instant of each trigger, as ISO 8601 text. */
export type Events = Readonly<Record<string, string>>

/** The end of a declared period. Calendar units count in the tenant's time zone: two weeks are two weeks, also
 *  across a clock change. */
export const endOf = (at: Temporal.Instant, period: string, timeZone: string): Temporal.Instant =>
  at.toZonedDateTimeISO(timeZone).add(Temporal.Duration.from(period)).toInstant()

/** The earliest end of all rules whose trigger has happened; null while none has. */
export const dueAt = (activity: Activity, events: Events, timeZone: string): Due | null => {
  let earliest: Due | null = null
  for (const rule of activity.retention) {
    const at = events[rule.trigger]
    if (at === undefined) continue
    const end = endOf(Temporal.Instant.from(at), rule.period, timeZone)
    if (earliest === null || Temporal.Instant.compare(end, earliest.at) < 0) earliest = { at: end, rule: rule.id }
  }
  return earliest
}
