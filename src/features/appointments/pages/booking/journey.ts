import type { Context } from '#features/feature.ts'
import type { Response } from '#platform/http/response.ts'
import { isUuid } from '#platform/random.ts'
import { type FieldError, parseFields, typedOf } from '#register/form.ts'
import { getActivity } from '#register/register.ts'
import { extensions } from '../../appointment.ts'
import { fullAtField } from '../../booking/form.ts'
import { makeKey } from '../../booking/hold.ts'
import { todayOf } from '../../booking/times.ts'
import { findHeldUntil } from '../../capacity/sql.ts'
import { type Concern, type ConcernProblem, chooseConcern, concernFields, concernOf } from '../../concern.ts'
import { findAppointment } from '../../own/sql.ts'
import { routes } from '../../routes.ts'
import { activityId } from '../../scene.ts'
import { bookableOf } from '../../tenant.ts'
import { agreedOf, hasAgreedToTerms, hasConsented } from './agreement.ts'
import { arrive, type Draft, draftOf } from './draft.ts'
import { checkPage, consentPage, detailsPage } from './view.citizen.tsx'
import type { Journey, Step } from './way.ts'

/* A journey on its way to a booking: what is known of it, and which of its pages comes next. */

/** A journey as a form sent it, or as the browser has kept it. `hold`: what names it, if anything does. */
export type Given = Omit<Draft, 'hold'> & { hold: string | undefined }

/** What the form of this request sent. */
export const givenIn = ({ form }: Context): Given => ({
  hold: form.vormerkung,
  concern: { leistung: form.leistung ?? '', ort: form.ort ?? '' },
  typed: typedOf(form),
  agreed: agreedOf(form),
})

/** What the browser has kept of the journey in the address of this request. */
export const keptIn = (context: Context): Given => {
  const hold = context.query.vormerkung
  return draftOf(context, hold) ?? { hold, concern: {}, typed: {}, agreed: {} }
}

/** What somebody wants an appointment for, where nothing but the journey knows it any more. */
export const concernOfGiven = (context: Context, { concern }: Given): Concern | ConcernProblem =>
  chooseConcern(
    bookableOf(context.running),
    (concern.leistung ?? '').split(',').filter(Boolean),
    concern.ort || undefined,
  )

/** `gone`: the hold ran out and somebody took its time; or it is not there any more, as after hours of doing something
 *  else. */
export type Found =
  | { kind: 'journey'; journey: Journey }
  | { kind: 'booked' }
  | { kind: 'gone'; why: 'taken' | 'cancelled' }

/** The journey that a hold names. */
export const findJourney = async (context: Context, { hold, typed, agreed }: Given): Promise<Found> => {
  if (!isUuid(hold)) return { kind: 'gone', why: 'taken' }
  return context.inTenant(async (tx) => {
    const appointment = await findAppointment(tx, hold)
    if (appointment?.status === 'booked') return { kind: 'booked' }
    if (appointment?.status !== 'held') return { kind: 'gone', why: 'cancelled' }
    const concern = concernOf(bookableOf(context.running), appointment)
    const until = concern && (await findHeldUntil(tx, appointment))
    if (!concern || !until) return { kind: 'gone', why: 'taken' }
    const heldUntil = Temporal.Instant.compare(until, context.now) > 0 ? until : null
    const mayExtend = appointment.extended < extensions
    const { startsAt } = appointment
    return { kind: 'journey', journey: { holdId: hold, concern, startsAt, heldUntil, mayExtend, typed, agreed } }
  })
}

/** A page of the way. `journey`: with what was typed as it was read. `refused`: whether it says what is wrong. */
export type Next = { step: Step; journey: Journey; show: () => Response & { kind: 'page' }; refused: boolean }

const parse = (context: Context, { concern, typed }: Journey) =>
  parseFields(getActivity(context.running, activityId), concern.channel, typed, todayOf(context))

