import { z } from 'zod'

/* When a Jobcenter is open, as `tenant.yaml` writes it. What a day comes to is decided where capacity is planned. */

const Time = z.string().regex(/^([01]\d|2[0-4]):[0-5]\d$/, 'a time of day such as 08:30')
const Weekday = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])

/** Desks that serve at the same time. `public` ones can be booked by everybody, `internal` ones by staff only. */
const Desks = z.strictObject({ public: z.number().int().min(1).max(200), internal: z.number().int().min(0).max(200) })

/** A day that comes up every year, or once: `--06-24`, `easter-48` (Rosenmontag), `2026-12-24`. */
const YearlyDay = z
  .string()
  .regex(
    /^(--(0[1-9]|1[0-2])-\d\d|easter[+-]\d{1,3}|\d{4}-\d\d-\d\d)$/,
    'a day such as --06-24 (every year), easter-48 or 2026-12-24',
  )

/** The rules of opening, with the schema of a text for people. Days are of the tenant's calendar, both ends included. */
export const openingSchemas = <T extends z.ZodType>(text: T) => {
  const OpeningRule = z.strictObject({
    days: z.array(Weekday).min(1),
    from: Time,
    to: Time,
    /** Only in every so many weeks, counted from the week in which `startingFrom` lies. */
    everyWeeks: z.number().int().min(2).max(52).optional(),
    startingFrom: z.iso.date().optional(),
    validFrom: z.iso.date().optional(),
    validUntil: z.iso.date().optional(),
    /** Other than the site's. */
    desks: Desks.optional(),
  })
  const Closure = z.strictObject({ from: z.iso.date(), to: z.iso.date(), reason: text })
  const Exception = z.strictObject({
    /** One day; or `from` and `to`. */
    on: z.iso.date().optional(),
    from: z.iso.date().optional(),
    to: z.iso.date().optional(),
    /** Instead of the usual hours and also on a public holiday; none: closed. */
    hours: z.array(z.strictObject({ from: Time, to: Time, desks: Desks.optional() })).default([]),
    reason: text.optional(),
  })
  return {
    Closure,
    ofSite: {
      openingHours: z.array(OpeningRule).min(1),
      exceptions: z.array(Exception).default([]),
      closures: z.array(Closure).default([]),
      desks: Desks,
    },
    /** Public holidays of the whole Land close every site; these are closed besides, or kept open. */
    Holidays: z
      .strictObject({
        local: z.array(z.strictObject({ date: YearlyDay, name: text })).default([]),
        open: z.array(YearlyDay).default([]),
      })
      .default({ local: [], open: [] }),
  }
}
