import type { Context, Handler } from '#features/feature.ts'
import { remembering } from '#features/terms/index.ts'
import { routes as website } from '#features/website/routes.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { type Response, redirect } from '#platform/http/response.ts'
import { isUuid } from '#platform/random.ts'
import { type Concern, type ConcernProblem, chooseConcern, concernFields } from '../concern.ts'
import { routes } from '../routes.ts'
import { arrive, type Draft, draftOf, draftsOf, dropping, redirectKeeping } from './draft.ts'
import { fullAtField, parseStart } from './form.ts'
import { bookFor, extendFor, holdFor, readKey, releaseFor } from './hold.ts'
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
import { findAppointment } from './sql.ts'
import { dayFields, offersFrom, offersOfMonth, type WantedDays } from './times.ts'
import { bookedBeforePage, concernInWords, holdGonePage, type Journey, type Step, steps } from './view.hold.tsx'
import { monthPage } from './view.month.tsx'
import { servicesPage } from './view.services.tsx'
import { type Times, timeProblems, timesPage } from './view.times.tsx'

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

/** A page that only makes sense as the answer to a form: whoever opens its address starts at the beginning. */
export const toStart: Handler = async (context) => redirect(routes.services.href(context.place, {}))

export const showServices: Handler = async (context) => chooseAgain(context)

type TimesOptions = { day?: WantedDays; sent?: Sent; problem?: Times['problem'] | undefined }

const isEmpty = (fields: Readonly<Record<string, string>>): boolean => Object.keys(fields).length === 0

/** What this browser has begun with this concern and not ended: told where somebody begins anew, as after going back. */
const findBegun = async (tx: TenantTx, context: Context, concern: Concern): Promise<Times['begun']> => {
  const fields = concernFields(concern)
  const draft = draftsOf(context)?.find((each) => each.concern.leistung === fields.leistung && !isEmpty(each.typed))
  const held = draft && !draft.token ? await findAppointment(tx, draft.hold) : null
  if (!draft || held?.status !== 'held') return undefined
  return {
    startsAt: held.startsAt,
    href: hrefOf(context, 'angaben', draft.hold),
    hrefOther: routes.times.href(context.place, {}, { ...fields, vormerkung: draft.hold }),
  }
}

const timesOf = async (
  context: Context,
  concern: Concern,
  { day, sent, problem }: TimesOptions,
): Promise<Response & { kind: 'page' }> => {
  const { offers, held, begun } = await context.inTenant(async (tx) => {
    const own = sent && isUuid(sent.hold) ? await findAppointment(tx, sent.hold) : null
    const held = own?.status === 'held' ? own.id : null
    const begun = held === null ? await findBegun(tx, context, concern) : undefined
    return { held, begun, offers: await offersFrom(tx, context, concern, day ?? {}, held) }
  })
  const fields = { ...concernFields(concern), ...(held ? { vormerkung: held } : {}) }
  const { typed = {}, agreed = {} } = sent ?? {}
  return timesPage(context, {
    concern,
    ...offers,
    begun,
    action: routes.hold.href(context.place, {}),
    hrefOfMonth: (at) => routes.month.href(context.place, {}, { ...fields, monat: at.toPlainYearMonth().toString() }),
    hrefFor: (at) => routes.times.href(context.place, {}, { ...fields, ab: at.toString() }),
    carried: { ...typed, ...agreed, ...dayFields(day), ...(held ? { vormerkung: held } : {}) },
    ...(problem ? { problem } : {}),
    back: routes.services.href(context.place, {}, concernFields(concern)),
    sibling: (place) => routes.times.href(place, {}, { ...fields, ...dayFields(day) }),
    ...(isEmpty(typed) ? {} : { resend: (place) => routes.times.href(place, {}) }),
  })
}

/** The list of times as the answer to a form: what was typed comes along. */
const chooseTime = async (context: Context, concern: Concern, options: TimesOptions & { sent: Sent }) => {
  const { sent, day, problem } = options
  const hold = isUuid(sent.hold) ? sent.hold : undefined
  const fields = {
    ...concernFields(concern),
    ...dayFields(day),
    ...(hold ? { vormerkung: hold } : {}),
    ...(problem ? { hinweis: problem } : {}),
  }
  const href = routes.times.href(context.place, {}, fields)
  if (isEmpty(sent.typed)) return redirect(href)
  const page = await timesOf(context, concern, options)
  const draft = hold && { hold, concern: concernFields(concern), typed: sent.typed, agreed: sent.agreed }
  return draft ? arrive(context, { href, draft }, page) : page
}

export const showTimes: Handler = async (context) => {
  const { query } = context
  const concern = concernIn(context)
  // A form without a choice sends nothing: opening the bare address looks the same, and has the same answer.
  if (typeof concern === 'string') return chooseAgain(context, concern)
  const problem = timeProblems.find((each) => each === query.hinweis)
  return timesOf(context, concern, { day: query, sent: keptIn(context), problem })
}

/** The first free time of each day of a month, each leading to its day. */
export const showMonth: Handler = async (context) => {
  const concern = concernIn(context)
  if (typeof concern === 'string') return chooseAgain(context, concern)
  const { monat, vormerkung } = context.query
  const offers = await context.inTenant((tx) => offersOfMonth(tx, context, concern, monat))
  const fields = { ...concernFields(concern), ...(isUuid(vormerkung) ? { vormerkung } : {}) }
  return monthPage(context, {
    ...offers,
    caption: concernInWords(context, concern),
    hrefOfDay: (day) => routes.times.href(context.place, {}, { ...fields, tag: day.toString() }),
    hrefOfMonth: (month) => routes.month.href(context.place, {}, { ...fields, monat: month.toString() }),
    back: routes.times.href(context.place, {}, fields),
  })
}

/** The list of times for somebody who has typed already and wants another time. */
export const chooseOtherTime: Handler = async (context) => {
  const concern = concernIn(context)
  return typeof concern === 'string'
    ? chooseAgain(context, concern)
    : chooseTime(context, concern, { sent: sentIn(context) })
}

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