/** The details. `asked`: they were sent to go on, so that what is missing is an error. `more`: what else is wrong. */
export const detailsOf = (context: Context, given: Journey, asked = false, more: readonly FieldError[] = []): Next => {
  const parsed = parse(context, given)
  const journey = { ...given, typed: parsed.typed }
  const errors = [...(asked && !parsed.ok ? parsed.errors : []), ...more]
  return { step: 'angaben', journey, show: () => detailsPage(context, journey, errors), refused: errors.length > 0 }
}

/** The consent; as long as something is wrong with the details, these. */
export const consentOf = (context: Context, given: Journey, asked = false): Next => {
  const parsed = parse(context, given)
  if (!parsed.ok) return detailsOf(context, given, true)
  const journey = { ...given, typed: parsed.typed }
  const missing = {
    notice: !journey.agreed.kenntnis,
    consent: !hasConsented(context, journey.agreed),
    terms: !hasAgreedToTerms(context, journey.agreed),
  }
  const refused = asked && (missing.notice || missing.consent || missing.terms)
  const show = () => consentPage(context, journey, refused ? missing : undefined)
  return { step: 'einwilligung', journey, show, refused }
}

const isAgreed = (context: Context, { agreed }: Journey): boolean =>
  Boolean(agreed.kenntnis) && hasConsented(context, agreed) && hasAgreedToTerms(context, agreed)

/** The first page on which something is still to be done. `asked`: this was sent to go on; somebody who only chose another
 *  time may not have come to it yet. `twice`: the last page asks whether a second appointment is meant. */
export const nextOf = (context: Context, given: Journey, { asked = false, twice = false } = {}): Next => {
  const parsed = parse(context, given)
  if (!parsed.ok) return detailsOf(context, given, asked)
  const journey = { ...given, typed: parsed.typed }
  if (!isAgreed(context, journey)) return consentOf(context, journey, asked)
  const show = () => checkPage(context, journey, parsed.values, { key: makeKey(context, journey.holdId), twice })
  return { step: 'pruefen', journey, show, refused: twice }
}

/** What is booked of a journey on which nothing is left to be done; null of every other. */
export const readyToBook = (context: Context, journey: Journey): Record<string, string> | null => {
  const parsed = parse(context, journey)
  return parsed.ok && isAgreed(context, journey) ? parsed.values : null
}

const pages = { angaben: routes.details, einwilligung: routes.consent, pruefen: routes.check } as const

/** The address of a page of the way. */
export const hrefOf = (context: Context, step: Step, hold: string, more: Record<string, string> = {}): string =>
  pages[step].href(context.place, {}, { vormerkung: hold, ...more })

/** Answers a form with the page that comes next. `more`: what its address says besides. */
export const arriveAt = (
  context: Context,
  { step, journey, show, refused }: Next,
  { full, instead, more }: Pick<Draft, 'full'> & { instead?: string | undefined; more?: Record<string, string> } = {},
): Promise<Response & { kind: 'page' | 'redirect' }> => {
  const { holdId, concern, typed, agreed } = journey
  const draft: Draft = { hold: holdId, concern: concernFields(concern), typed, agreed }
  const said = { ...draft, ...(refused ? { refused: step } : {}), ...(full ? { full } : {}) }
  return arrive(context, { href: hrefOf(context, step, holdId, more), draft: said, instead }, show)
}

/** The page of a step as it is opened again, with what was wrong with it when it was sent. */
export const openAgain = (context: Context, step: Step, journey: Journey, { refused, full }: Given): Next => {
  const asked = refused === step
  switch (step) {
    case 'angaben': {
      const error = asked && full ? fullAtField(context, full) : null
      return detailsOf(context, journey, asked, error ? [error] : [])
    }
    case 'einwilligung':
      return parse(context, journey).ok ? consentOf(context, journey, asked) : detailsOf(context, journey)
    case 'pruefen':
      return nextOf(context, journey, { twice: asked })
    default:
      return step satisfies never
  }
}
