import type { Context, Handler } from '#features/feature.ts'
import { remembering, remembersAgreement, termsOf } from '#features/terms/index.ts'
import { readNote, signNote } from '#platform/http/form-token.ts'
import { type Response, redirect } from '#platform/http/response.ts'
import { capability, isUuid } from '#platform/random.ts'
import { parseFields, type Typed, typedOf } from '#register/form.ts'
import { getActivity } from '#register/register.ts'
import type { Service } from '../appointment.ts'
import { findHeldUntil } from '../capacity/sql.ts'
import { routes } from '../routes.ts'
import { activityId, findService } from '../scene.ts'
import { bookHeld, holdTime } from './booking.ts'
import { parseStart } from './form.ts'
import { findAppointment } from './sql.ts'
import { offersFrom, todayOf } from './times.ts'
import { checkPage, consentPage, detailsPage, holdGonePage, type Journey, servicesPage } from './view.citizen.tsx'
import { type Times, timesPage } from './view.times.tsx'

/** Holds one caller may have open; far above one person's need, because a shelter's phones share an address. */
const holdsPerCaller = 30

/** The boxes of the consent page, as far as the person ticked them on the way. */
const agreedOf = ({ kenntnis, einwilligung, bedingungen }: Context['form']): Journey['agreed'] => ({
  ...(kenntnis === 'yes' ? { kenntnis } : {}),
  ...(einwilligung === 'yes' ? { einwilligung } : {}),
  ...(bedingungen === 'yes' ? { bedingungen } : {}),
})

/** Whether this tenant's terms of use, if it has some, are agreed to: in the form, or once before in this browser. */
const hasAgreedToTerms = (context: Context): boolean =>
  termsOf(context.running) === null || context.form.bedingungen === 'yes' || remembersAgreement(context)

export const showServices: Handler = async (context) => servicesPage(context)

const showTimesOf = async (
  context: Context,
  service: Service,
  options: { day?: string | undefined; typed?: Typed; problem?: Times['problem'] },
): Promise<Response> => {
  const { offers, held } = await context.inTenant(async (tx) => {
    const { vormerkung } = context.form
    const own = isUuid(vormerkung) ? await findAppointment(tx, vormerkung) : null
    const held = own?.status === 'held' ? own.id : null
    return { held, offers: await offersFrom(tx, context, service, options.day, held) }
  })
  return timesPage(context, {
    service,
    ...offers,
    action: routes.hold.href(context.place, {}),
    hrefFor: (day) => routes.times.href(context.place, {}, { leistung: service.id, ab: day.toString() }),
    carried: {
      ...options.typed,
      ...agreedOf(context.form),
      ...(options.day ? { ab: options.day } : {}),
      ...(held ? { vormerkung: held } : {}),
    },
    ...(options.problem ? { problem: options.problem } : {}),
    back: routes.services.href(context.place, {}),
    sibling: (place) => routes.times.href(place, {}, { leistung: service.id }),
    ...(options.typed ? { resend: (place) => routes.times.href(place, {}) } : {}),
  })
}

export const showTimes: Handler = async (context) => {
  const service = findService(context.running, context.query.leistung)
  // A form without a choice sends nothing: opening the bare address looks the same, and has the same answer.
  if (!service) return servicesPage(context, { error: true })
  return showTimesOf(context, service, { day: context.query.ab })
}

/** The list of times for somebody who has typed already and wants another time: what they typed comes along. */
export const chooseOtherTime: Handler = async (context) => {
  const service = findService(context.running, context.form.leistung)
  return service
    ? showTimesOf(context, service, { typed: typedOf(context.form) })
    : servicesPage(context, { error: true })
}

export const hold: Handler = async (context) => {
  const { form, deps } = context
  const service = findService(context.running, form.leistung)
  if (!service) return servicesPage(context, { error: true })
  const typed = typedOf(form)
  const again = (problem: Times['problem']) => showTimesOf(context, service, { day: form.ab, typed, problem })
  const start = parseStart(form.beginn)
  if (!start) return again('missing')
  const limit = `hold ${context.caller}`
  if (!deps.limits.take(limit, holdsPerCaller, context.running.tenant.booking.holdMinutes)) return again('tooMany')
  const previous = isUuid(form.vormerkung) ? form.vormerkung : null
  const held = await context.inTenant((tx) => holdTime(tx, context, service, start, previous))
  if (held.kind !== 'held' || held.replaced) deps.limits.giveBack(limit)
  if (held.kind !== 'held') return again(held.kind === 'taken' ? 'taken' : 'notOffered')
  if (Object.keys(typed).length === 0) return redirect(routes.details.href(context.place, {}, { vormerkung: held.id }))
  const agreed = agreedOf(form)
  return showNext(context, { holdId: held.id, service, startsAt: start, heldUntil: held.until, typed, agreed })
}

