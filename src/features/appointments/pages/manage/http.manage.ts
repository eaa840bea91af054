import type { Context } from '#features/feature.ts'
import { findMissing } from '#features/mail/index.ts'
import { lookedAt } from '#features/record.tsx'
import type { TenantTx } from '#platform/db/db.ts'
import { file, type Response, redirect } from '#platform/http/response.ts'
import { decideChange, decideMove, isOffered } from '../../appointment.ts'
import { cancelBooked, type Ended, eraseBooked, moveBooked, withdrawBooked } from '../../booking/booking.ts'
import { parseStart } from '../../booking/form.ts'
import { placesOf } from '../../booking/places.ts'
import { dayFields, freeStartsFrom, freeStartsOfMonth, type WantedDays } from '../../booking/times.ts'
import { concernOf } from '../../concern.ts'
import { freeInstead } from '../../displaced/displaced.ts'
import { calendarOf } from '../../mails/mails.ts'
import type { Own } from '../../own/own.ts'
import { wantsReminder } from '../../reminder/plan.ts'
import { findReminder } from '../../reminder/sql.ts'
import { routes } from '../../routes.ts'
import { activityId, type Ending, manageAddress, type Scene } from '../../scene.ts'
import { bookableOf } from '../../tenant.ts'
import { stateOf } from '../../waiting/waiting.ts'
import { concernInWords } from '../../words.ts'
import { monthPage } from '../times/view.month.tsx'
import { type Times, timesPage } from '../times/view.times.tsx'
import type { OwnHandler } from './guard.ts'
import { addressAfter, isJust } from './just.ts'
import { EarlierNews, EarlierPart } from './view.earlier.tsx'
import { confirmPage, managePage, moveQuestionPage, storedPage } from './view.manage.tsx'
import { erasedPage, gonePage, tooLatePage, tooOftenPage } from './view.over.tsx'
import { ReminderPart } from './view.reminder.tsx'
import { isSure } from './view.sure.tsx'

const mailed = (own: Own) => Boolean(own.record.fields.email)

export const showManage: OwnHandler = async (context) => {
  const { own, token, tx } = context.actor.proves
  const just = (['booked', 'moved'] as const).find((what) => isJust(context, what))
  const free = own.appointment.displacedAt ? await freeInstead(tx, context, own.appointment) : null
  const state = await stateOf(tx, context, own)
  const at = await findReminder(tx, own.appointment.id)
  const missing = await findMissing(tx, own.appointment.id)
  return managePage(context, own, token, {
    just,
    free,
    missing,
    news: EarlierNews({ context, token, state }),
    reminder: ReminderPart({ context, token, at, isMissed: just !== undefined && wantsReminder(own.record.fields) }),
    earlier: EarlierPart({ context, own, token, state }),
  })
}

export const showStored: OwnHandler = async (context) => {
  const { own, token } = context.actor.proves
  return storedPage(context, own, token)
}

export const showCalendar: OwnHandler = async (context) => {
  const { own, token } = context.actor.proves
  const url = manageAddress(context, context.language, token)
  const text = calendarOf(context, own.appointment, {
    reference: own.record.fields.reference ?? '',
    method: 'PUBLISH',
    language: context.language,
    attendee: null,
    url,
  })
  return file('text/calendar; charset=utf-8', text, 'termin.ics')
}

/** The days that the form or the address asks for, as both carry them on. */
const askedDays = ({ form, query }: Context) => dayFields(form.ab || form.tag ? form : query)

/** The same; without any, those from the chosen time on. */
const wantedDays = (context: Context): WantedDays => {
  const { form, query, running } = context
  const asked: WantedDays = askedDays(context)
  const chosen = parseStart(form.beginn ?? query.beginn)
  if (asked.ab || asked.tag || !chosen) return asked
  return { ab: chosen.toZonedDateTimeISO(running.tenant.timeZone).toPlainDate().toString() }
}

const moveTimes = async (
  context: Context,
  tx: TenantTx,
  own: Own,
  token: string,
  problem?: Times['problem'],
): Promise<Response> => {
  const concern = concernOf(bookableOf(context.running), own.appointment)
  if (!concern) return tooLatePage(context, token)
  const day = wantedDays(context)
  const free = await freeStartsFrom(tx, context, concern, day, own.appointment.id)
  const isAnother = (start: Temporal.Instant) => Temporal.Instant.compare(start, own.appointment.startsAt) !== 0
  return timesPage(context, {
    concern,
    ...free,
    starts: free.starts.filter(isAnother),
    next: free.next && Temporal.Instant.compare(free.next, own.appointment.startsAt) < 0 ? free.next : null,
    movingFrom: own.appointment.startsAt,
    action: routes.move.href(context.place, { token }),
    hrefOfMonth: (at) => routes.move.href(context.place, { token }, { monat: at.toPlainYearMonth().toString() }),
    hrefFor: (at) => routes.move.href(context.place, { token }, { ab: at.toString() }),
    carried: dayFields(day),
    ...(problem ? { problem } : {}),
    back: routes.manage.href(context.place, { token }),
  })
}

