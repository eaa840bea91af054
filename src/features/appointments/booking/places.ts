import type { Context } from '#features/feature.ts'
import type { TenantTx } from '#platform/db/db.ts'
import type { Share } from '#platform/limits/limits.ts'
import { comparableAddress } from '#platform/mail/address.ts'
import { fieldsOfForm, getActivity } from '#register/register.ts'
import type { Appointment, Visit } from '../appointment.ts'
import { countCells, openingsOfDay } from '../opening.ts'
import { activityId, declares } from '../scene.ts'
import { bookableOf, type Tenant } from '../tenant.ts'

/*
 * How much of the free times one caller takes: by holds at once, by bookings in a day, all of them and those for one mail
 * address, and by the share of one day's times at one site. A hold or a booking takes its place in the same transaction, by
 * its own id.
 */

/** `day`: the share of one day's times is used up. `mailbox`: this caller has booked enough for this mail address. */
export type Full = 'hold' | 'booking' | 'withoutEmail' | 'mailbox' | 'day'

type Caller = Pick<Context, 'deps' | 'running' | 'caller' | 'now'>

/** A visit that takes a place, or is to. */
type Taking = Visit & { id: string; siteId: string }

type Allowance = Omit<Tenant['limits'], 'places'> & Pick<Tenant['booking'], 'maxPerContact'>

/** What this caller may take: as everybody, or as the declared place they ask from. */
export const allowanceOf = ({ running, caller }: Pick<Caller, 'running' | 'caller'>): Allowance => {
  const { limits, booking } = bookableOf(running)
  const { places, ...everybody } = limits
  const place = places.find(({ networks }) => caller.isIn(networks))
  return {
    holds: place?.holds ?? everybody.holds,
    bookings: place?.bookings ?? everybody.bookings,
    bookingsWithoutEmail: place?.bookingsWithoutEmail ?? everybody.bookingsWithoutEmail,
    shareOfDay: place?.shareOfDay ?? everybody.shareOfDay,
    maxPerContact: place?.maxPerContact ?? booking.maxPerContact,
  }
}

/** Small sites have few times a day: so many visits are always allowed. */
const visitsAlways = 3

/** Cells of a day at a site that one caller may take. */
export const cellsOfShare = (
  tenant: Tenant,
  day: Temporal.PlainDate,
  { siteId, cells, percent }: { siteId: string; cells: number; percent: number },
): number => {
  const site = tenant.sites.find(({ id }) => id === siteId)
  const openings = site ? openingsOfDay(day, site, tenant).filter(({ audience }) => audience === 'public') : []
  const all = countCells(openings, tenant.booking.stepMinutes)
  return Math.max(visitsAlways * cells, Math.floor((all * percent) / 100))
}

const dayOf = ({ running }: Pick<Caller, 'running'>, at: Temporal.Instant): Temporal.PlainDate =>
  at.toZonedDateTimeISO(running.tenant.timeZone).toPlainDate()

const labelOfDay = (siteId: string, day: Temporal.PlainDate): string => `day ${siteId} ${day}`

export const isSameDay = (scene: Pick<Caller, 'running'>, a: Temporal.Instant, b: Temporal.Instant): boolean =>
  dayOf(scene, a).equals(dayOf(scene, b))

/** The share of the day that this visit is on. */
const dayShare = (caller: Caller, { siteId, startsAt, cells }: Taking): Record<string, Share> => {
  const day = dayOf(caller, startsAt)
  const percent = allowanceOf(caller).shareOfDay
  const most = cellsOfShare(bookableOf(caller.running), day, { siteId, cells, percent })
  return { [labelOfDay(siteId, day)]: { most, weight: cells } }
}

/** Bookings for one mailbox. Counted for the caller alone: what others booked for it neither keeps its owner from booking,
 *  nor tells anybody of the owner's appointments. What stands behind a `+` before the @ is most often the same mailbox. */
const mailboxShare = (caller: Caller, email: string): Record<string, Share> => ({
  [`mailbox ${comparableAddress(email).replace(/\+[^@]*(?=@)/, '')}`]: { most: allowanceOf(caller).maxPerContact },
})

const take = async (
  tx: TenantTx,
  caller: Caller,
  place: { id: string; labels: Record<string, Share>; until: Temporal.Instant | 'endOfDay'; instead?: string | null },
): Promise<Full | null> => {
  const taken = await caller.deps.limits.take(tx, caller.caller.counted, place)
  if (taken.kind === 'taken') return null
  return taken.label.split(' ')[0] as Full
}

