import type { Context } from '#features/feature.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { findFirstDay, listOffers } from '../capacity/offers.ts'
import type { Concern } from '../concern.ts'
import { parseDay } from './form.ts'

/** Days shown on one page of times. */
const pageOfDays = 7

/** The free times of some days, and where the days before and after them begin; null where nothing can be booked. */
export type Offers = {
  starts: readonly Temporal.Instant[]
  earlier: Temporal.PlainDate | null
  later: Temporal.PlainDate | null
}

export const todayOf = (context: Context): Temporal.PlainDate =>
  context.now.toZonedDateTimeISO(context.running.tenant.timeZone).toPlainDate()

/** The page of days that contains `wanted`, never before today nor after the window. */
export const offersFrom = async (
  tx: TenantTx,
  context: Context,
  concern: Concern,
  wanted: string | undefined,
  own: string | null = null,
): Promise<Offers> => {
  const today = todayOf(context)
  const last = today.add({ days: context.running.tenant.booking.windowDays })
  const first = await findFirstDay(tx, context, concern)
  const asked = parseDay(wanted) ?? first ?? today
  const inside =
    Temporal.PlainDate.compare(asked, today) < 0 || Temporal.PlainDate.compare(asked, last) > 0
      ? (first ?? today)
      : asked
  const starts = await listOffers(tx, context, concern, inside, pageOfDays, own)
  const before = inside.subtract({ days: pageOfDays })
  const next = inside.add({ days: pageOfDays })
  const nothingEarlier = Temporal.PlainDate.compare(inside, first ?? today) <= 0
  return {
    starts,
    earlier: nothingEarlier ? null : Temporal.PlainDate.compare(before, today) < 0 ? today : before,
    later: Temporal.PlainDate.compare(next, last) > 0 ? null : next,
  }
}
