import type { Context, Handler } from '#features/feature.ts'
import { remembering } from '#features/terms/index.ts'
import { type Response, redirect } from '#platform/http/response.ts'
import { isUuid } from '#platform/random.ts'
import { type FieldError, parseFields, type Typed, typedOf } from '#register/form.ts'
import { getActivity } from '#register/register.ts'
import { extensions } from '../appointment.ts'
import { findHeldUntil } from '../capacity/sql.ts'
import { type Concern, type ConcernProblem, chooseConcern, concernFields, concernOf } from '../concern.ts'
import { routes } from '../routes.ts'
import { activityId } from '../scene.ts'
import { agreedOf, hasAgreedToTerms, hasConsented } from './agreement.ts'
import { bookHeld } from './booking.ts'
import { fullAtField, parseStart } from './form.ts'
import { extendFor, holdFor, makeKey, readKey } from './hold.ts'
import { type Full, placesOf } from './places.ts'
import { findAppointment } from './sql.ts'
import { dayFields, offersFrom, offersOfMonth, todayOf, type WantedDays } from './times.ts'
import { checkPage, consentPage, detailsPage } from './view.citizen.tsx'
import { concernInWords, holdGonePage, type Journey } from './view.hold.tsx'
import { monthPage } from './view.month.tsx'
import { servicesPage } from './view.services.tsx'
import { type Times, timesPage } from './view.times.tsx'

const servicesIn = (context: Context): string[] => context.all('leistung').flatMap((value) => value.split(','))

/** The site that the address or the form names; one that is closed since, in an old link, is as good as none. */
const siteIn = ({ form, query, running }: Context): string | undefined =>
  running.tenant.sites.find(({ id }) => id === (form.ort ?? query.ort))?.id

/** What the person chose, as the address or the form says. */
const concernIn = (context: Context): Concern | ConcernProblem =>
  chooseConcern(context.running.tenant, servicesIn(context), siteIn(context))

const chooseAgain = (context: Context, problem?: ConcernProblem): Response =>
  servicesPage(context, {
    problem,
    services: servicesIn(context),
    site: siteIn(context),
  })

export const showServices: Handler = async (context) => chooseAgain(context)

const showTimesOf = async (
  context: Context,
  concern: Concern,
  options: { day?: WantedDays; typed?: Typed; problem?: Times['problem'] },
): Promise<Response> => {
  const { offers, held } = await context.inTenant(async (tx) => {
    const { vormerkung } = context.form
    const own = isUuid(vormerkung) ? await findAppointment(tx, vormerkung) : null
    const held = own?.status === 'held' ? own.id : null
    return { held, offers: await offersFrom(tx, context, concern, options.day ?? {}, held) }
  })
  return timesPage(context, {
    concern,
    ...offers,
    action: routes.hold.href(context.place, {}),
    hrefOfMonth: (day) =>
      routes.month.href(context.place, {}, { ...concernFields(concern), monat: day.toPlainYearMonth().toString() }),
    hrefFor: (day) => routes.times.href(context.place, {}, { ...concernFields(concern), ab: day.toString() }),
    carried: {
      ...options.typed,
      ...agreedOf(context.form),
      ...dayFields(options.day),
      ...(held ? { vormerkung: held } : {}),
    },
    ...(options.problem ? { problem: options.problem } : {}),
    back: routes.services.href(context.place, {}, concernFields(concern)),
    sibling: (place) => routes.times.href(place, {}, concernFields(concern)),
    ...(options.typed ? { resend: (place) => routes.times.href(place, {}) } : {}),
  })
}

export const showTimes: Handler = async (context) => {
  const concern = concernIn(context)
  // A form without a choice sends nothing: opening the bare address looks the same, and has the same answer.
  return typeof concern === 'string'
    ? chooseAgain(context, concern)
    : showTimesOf(context, concern, { day: context.query })
}

