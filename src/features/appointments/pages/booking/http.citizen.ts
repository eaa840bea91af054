import type { Context, Handler } from '#features/feature.ts'
import { routes as website } from '#features/website/routes.ts'
import { type Response, redirect } from '#platform/http/response.ts'
import { isUuid } from '#platform/random.ts'
import { fullAtField, parseStart } from '../../booking/form.ts'
import { bookFor, extendFor, holdFor, releaseFor } from '../../booking/hold.ts'
import type { Full } from '../../booking/places.ts'
import { type Concern, concernFields } from '../../concern.ts'
import type { Times } from '../times/view.times.tsx'
import { type Draft, draftsOf, forgetting, redirectKeeping } from './draft.ts'
import { goOn, type JourneyHandler, type KeyHandler, toBooked, withJourney } from './guard.ts'
import { chooseAgain, chooseTime, concernIn, isEmpty } from './http.choice.ts'
import {
  arriveAt,
  concernOfGiven,
  consentOf,
  detailsOf,
  findJourney,
  type Given,
  givenIn,
  hrefOf,
  nextOf,
  openAgain,
  readyToBook,
} from './journey.ts'
import { type Journey, type Step, steps } from './way.ts'

/* The way from a chosen time to the booking; up to there: http.choice.ts. */

/** Under what a caller has no place left, as the list of times says it. */
const problemOfFull = {
  hold: 'tooMany',
  day: 'tooManyOfDay',
  booking: 'tooManyBooked',
  withoutEmail: 'tooManyBooked',
  mailbox: 'tooManyBooked',
} as const satisfies Record<Full, Times['problem']>

/** The hold with which this browser keeps exactly this time already, as after going back; null when there is none. */
const findSame = async (context: Context, concern: Concern, start: Temporal.Instant): Promise<Draft | null> => {
  const { leistung, ort } = concernFields(concern)
  const drafts = (draftsOf(context) ?? []).filter(
    (each) => each.concern.leistung === leistung && each.concern.ort === ort,
  )
  for (const draft of drafts) {
    const found = await findJourney(context, draft)
    if (found.kind === 'journey' && found.journey.heldUntil && found.journey.startsAt.equals(start)) return draft
  }
  return null
}

export const hold: Handler = async (context) => {
  const { form } = context
  const concern = concernIn(context)
  if (typeof concern === 'string') return chooseAgain(context, concern)
  const given = givenIn(context)
  const again = (problem: Times['problem']) => chooseTime(context, concern, { day: form, given, problem })
  const start = parseStart(form.beginn)
  if (!start) return again('missing')
  const same = await findSame(context, concern, start)
  if (same && isEmpty(given.typed)) return redirectKeeping(context, hrefOf(context, 'angaben', same.hold), same)
  const held = same
    ? { kind: 'held' as const, id: same.hold }
    : await holdFor(context, concern, start, isUuid(form.vormerkung) ? form.vormerkung : null)
  if (held.kind === 'caller-full') return again(problemOfFull[held.of])
  if (held.kind !== 'held') return again(held.kind === 'taken' ? 'taken' : 'notOffered')
  const draft = { hold: held.id, concern: concernFields(concern), typed: given.typed, agreed: given.agreed }
  if (isEmpty(given.typed)) return redirectKeeping(context, hrefOf(context, 'angaben', held.id), draft, given.hold)
  const found = await findJourney(context, draft)
  if (found.kind !== 'journey') return again('taken')
  return arriveAt(context, nextOf(context, found.journey), { instead: given.hold })
}

const show =
  (step: Step): JourneyHandler =>
  async (context) => {
    const { journey, given } = context.actor.proves
    return openAgain(context, step, { ...journey, isExtended: context.query.mehr === 'extended' }, given).show()
  }

export const showDetails = show('angaben')
export const showConsent = show('einwilligung')
export const showCheck = show('pruefen')

/** The details, with everything typed so far. */
export const changeDetails: JourneyHandler = (context) =>
  arriveAt(context, detailsOf(context, context.actor.proves.journey))

export const askConsent: JourneyHandler = (context) =>
  arriveAt(context, consentOf(context, context.actor.proves.journey))

export const check: JourneyHandler = (context) => goOn(context, context.actor.proves.journey)

/** More time for whoever needs it: the same page again, with everything on it. */
export const extend: JourneyHandler = async (context) => {
  const { schritt } = context.form
  const { given, journey } = context.actor.proves
  const outcome = await extendFor(context, journey.holdId)
  if (outcome.kind === 'caller-full') {
    const concern = concernOfGiven(context, given)
    if (typeof concern === 'string') return chooseAgain(context, concern)
    return chooseTime(context, concern, { given, problem: problemOfFull[outcome.of] })
  }
  return withJourney(context, given, (extended) => {
    const step = steps.find((each) => each === schritt) ?? 'angaben'
    const isExtended = outcome.kind === 'extended'
    const next = openAgain(context, step, { ...extended, isExtended }, given)
    return arriveAt(context, next, isExtended ? { more: { mehr: 'extended' } } : {})
  })
}

/** Gives the time back and forgets what was typed: for whoever does without, and for shared computers. */
export const discard: Handler = async (context) => {
  const { vormerkung } = context.form
  if (isUuid(vormerkung)) await releaseFor(context, vormerkung)
  return { ...redirect(website.start.href(context.place, {})), cookies: forgetting(context) }
}

/** Nothing was booked, as whoever books has no place left: said at the field that would help, or with the times. */
const refuse = (context: Context, journey: Journey, given: Given, full: Full): Promise<Response> => {
  const error = fullAtField(context, full)
  return error
    ? arriveAt(context, detailsOf(context, journey, true, [error]), { full })
    : chooseTime(context, journey.concern, { given, problem: problemOfFull[full] })
}

export const book: KeyHandler = async (context) => {
  const { journey, given, holdId, token } = context.actor.proves
  const fields = readyToBook(context, journey)
  if (fields === null) return goOn(context, journey)
  const request = { holdId, token, fields, language: context.language }
  const outcome = await bookFor(context, request, context.form.zweiter === 'yes')
  switch (outcome.kind) {
    case 'booked':
      return toBooked(context, { holdId, token })
    case 'caller-full':
      return refuse(context, journey, given, outcome.of)
    case 'twice':
      return arriveAt(context, nextOf(context, journey, { twice: true }))
    default:
      return chooseTime(context, journey.concern, { given, problem: outcome.kind })
  }
}
