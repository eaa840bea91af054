import type { Context, Handler } from '#features/feature.ts'
import { remembering } from '#features/terms/index.ts'
import { routes as website } from '#features/website/routes.ts'
import { type Response, redirect } from '#platform/http/response.ts'
import { isUuid } from '#platform/random.ts'
import { type Concern, concernFields } from '../concern.ts'
import { routes } from '../routes.ts'
import { type Draft, draftOf, draftsOf, dropping, redirectKeeping } from './draft.ts'
import { fullAtField, parseStart } from './form.ts'
import { bookFor, extendFor, holdFor, readKey, releaseFor } from './hold.ts'
import { chooseAgain, chooseTime, concernIn, isEmpty, toStart } from './http.choice.ts'
import {
  arriveAt,
  concernOfSent,
  consentOf,
  detailsOf,
  findJourney,
  hrefOf,
  keptIn,
  nextOf,
  openAgain,
  readyToBook,
  type Sent,
  sentIn,
} from './journey.ts'
import type { Full } from './places.ts'
import { bookedBeforePage, holdGonePage, type Journey, type Step, steps } from './view.hold.tsx'
import type { Times } from './view.times.tsx'

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
  const sent = sentIn(context)
  const again = (problem: Times['problem']) => chooseTime(context, concern, { day: form, sent, problem })
  const start = parseStart(form.beginn)
  if (!start) return again('missing')
  const same = await findSame(context, concern, start)
  if (same && isEmpty(sent.typed)) return redirectKeeping(context, hrefOf(context, 'angaben', same.hold), same)
  const held = same
    ? { kind: 'held' as const, id: same.hold }
    : await holdFor(context, concern, start, isUuid(form.vormerkung) ? form.vormerkung : null)
  if (held.kind === 'caller-full') return again(problemOfFull[held.of])
  if (held.kind !== 'held') return again(held.kind === 'taken' ? 'taken' : 'notOffered')
  const draft = { hold: held.id, concern: concernFields(concern), typed: sent.typed, agreed: sent.agreed }
  if (isEmpty(sent.typed)) return redirectKeeping(context, hrefOf(context, 'angaben', held.id), draft, sent.hold)
  const found = await findJourney(context, draft)
  if (found.kind !== 'journey') return again('taken')
  return arriveAt(context, nextOf(context, found.journey), { instead: sent.hold })
}

/** Without its hold a journey goes on with the choice of a time, and what was typed stays; unless it has become an
 *  appointment. */
const withoutJourney = async (
  context: Context,
  sent: Sent,
  kind: 'booked' | 'gone',
  problem: 'taken' | 'cancelled' = 'taken',
): Promise<Response> => {
  if (kind === 'booked') {
    const carried = isEmpty(context.form) ? null : { ...sent.concern, ...sent.typed, ...sent.agreed }
    return bookedBeforePage(context, { token: draftOf(context, sent.hold)?.token, carried })
  }
  if (isEmpty(sent.typed) && problem === 'taken') return holdGonePage(context)
  const concern = concernOfSent(context, sent)
  return typeof concern === 'string' ? chooseAgain(context, concern) : chooseTime(context, concern, { sent, problem })
}

/** Runs `work` on the journey that this request is about, if there still is one. */
const withJourney = async (
  context: Context,
  sent: Sent,
  work: (journey: Journey) => Promise<Response> | Response,
): Promise<Response> => {
  const found = await findJourney(context, sent)
  return found.kind === 'journey' ? work(found.journey) : withoutJourney(context, sent, found.kind)
}

const extendedIn = ({ query }: Context): Pick<Journey, 'extended'> =>
  query.mehr === 'extended' || query.mehr === 'enough' ? { extended: query.mehr } : {}

const show =
  (step: Step): Handler =>
  async (context) => {
    if (context.query.vormerkung === undefined) return toStart(context)
    const sent = keptIn(context)
    return withJourney(context, sent, (journey) => {
      return openAgain(context, step, { ...journey, ...extendedIn(context) }, sent).page
    })
  }

export const showDetails = show('angaben')
export const showConsent = show('einwilligung')
export const showCheck = show('pruefen')

/** The details, with everything typed so far. */
export const changeDetails: Handler = async (context) =>
  withJourney(context, sentIn(context), (journey) => arriveAt(context, detailsOf(context, journey)))

export const askConsent: Handler = async (context) =>
  withJourney(context, sentIn(context), (journey) => arriveAt(context, consentOf(context, journey)))

export const check: Handler = async (context) =>
  withJourney(context, sentIn(context), (journey) => {
    const next = arriveAt(context, nextOf(context, journey, { asked: true }))
    return journey.agreed.bedingungen ? remembering(context, next) : next
  })

/** More time for whoever needs it: the same page again, with everything on it. */
export const extend: Handler = async (context) => {
  const { schritt } = context.form
  const sent = sentIn(context)
  const outcome = isUuid(sent.hold) ? await extendFor(context, sent.hold) : { kind: 'taken' as const }
  if (outcome.kind === 'caller-full') {
    const concern = concernOfSent(context, sent)
    if (typeof concern === 'string') return chooseAgain(context, concern)
    return chooseTime(context, concern, { sent, problem: problemOfFull[outcome.of] })
  }
  return withJourney(context, sent, (journey) => {
    const step = steps.find((each) => each === schritt) ?? 'angaben'
    const extended = outcome.kind === 'taken' ? undefined : outcome.kind
    const next = openAgain(context, step, { ...journey, ...(extended && { extended }) }, sent)
    return arriveAt(context, next, extended ? { more: { mehr: extended } } : {})
  })
}

/** Gives the time back and forgets what was typed: for whoever does without, and for shared computers. */
export const discard: Handler = async (context) => {
  const { vormerkung } = context.form
  if (isUuid(vormerkung)) await releaseFor(context, vormerkung)
  return { ...redirect(website.start.href(context.place, {})), cookies: dropping(context, vormerkung) }
}

/** Nothing was booked, as whoever books has no place left: said at the field that would help, or with the times. */
const refuse = (context: Context, journey: Journey, sent: Sent, full: Full): Response | Promise<Response> => {
  const error = fullAtField(context, full)
  return error
    ? arriveAt(context, detailsOf(context, journey, true, [error]), { full })
    : chooseTime(context, journey.concern, { sent, problem: problemOfFull[full] })
}

export const book: Handler = async (context) => {
  const { form, place } = context
  const sent = sentIn(context)
  const found = await findJourney(context, sent)
  const token = isUuid(sent.hold) ? readKey(context, sent.hold, form.schluessel) : null
  if (found.kind === 'gone' && token !== null) return withoutJourney(context, sent, 'gone', found.why)
  const fields = found.kind === 'journey' ? readyToBook(context, found.journey) : {}
  if (!isUuid(sent.hold) || token === null || fields === null || found.kind === 'gone') return check(context)
  const request = { holdId: sent.hold, token, fields, language: context.language }
  const outcome = await bookFor(context, request, form.zweiter === 'yes')
  if (outcome.kind === 'booked') {
    const draft = { hold: sent.hold, concern: {}, typed: {}, agreed: {}, token }
    return redirectKeeping(context, routes.manage.href(place, { token }, { neu: '1' }), draft)
  }
  if (found.kind === 'booked') return withoutJourney(context, sent, 'booked')
  if (outcome.kind === 'caller-full') return refuse(context, found.journey, sent, outcome.of)
  if (outcome.kind === 'twice') return arriveAt(context, nextOf(context, found.journey, { twice: true }))
  return chooseTime(context, found.journey.concern, { sent, problem: outcome.kind })
}
