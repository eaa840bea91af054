import { type RawBuilder, sql } from 'kysely'

/** A `timestamptz` as the driver reads it, to the millisecond. */
export const instant = (date: Date): Temporal.Instant => Temporal.Instant.fromEpochMilliseconds(date.getTime())

/** An instant within a statement. */
export const at = (value: Temporal.Instant): RawBuilder<Date> => sql<Date>`${value.toString()}::timestamptz`