/** The first free time of each day of a month, each leading to its day. */
export const showMonth: Handler = async (context) => {
  const concern = concernIn(context)
  if (typeof concern === 'string') return chooseAgain(context, concern)
  const offers = await context.inTenant((tx) => offersOfMonth(tx, context, concern, context.query.monat))
  const fields = concernFields(concern)
  return monthPage(context, {
    ...offers,
    caption: concernInWords(context, concern),
    hrefOfDay: (day) => routes.times.href(context.place, {}, { ...fields, tag: day.toString() }),
    hrefOfMonth: (month) => routes.month.href(context.place, {}, { ...fields, monat: month.toString() }),
    back: routes.times.href(context.place, {}, fields),
  })
}

/** The list of times for somebody who has typed already and wants another time: what they typed comes along. */
export const chooseOtherTime: Handler = async (context) => {
  const concern = concernIn(context)
  return typeof concern === 'string'
    ? chooseAgain(context, concern)
    : showTimesOf(context, concern, { typed: typedOf(context.form) })
}

/** Under what a caller has no place left, as the list of times says it. */
const problemOfFull = {
  hold: 'tooMany',
  day: 'tooManyOfDay',
  booking: 'tooManyBooked',
  withoutEmail: 'tooManyBooked',
  mailbox: 'tooManyBooked',
} as const satisfies Record<Full, Times['problem']>

export const hold: Handler = async (context) => {
  const { form } = context
  const concern = concernIn(context)
  if (typeof concern === 'string') return chooseAgain(context, concern)
  const typed = typedOf(form)
  const again = (problem: Times['problem']) => showTimesOf(context, concern, { day: form, typed, problem })
  const start = parseStart(form.beginn)
  if (!start) return again('missing')
  const held = await holdFor(context, concern, start, isUuid(form.vormerkung) ? form.vormerkung : null)
  if (held.kind === 'caller-full') return again(problemOfFull[held.of])
  if (held.kind !== 'held') return again(held.kind === 'taken' ? 'taken' : 'notOffered')
  if (Object.keys(typed).length === 0) return redirect(routes.details.href(context.place, {}, { vormerkung: held.id }))
  const agreed = agreedOf(form)
  return showNext(context, {
    holdId: held.id,
    concern,
    startsAt: start,
    heldUntil: held.until,
    mayExtend: true,
    typed,
    agreed,
  })
}

/** The journey that a hold names; null when the hold is gone, as after hours of doing something else, or when it ran out
 *  and somebody took its time. */
const findJourney = async (context: Context, holdId: string | undefined, typed: Typed): Promise<Journey | null> => {
  if (!isUuid(holdId)) return null
  return context.inTenant(async (tx) => {
    const appointment = await findAppointment(tx, holdId)
    if (appointment?.status !== 'held') return null
    const concern = concernOf(context.running.tenant, appointment)
    if (!concern) return null
    const until = await findHeldUntil(tx, appointment)
    if (!until) return null
    const heldUntil = Temporal.Instant.compare(until, context.now) > 0 ? until : null
    const mayExtend = appointment.extended < extensions
    const agreed = agreedOf(context.form)
    return { holdId, concern, startsAt: appointment.startsAt, heldUntil, mayExtend, typed, agreed }
  })
}

/** Without its hold a journey goes on with the choice of a time; what was typed stays. */
const withoutHold = async (context: Context, typed: Typed, problem: Times['problem'] = 'taken'): Promise<Response> => {
  if (Object.keys(typed).length === 0 && problem === 'taken') return holdGonePage(context)
  const concern = concernIn(context)
  return typeof concern === 'string' ? chooseAgain(context, concern) : showTimesOf(context, concern, { typed, problem })
}

export const showDetails: Handler = async (context) => {
  const journey = await findJourney(context, context.query.vormerkung, {})
  return journey ? detailsPage(context, journey) : holdGonePage(context)
}

/** Back to the details from a later page, with everything typed so far. */
export const changeDetails: Handler = async (context) => {
  const typed = typedOf(context.form)
  const journey = await findJourney(context, context.form.vormerkung, typed)
  return journey ? detailsPage(context, journey) : withoutHold(context, typed)
}

const parse = (context: Context, { channel }: Concern, typed: Typed) =>
  parseFields(getActivity(context.running, activityId), channel, typed, todayOf(context))

