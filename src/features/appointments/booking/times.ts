import type { Context } from '#features/feature.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { findFirstStart, listFirstStarts, listOffers } from '../capacity/offers.ts'
import type { Concern } from '../concern.ts'
import { parseDay, parseMonth } from './form.ts'

/** Days shown on one page of times, unless one day is asked for. */
const pageOfDays = 7

/** Which days somebody wants to see, as the address says: from a day on, or that day alone. */
export type WantedDays = { ab?: string | undefined; tag?: string | undefined }

/** The free times of some days, and where the days before and after them begin; null where nothing can be booked. */
export type Offers = {
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
  todayOf(context).add({ days: context.running.tenant.booking.windowDays })

/** The page of days that begins with the wanted one, never before today nor after the window. */
export const offersFrom = async (
  tx: TenantTx,
  context: Context,
  concern: Concern,
  wanted: WantedDays,
  own: string | null = null,
): Promise<Offers> => {
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
  const starts = await listOffers(tx, context, concern, inside, days, own)
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

/** A month with the first free time of each day; null as the month before or after where nothing can be booked. */
export type MonthOffers = {
  month: Temporal.PlainYearMonth
  firstOfDays: readonly Temporal.Instant[]
  earlier: Temporal.PlainYearMonth | null
  later: Temporal.PlainYearMonth | null
}

/** The month asked for, never before this one nor after the window. */
export const offersOfMonth = async (
  tx: TenantTx,
  context: Context,
  concern: Concern,
  wanted: string | undefined,
  own: string | null = null,
): Promise<MonthOffers> => {
  const [from, until] = [todayOf(context), lastDayOf(context)].map((day) => day.toPlainYearMonth()) as [
    Temporal.PlainYearMonth,
    Temporal.PlainYearMonth,
  ]
  const asked = parseMonth(wanted) ?? from
  const compare = Temporal.PlainYearMonth.compare
  const month = compare(asked, from) < 0 ? from : compare(asked, until) > 0 ? until : asked
  const days = Array.from({ length: month.daysInMonth }, (_, i) => month.toPlainDate({ day: i + 1 }))
  return {
    month,
    firstOfDays: await listFirstStarts(tx, context, concern, days, own),
    earlier: compare(month, from) > 0 ? month.subtract({ months: 1 }) : null,
    later: compare(month, until) < 0 ? month.add({ months: 1 }) : null,
  }
}

/** The wanted days, as a form carries them along. */
export const dayFields = ({ ab, tag }: WantedDays = {}): Record<string, string> => ({
  ...(ab ? { ab } : {}),
  ...(tag ? { tag } : {}),
})