const moveMonth = async (context: Context, tx: TenantTx, own: Own, token: string): Promise<Response> => {
  const concern = concernOf(bookableOf(context.running), own.appointment)
  if (!concern) return tooLatePage(context, token)
  const free = await freeStartsOfMonth(tx, context, concern, context.query.monat, own.appointment.id)
  return monthPage(context, {
    ...free,
    caption: concernInWords(context, concern),
    hrefOfDay: (day) => routes.move.href(context.place, { token }, { tag: day.toString() }),
    hrefOfMonth: (month) => routes.move.href(context.place, { token }, { monat: month.toString() }),
    back: routes.move.href(context.place, { token }),
    stores: [lookedAt(context, activityId)],
  })
}

/** Why this appointment cannot be moved; null when it can. */
const refuseMove = (context: Context, { appointment }: Own, token: string): Response | null => {
  const { kind } = decideMove(appointment, context.now)
  if (kind === 'possible') return null
  return kind === 'too-often' ? tooOftenPage(context, token) : tooLatePage(context, token)
}

/** The page that asks before moving to this time; the times that are left where it is not free. Where the appointment has
 *  it already, there is nothing to ask. */
const askMove = async (
  context: Context,
  tx: TenantTx,
  own: Own,
  token: string,
  startsAt: Temporal.Instant,
  isMissing = false,
): Promise<Response> => {
  const { running, place, now } = context
  if (Temporal.Instant.compare(own.appointment.startsAt, startsAt) === 0)
    return redirect(own.appointment.moved ? addressAfter(place, token, 'moved') : routes.manage.href(place, { token }))
  const refused = refuseMove(context, own, token)
  if (refused) return refused
  const concern = concernOf(bookableOf(running), own.appointment)
  if (!concern) return tooLatePage(context, token)
  if (!isOffered(startsAt, concern, bookableOf(running), now)) return moveTimes(context, tx, own, token, 'notOffered')
  const tag = startsAt.toZonedDateTimeISO(running.tenant.timeZone).toPlainDate().toString()
  const { starts } = await freeStartsFrom(tx, context, concern, { tag }, own.appointment.id)
  if (!starts.some((start) => Temporal.Instant.compare(start, startsAt) === 0))
    return moveTimes(context, tx, own, token, 'taken')
  return moveQuestionPage(context, own, token, { startsAt, isMissing, days: askedDays(context) })
}

export const showMove: OwnHandler = async (context) => {
  const { own, token, tx } = context.actor.proves
  const { beginn, gewaehlt, monat } = context.query
  const start = parseStart(beginn)
  if (start) return askMove(context, tx, own, token, start)
  const refused = refuseMove(context, own, token)
  if (refused) return refused
  if (monat) return moveMonth(context, tx, own, token)
  return moveTimes(context, tx, own, token, beginn !== undefined || gewaehlt ? 'missing' : undefined)
}

export const move: OwnHandler = async (context) => {
  const { own, token, tx } = context.actor.proves
  const start = parseStart(context.form.beginn)
  if (!start) return refuseMove(context, own, token) ?? moveTimes(context, tx, own, token, 'missing')
  if (!isSure(context)) return askMove(context, tx, own, token, start, true)
  const outcome = await moveBooked(tx, context, own, start, token, placesOf(context))
  switch (outcome.kind) {
    case 'moved':
      return redirect(addressAfter(context.place, token, 'moved'))
    case 'taken':
    case 'not-offered':
      // The page of that time says what has become of it, and can be loaded again.
      return redirect(routes.move.href(context.place, { token }, { beginn: start.toString(), ...askedDays(context) }))
    case 'caller-full':
      return moveTimes(context, tx, own, token, 'tooManyOfDay')
    case 'too-late':
      return tooLatePage(context, token)
    case 'too-often':
      return tooOftenPage(context, token)
    case 'gone':
      return gonePage(context)
    default:
      return outcome satisfies never
  }
}

export const askCancel: OwnHandler = async (context) => {
  const { own, token } = context.actor.proves
  return decideChange(own.appointment, context.now).kind === 'possible'
    ? confirmPage(context, own, token, 'cancel')
    : tooLatePage(context, token)
}

export const cancel: OwnHandler = async (context) => {
  const { own, token, tx } = context.actor.proves
  if (!isSure(context) && decideChange(own.appointment, context.now).kind === 'possible')
    return confirmPage(context, own, token, 'cancel', true)
  const outcome = await cancelBooked(tx, context, own)
  switch (outcome.kind) {
    case 'cancelled':
      return erasedPage(context, own, 'cancel', {
        mailed: mailed(own),
        restricted: outcome.restricted,
        receipt: outcome.receipt,
      })
    case 'too-late':
      return tooLatePage(context, token)
    case 'gone':
      return gonePage(context)
    default:
      return outcome satisfies never
  }
}

const askEnd =
  (ending: Ending): OwnHandler =>
  async (context) => {
    const { own, token } = context.actor.proves
    return confirmPage(context, own, token, ending)
  }

const end =
  (ending: Ending, work: (tx: TenantTx, scene: Scene, own: Own) => Promise<Ended>): OwnHandler =>
  async (context) => {
    const { own, token, tx } = context.actor.proves
    if (!isSure(context)) return confirmPage(context, own, token, ending, true)
    const { receipt, restricted } = await work(tx, context, own)
    return erasedPage(context, own, ending, { mailed: receipt !== null && mailed(own), restricted, receipt })
  }

export const askWithdraw = askEnd('withdraw')
export const withdraw = end('withdraw', withdrawBooked)
export const askErase = askEnd('erase')
export const erase = end('erase', eraseBooked)