export const askConsent: Handler = async (context) => {
  const typed = typedOf(context.form)
  const journey = await findJourney(context, context.form.vormerkung, typed)
  if (!journey) return withoutHold(context, typed)
  const parsed = parse(context, journey.concern, typed)
  const clean = { ...journey, typed: parsed.typed }
  return parsed.ok ? consentPage(context, clean) : detailsPage(context, clean, parsed.errors)
}

/** The first page on which something is still to be done. `asked`: this was sent to go on, so that what is missing is an
 *  error; somebody who only chose another time may not have come to it yet. */
const showNext = (context: Context, journey: Journey, asked = false): Response & { kind: 'page' } => {
  const parsed = parse(context, journey.concern, journey.typed)
  const clean = { ...journey, typed: parsed.typed }
  if (!parsed.ok) return detailsPage(context, clean, asked ? parsed.errors : [])
  const missing = {
    notice: !journey.agreed.kenntnis,
    consent: !hasConsented(context),
    terms: !hasAgreedToTerms(context),
  }
  if (missing.notice || missing.consent || missing.terms)
    return consentPage(context, clean, asked ? missing : undefined)
  return checkPage(context, clean, parsed.values, makeKey(context, journey.holdId))
}

export const check: Handler = async (context) => {
  const typed = typedOf(context.form)
  const journey = await findJourney(context, context.form.vormerkung, typed)
  if (!journey) return withoutHold(context, typed)
  const next = showNext(context, journey, true)
  return context.form.bedingungen === 'yes' ? remembering(context, next) : next
}

/** More time for whoever needs it: the same page again, with everything on it. */
export const extend: Handler = async (context) => {
  const { vormerkung, schritt } = context.form
  const typed = typedOf(context.form)
  if (!isUuid(vormerkung)) return withoutHold(context, typed)
  const outcome = await extendFor(context, vormerkung)
  if (outcome.kind === 'taken') return withoutHold(context, typed)
  if (outcome.kind === 'caller-full') return withoutHold(context, typed, problemOfFull[outcome.of])
  const journey = await findJourney(context, vormerkung, typed)
  if (!journey) return withoutHold(context, typed)
  const again = { ...journey, extended: outcome.kind }
  switch (schritt) {
    case 'pruefen':
      return showNext(context, again)
    case 'einwilligung':
      return consentPage(context, again)
    default:
      return detailsPage(context, again)
  }
}

/** The form again, with everything else as it was, and what is wrong with it. */
const showWrong = async (context: Context, holdId: string, typed: Typed, error: FieldError): Promise<Response> => {
  const journey = await findJourney(context, holdId, typed)
  return journey ? detailsPage(context, journey, [error]) : withoutHold(context, typed)
}

export const book: Handler = async (context) => {
  const { form, place } = context
  const typed = typedOf(form)
  if (!isUuid(form.vormerkung)) return withoutHold(context, typed)
  const token = readKey(context, form.vormerkung, form.schluessel)
  if (token === null) return check(context)
  const held = await context.inTenant((tx) => findAppointment(tx, form.vormerkung ?? ''))
  if (!held) return withoutHold(context, typed, 'cancelled')
  const concern = concernOf(context.running.tenant, held)
  if (!concern) return withoutHold(context, typed)
  const parsed = parse(context, concern, typed)
  if (!parsed.ok || form.kenntnis !== 'yes' || !hasConsented(context) || !hasAgreedToTerms(context))
    return check(context)
  const request = { holdId: form.vormerkung, token, fields: parsed.values, language: context.language }
  const outcome = await context.inTenant((tx) => bookHeld(tx, context, request, placesOf(context)))
  if (outcome.kind === 'caller-full') {
    const atField = fullAtField(context, outcome.of)
    return atField
      ? showWrong(context, request.holdId, parsed.typed, atField)
      : showTimesOf(context, concern, { typed: parsed.typed, problem: problemOfFull[outcome.of] })
  }
  if (outcome.kind !== 'booked') return showTimesOf(context, concern, { typed: parsed.typed, problem: outcome.kind })
  return redirect(routes.manage.href(place, { token }, { neu: '1' }))
}

/** A page that only makes sense as the answer to a form: whoever opens its address starts at the beginning. */
export const toStart: Handler = async (context) => redirect(routes.services.href(context.place, {}))
