import type { Context } from '#features/feature.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { type Days, findFirstStart, listFirstStarts, listFreeStarts } from '../capacity/starts.ts'
import type { Concern } from '../concern.ts'
import { bookableOf } from '../tenant.ts'
import { parseDay, parseMonth } from './form.ts'

/** Days shown on one page of times, unless one day is asked for. */
const pageOfDays = 7

/** Which days somebody wants to see, as the address says: from a day on, or that day alone. */
export type WantedDays = { ab?: string | undefined; tag?: string | undefined }

/** The free times of some days, and where the days before and after them begin; null where nothing can be booked. */
export type FreeStarts = {
  /** The next free time of all, on whatever day; not looked for where one day is asked for. */
  next: Temporal.Instant | null
  starts: readonly Temporal.Instant[]
  earlier: Temporal.PlainDate | null
  later: Temporal.PlainDate | null
}

const dayOf = ({ running }: Pick<Context, 'running'>, at: Temporal.Instant): Temporal.PlainDate =>
  at.toZonedDateTimeISO(running.tenant.timeZone).toPlainDate()

export const todayOf = (context: Pick<Context, 'running' | 'now'>): Temporal.PlainDate => dayOf(context, context.now)

const lastDayOf = (context: Context): Temporal.PlainDate =>
  todayOf(context).add({ days: bookableOf(context.running).booking.windowDays })

/** The page of days that begins with the wanted one, never before today nor after the window. */
export const freeStartsFrom = async (
  tx: TenantTx,
  context: Context,
  concern: Concern,
  wanted: WantedDays,
  own: string | null = null,
): Promise<FreeStarts> => {
  const today = todayOf(context)
  const last = lastDayOf(context)
  const alone = parseDay(wanted.tag)
  const next = alone ? null : await findFirstStart(tx, context, concern, own)
  const first = next && dayOf(context, next)
  const days = alone ? 1 : pageOfDays
  const asked = alone ?? parseDay(wanted.ab) ?? first ?? today
  const inside =
    Temporal.PlainDate.compare(asked, today) < 0 || Temporal.PlainDate.compare(asked, last) > 0
      ? (first ?? today)
      : asked
  const starts = await listFreeStarts(tx, context, concern, inside, days, own)
  const before = inside.subtract({ days: pageOfDays })
  const after = inside.add({ days })
  const nothingEarlier = Temporal.PlainDate.compare(inside, first ?? today) <= 0
  return {
    next,
    starts,
    earlier: nothingEarlier ? null : Temporal.PlainDate.compare(before, today) < 0 ? today : before,
    later: Temporal.PlainDate.compare(after, last) > 0 ? null : after,
  }
}

/** A month with the first free time of each day; null as the month before or after where no further one has a free time. */
export type FreeStartsOfMonth = {
  month: Temporal.PlainYearMonth
  firstOfDays: readonly Temporal.Instant[]
  earlier: Temporal.PlainYearMonth | null
  later: Temporal.PlainYearMonth | null
}

const compareMonths = Temporal.PlainYearMonth.compare

/** The months that have a day of the window. */
const monthsOfWindow = (context: Context): Temporal.PlainYearMonth[] => {
  const [first, last] = [todayOf(context).toPlainYearMonth(), lastDayOf(context).toPlainYearMonth()]
  const count = first.until(last, { largestUnit: 'months' }).months + 1
  return Array.from({ length: count }, (_, months) => first.add({ months }))
}

const daysOf = (month: Temporal.PlainYearMonth): Days[] =>
  Array.from({ length: month.daysInMonth }, (_, i) => month.toPlainDate({ day: i + 1 })).map((day) => ({
    first: day,
    end: day.add({ days: 1 }),
  }))

/** The month asked for; where it has no free time, the next one that has, or else the last. Whoever asks for none gets the
 *  first that has one. */
export const freeStartsOfMonth = async (
  tx: TenantTx,
  context: Context,
  concern: Concern,
  wanted: string | undefined,
  own: string | null = null,
): Promise<FreeStartsOfMonth> => {
  const months = monthsOfWindow(context)
  const whole = months.map((month) => ({
    first: month.toPlainDate({ day: 1 }),
    end: month.add({ months: 1 }).toPlainDate({ day: 1 }),
  }))
  const firstOfMonths = await listFirstStarts(tx, context, concern, whole, own)
  const free = firstOfMonths.map((at) => dayOf(context, at).toPlainYearMonth())
  const asked = parseMonth(wanted)
  const found = asked ? (free.find((month) => compareMonths(month, asked) >= 0) ?? free.at(-1)) : free[0]
  const month = found ?? todayOf(context).toPlainYearMonth()
  return {
    month,
    firstOfDays: found ? await listFirstStarts(tx, context, concern, daysOf(month), own) : [],
    earlier: free.findLast((each) => compareMonths(each, month) < 0) ?? null,
    later: free.find((each) => compareMonths(each, month) > 0) ?? null,
  }
}

/** The wanted days, as a form carries them along. */
export const dayFields = ({ ab, tag }: WantedDays = {}): Record<string, string> => ({
  ...(ab ? { ab } : {}),
  ...(tag ? { tag } : {}),
})
