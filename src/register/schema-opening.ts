import { z } from 'zod'
import { Text } from './schema-words.ts'

/* When a Jobcenter is open, as `tenant.yaml` writes it. Days are of the tenant's calendar, both ends included. */

const Time = z.string().regex(/^([01]\d|2[0-4]):[0-5]\d$/, 'a time of day such as 08:30')
const Weekday = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])

/** A day that comes up every year, or once: `--06-24`, `easter-48` (Rosenmontag), `2026-12-24`. */
const YearlyDay = z
  .string()
  .regex(
    /^(--(0[1-9]|1[0-2])-\d\d|easter[+-]\d{1,3}|\d{4}-\d\d-\d\d)$/,
    'a day such as --06-24 (every year), easter-48 or 2026-12-24',
  )

export const Closure = z.strictObject({ from: z.iso.date(), to: z.iso.date(), reason: Text })

/** The keys of a site that say when it is open. `added`: what features add to hours, of a rule and of an exception. */
export const openingSchema = (added: Readonly<Record<never, never>>) => {
  const OpeningRule = z.strictObject({
    days: z.array(Weekday).min(1),
    from: Time,
    to: Time,
    /** Only in every so many weeks, counted from the week in which `startingFrom` lies. */
    everyWeeks: z.number().int().min(2).max(52).optional(),
    startingFrom: z.iso.date().optional(),
    validFrom: z.iso.date().optional(),
    validUntil: z.iso.date().optional(),
    ...added,
  })
  const Exception = z.strictObject({
    /** One day; or `from` and `to`. */
    on: z.iso.date().optional(),
    from: z.iso.date().optional(),
    to: z.iso.date().optional(),
    /** Instead of the usual hours and also on a public holiday; none: closed. */
    hours: z.array(z.strictObject({ from: Time, to: Time, ...added })).default([]),
    reason: Text.optional(),
  })
  return {
    openingHours: z.array(OpeningRule).min(1),
    exceptions: z.array(Exception).default([]),
    closures: z.array(Closure).default([]),
  }
}

/** Public holidays of the whole Land close every site; these are closed besides, or kept open. */
export const Holidays = z
  .strictObject({
    local: z.array(z.strictObject({ date: YearlyDay, name: Text })).default([]),
    open: z.array(YearlyDay).default([]),
  })
  .default({ local: [], open: [] })
