import type { Context, Handler } from '#features/feature.ts'
import { remembering } from '#features/terms/index.ts'
import { routes as website } from '#features/website/routes.ts'
import { type Response, redirect } from '#platform/http/response.ts'
import { isUuid } from '#platform/random.ts'
import { fullAtField, parseStart } from '../../booking/form.ts'
import { bookFor, extendFor, holdFor, isBookedAs, readKey, releaseFor } from '../../booking/hold.ts'
import type { Full } from '../../booking/places.ts'
import { type Concern, concernFields } from '../../concern.ts'
import { addressAfter } from '../manage/just.ts'
import type { Times } from '../times/view.times.tsx'
import { type Draft, draftOf, draftsOf, forgetting, redirectKeeping } from './draft.ts'
import { chooseAgain, chooseTime, concernIn, isEmpty, toStart } from './http.choice.ts'
import {
  arriveAt,
  concernOfGiven,
  consentOf,
  detailsOf,
  findJourney,
  type Given,
  givenIn,
  hrefOf,
  keptIn,
  nextOf,
  openAgain,
  readyToBook,
} from './journey.ts'
import { bookedBeforePage, holdGonePage } from './view.hold.tsx'
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

/** Without its hold a journey goes on with the choice of a time, and what was typed stays; unless it has become an
 *  appointment. */
const withoutJourney = async (
  context: Context,
  given: Given,
  kind: 'booked' | 'gone',
  problem: 'taken' | 'cancelled' = 'taken',
): Promise<Response> => {
  if (kind === 'booked') {
    const carried = isEmpty(context.form) ? null : { ...given.concern, ...given.typed, ...given.agreed }
    return bookedBeforePage(context, { token: draftOf(context, given.hold)?.token, carried })
  }
  if (isEmpty(given.typed) && problem === 'taken') return holdGonePage(context)
  const concern = concernOfGiven(context, given)
  return typeof concern === 'string' ? chooseAgain(context, concern) : chooseTime(context, concern, { given, problem })
}

/** Runs `work` on the journey that this request is about, if there still is one. */
const withJourney = async (
  context: Context,
  given: Given,
  work: (journey: Journey) => Promise<Response> | Response,
): Promise<Response> => {
  const found = await findJourney(context, given)
  return found.kind === 'journey' ? work(found.journey) : withoutJourney(context, given, found.kind)
}

const show =
  (step: Step): Handler =>
  async (context) => {
    if (context.query.vormerkung === undefined) return toStart(context)
    const given = keptIn(context)
    return withJourney(context, given, (journey) => {
      return openAgain(context, step, { ...journey, isExtended: context.query.mehr === 'extended' }, given).show()
    })
  }

export const showDetails = show('angaben')
export const showConsent = show('einwilligung')
export const showCheck = show('pruefen')

/** The details, with everything typed so far. */
export const changeDetails: Handler = async (context) =>
  withJourney(context, givenIn(context), (journey) => arriveAt(context, detailsOf(context, journey)))

export const askConsent: Handler = async (context) =>
  withJourney(context, givenIn(context), (journey) => arriveAt(context, consentOf(context, journey)))

export const check: Handler = async (context) =>
  withJourney(context, givenIn(context), async (journey) => {
    const next = await arriveAt(context, nextOf(context, journey, { asked: true }))
    return journey.agreed.bedingungen ? remembering(context, next) : next
  })

/** More time for whoever needs it: the same page again, with everything on it. */
export const extend: Handler = async (context) => {
  const { schritt } = context.form
  const given = givenIn(context)
  const outcome = isUuid(given.hold) ? await extendFor(context, given.hold) : { kind: 'taken' as const }
  if (outcome.kind === 'caller-full') {
    const concern = concernOfGiven(context, given)
    if (typeof concern === 'string') return chooseAgain(context, concern)
    return chooseTime(context, concern, { given, problem: problemOfFull[outcome.of] })
  }
  return withJourney(context, given, (journey) => {
    const step = steps.find((each) => each === schritt) ?? 'angaben'
    const isExtended = outcome.kind === 'extended'
    const next = openAgain(context, step, { ...journey, isExtended }, given)
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

export const book: Handler = async (context) => {
  const { form, place } = context
  const given = givenIn(context)
  const found = await findJourney(context, given)
  const { hold } = given
  const token = isUuid(hold) ? readKey(context, hold, form.schluessel) : null
  if (!isUuid(hold) || token === null) return check(context)
  if (found.kind === 'gone') return withoutJourney(context, given, 'gone', found.why)
  const toBooked = () => {
    const draft = { hold, concern: {}, typed: {}, agreed: {}, token }
    return redirectKeeping(context, addressAfter(place, token, 'booked'), draft)
  }
  // Sent once more, as whoever got no answer does: it leads to the same page, and is no second booking.
  if (found.kind === 'booked')
    return (await isBookedAs(context, hold, token)) ? toBooked() : withoutJourney(context, given, 'booked')
  const fields = readyToBook(context, found.journey)
  if (fields === null) return check(context)
  const request = { holdId: hold, token, fields, language: context.language }
  const outcome = await bookFor(context, request, form.zweiter === 'yes')
  switch (outcome.kind) {
    case 'booked':
      return toBooked()
    case 'caller-full':
      return refuse(context, found.journey, given, outcome.of)
    case 'twice':
      return arriveAt(context, nextOf(context, found.journey, { twice: true }))
    default:
      return chooseTime(context, found.journey.concern, { given, problem: outcome.kind })
  }
}
