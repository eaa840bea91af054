import type { Retention } from '#register/register.ts'

/** What decides over a record's end: this long after that. */
export type Rule = Pick<Retention, 'id' | 'trigger' | 'period'>

/** When a record is erased, and by which rule of its activity. */
export type Due = { at: Temporal.Instant; rule: string }

/** What happened to a record: the instant of each trigger, as ISO 8601 text. */
export type Events = Readonly<Record<string, string>>

/** The end of a declared period. Calendar units count in the tenant's time zone: two weeks are two weeks, also
 *  across a clock change. */
export const endOf = (at: Temporal.Instant, period: string, timeZone: string): Temporal.Instant =>
  at.toZonedDateTimeISO(timeZone).add(Temporal.Duration.from(period)).toInstant()

/** The rules without their words: what a record keeps of the register it was made under. */
export const promiseOf = (retention: readonly Rule[]): Rule[] =>
  retention.map(({ id, trigger, period }) => ({ id, trigger, period }))

/** The earliest end of all rules whose trigger has happened; null while none has. */
export const dueAt = (rules: readonly Rule[], events: Events, timeZone: string): Due | null => {
  let earliest: Due | null = null
  for (const rule of rules) {
    const at = events[rule.trigger]
    if (at === undefined) continue
    const end = endOf(Temporal.Instant.from(at), rule.period, timeZone)
    if (earliest === null || Temporal.Instant.compare(end, earliest.at) < 0) earliest = { at: end, rule: rule.id }
  }
  return earliest
}