/** The journey that a hold names; null when the hold is gone, as after hours of doing something else, or when it ran out
 *  and somebody took its time. */
const findJourney = async (context: Context, holdId: string | undefined, typed: Typed): Promise<Journey | null> => {
  if (!isUuid(holdId)) return null
  return context.inTenant(async (tx) => {
    const appointment = await findAppointment(tx, holdId)
    const service = findService(context.running, appointment?.serviceId)
    if (!appointment || !service || appointment.status !== 'held') return null
    const until = await findHeldUntil(tx, appointment)
    if (!until) return null
    const heldUntil = Temporal.Instant.compare(until, context.now) > 0 ? until : null
    const agreed = agreedOf(context.form)
    return { holdId, service, startsAt: appointment.startsAt, heldUntil, typed, agreed }
  })
}

/** Without its hold a journey goes on with the choice of a time; what was typed stays. */
const withoutHold = async (context: Context, typed: Typed): Promise<Response> => {
  const service = findService(context.running, context.form.leistung) ?? context.running.tenant.services[0]
  return service && Object.keys(typed).length > 0
    ? showTimesOf(context, service, { typed, problem: 'taken' })
    : holdGonePage(context)
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

const parse = (context: Context, service: Service, typed: Typed) =>
  parseFields(getActivity(context.running, activityId), service.channel, typed, todayOf(context))

export const askConsent: Handler = async (context) => {
  const typed = typedOf(context.form)
  const journey = await findJourney(context, context.form.vormerkung, typed)
  if (!journey) return withoutHold(context, typed)
  const parsed = parse(context, journey.service, typed)
  const clean = { ...journey, typed: parsed.typed }
  return parsed.ok ? consentPage(context, clean) : detailsPage(context, clean, parsed.errors)
}

/** The first page on which something is still to be done. `asked`: this was sent to go on, so that what is missing is an
 *  error; somebody who only chose another time may not have come to it yet. */
const showNext = (context: Context, journey: Journey, asked = false): Response & { kind: 'page' } => {
  const parsed = parse(context, journey.service, journey.typed)
  const clean = { ...journey, typed: parsed.typed }
  if (!parsed.ok) return detailsPage(context, clean, asked ? parsed.errors : [])
  const missing = {
    notice: !journey.agreed.kenntnis,
    consent: !journey.agreed.einwilligung,
    terms: !hasAgreedToTerms(context),
  }
  if (missing.notice || missing.consent || missing.terms)
    return consentPage(context, clean, asked ? missing : undefined)
  const key = signNote(context.formKeys, keyPurpose(context, journey.holdId), capability(context.deps.random))
  return checkPage(context, clean, parsed.values, key)
}

/** The manage link's capability travels in the form, signed for one hold, so that no booking gets the link of another. */
const keyPurpose = ({ place }: Context, holdId: string) => `manage link ${place.slug} ${holdId}`

export const check: Handler = async (context) => {
  const typed = typedOf(context.form)
  const journey = await findJourney(context, context.form.vormerkung, typed)
  if (!journey) return withoutHold(context, typed)
  const next = showNext(context, journey, true)
  return context.form.bedingungen === 'yes' ? remembering(context, next) : next
}

export const book: Handler = async (context) => {
  const { form, place } = context
  const typed = typedOf(form)
  if (!isUuid(form.vormerkung)) return withoutHold(context, typed)
  const token = readNote(context.formKeys, keyPurpose(context, form.vormerkung), form.schluessel)
  if (token === null) return check(context)
  const service = await context.inTenant(async (tx) =>
    findService(context.running, (await findAppointment(tx, form.vormerkung ?? ''))?.serviceId),
  )
  if (!service) return withoutHold(context, typed)
  const parsed = parse(context, service, typed)
  if (!parsed.ok || form.kenntnis !== 'yes' || form.einwilligung !== 'yes' || !hasAgreedToTerms(context))
    return check(context)
  const request = { holdId: form.vormerkung, token, fields: parsed.values, language: context.language }
  const outcome = await context.inTenant((tx) => bookHeld(tx, context, request))
  if (outcome.kind !== 'booked') return showTimesOf(context, service, { typed: parsed.typed, problem: outcome.kind })
  return redirect(routes.manage.href(place, { token }, { neu: '1' }))
}

/** A page that only makes sense as the answer to a form: whoever opens its address starts at the beginning. */
export const toStart: Handler = async (context) => redirect(routes.services.href(context.place, {}))