/** Of a move to another day: it counts there, each appointment once, however often it is moved. */
const idOfMove = (id: string, day: Temporal.PlainDate): string => `move ${id} ${day}`

/** An appointment no longer takes anything of its day: it was moved away or given up. That it was booked counts on. */
export const leaveDay = async (
  tx: TenantTx,
  { deps, running }: Pick<Caller, 'deps' | 'running'>,
  { id, siteId, startsAt }: Appointment,
): Promise<void> => {
  const day = dayOf({ running }, startsAt)
  await deps.limits.giveBack(tx, id, labelOfDay(siteId, day))
  await deps.limits.giveBack(tx, idOfMove(id, day))
}

/** What stands for having just booked for a person. */
export const idOfTwice = (id: string): string => `twice ${id}`
/** How long booking again for the same person looks like a mistake. */
const twiceWithin = { minutes: 10 }

/** Who a booking is for: what browsers know how to fill in, so nothing of the matter. */
const personIn = ({ running }: Pick<Caller, 'running'>, fields: Readonly<Record<string, string>>): string =>
  JSON.stringify(
    fieldsOfForm(getActivity(running, activityId))
      .filter(({ autocomplete = 'off' }) => autocomplete !== 'off')
      .map(({ id }) => fields[id]),
  )

/** Takes places for one caller; each answer is under what there is none, null when it was taken. */
export type Places = {
  hold(tx: TenantTx, hold: Taking, until: Temporal.Instant, previous: string | null): Promise<Full | null>
  /** Keeps the place of a hold for longer, or takes it anew where the hold had run out. */
  extend(tx: TenantTx, hold: Taking, until: Temporal.Instant): Promise<Full | null>
  /** Turns the place of a hold into one of a booking, which lasts to the end of the day. */
  book(tx: TenantTx, hold: Taking, email: string | undefined): Promise<Full | null>
  /** Whether this caller has booked for the same person a moment ago; remembers it of this booking. Others learn nothing:
   *  it takes everything that was typed about the person, and the same connection. */
  isTwice(tx: TenantTx, booking: { holdId: string; fields: Readonly<Record<string, string>> }): Promise<boolean>
  /** Takes a place on the day that an appointment is moved to. */
  move(tx: TenantTx, from: Taking, to: Visit): Promise<Full | null>
  /** Nothing came of a hold, or it is over. */
  giveBack(tx: TenantTx, id: string): Promise<void>
  /** Nothing came of a move. */
  giveBackMove(tx: TenantTx, from: Taking, to: Visit): Promise<void>
}

/** The places of whoever sent a request. */
export const placesOf = (context: Caller): Places => {
  const { limits } = context.deps
  const allowance = () => allowanceOf(context)
  const heldUnder = (hold: Taking) => ({ hold: { most: allowance().holds }, ...dayShare(context, hold) })
  return {
    hold: (tx, hold, until, instead) => take(tx, context, { id: hold.id, labels: heldUnder(hold), until, instead }),
    extend: async (tx, hold, until) =>
      (await limits.renew(tx, { id: hold.id, until }))
        ? null
        : take(tx, context, { id: hold.id, labels: heldUnder(hold), until }),
    book: (tx, hold, email) => {
      const { bookings, bookingsWithoutEmail } = allowance()
      const without = !email && declares(context.running, 'email')
      const labels = {
        booking: { most: bookings },
        ...(without ? { withoutEmail: { most: bookingsWithoutEmail } } : {}),
        ...(email ? mailboxShare(context, email) : {}),
        ...dayShare(context, hold),
      }
      return take(tx, context, { id: hold.id, labels, until: 'endOfDay' })
    },
    isTwice: async (tx, { holdId, fields }) => {
      const labels = { [`twice ${personIn(context, fields)}`]: { most: 1 } }
      const place = { id: idOfTwice(holdId), labels, until: context.now.add(twiceWithin), overMidnight: true }
      return (await limits.take(tx, context.caller.counted, place)).kind === 'full'
    },
    move: async (tx, from, to) => {
      if (isSameDay(context, from.startsAt, to.startsAt)) return null
      const id = idOfMove(from.id, dayOf(context, to.startsAt))
      return take(tx, context, { id, labels: dayShare(context, { ...from, ...to }), until: 'endOfDay' })
    },
    giveBack: limits.giveBack,
    giveBackMove: async (tx, { id, startsAt }, to) => {
      if (!isSameDay(context, startsAt, to.startsAt))
        await limits.giveBack(tx, idOfMove(id, dayOf(context, to.startsAt)))
    },
  }
}
