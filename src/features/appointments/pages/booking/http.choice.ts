import type { Context, Handler } from '#features/feature.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { type Response, redirect } from '#platform/http/response.ts'
import { isUuid } from '#platform/random.ts'
import { dayFields, freeStartsFrom, freeStartsOfMonth, type WantedDays } from '../../booking/times.ts'
import { type Concern, type ConcernProblem, chooseConcern, concernFields } from '../../concern.ts'
import { findAppointment } from '../../own/sql.ts'
import { routes } from '../../routes.ts'
import { bookableOf } from '../../tenant.ts'
import { concernInWords } from '../../words.ts'
import { monthPage } from '../times/view.month.tsx'
import { type Times, timeProblems, timesPage } from '../times/view.times.tsx'
import { arrive, draftsOf } from './draft.ts'
import { type Given, givenIn, hrefOf, keptIn } from './journey.ts'
import { servicesPage } from './view.services.tsx'

/* The way up to a time: what somebody wants an appointment for, and when. From the chosen time on: http.citizen.ts. */

const servicesIn = (context: Context): string[] => context.all('leistung').flatMap((value) => value.split(','))

/** The site that the address or the form names; one that is closed since, in an old link, is as good as none. */
const siteIn = ({ form, query, running }: Context): string | undefined =>
  running.tenant.sites.find(({ id }) => id === (form.ort ?? query.ort))?.id

/** What the person chose, as the address or the form says. */
export const concernIn = (context: Context): Concern | ConcernProblem =>
  chooseConcern(bookableOf(context.running), servicesIn(context), siteIn(context))

export const chooseAgain = (context: Context, problem?: ConcernProblem): Response =>
  servicesPage(context, {
    problem,
    services: servicesIn(context),
    site: siteIn(context),
  })

export const showServices: Handler = async (context) => chooseAgain(context)

type TimesOptions = { day?: WantedDays; given?: Given; problem?: Times['problem'] | undefined }

export const isEmpty = (fields: Readonly<Record<string, string>>): boolean => Object.keys(fields).length === 0

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
  { day, given, problem }: TimesOptions,
): Promise<Response & { kind: 'page' }> => {
  const { free, held, begun } = await context.inTenant(async (tx) => {
    const own = given && isUuid(given.hold) ? await findAppointment(tx, given.hold) : null
    const held = own?.status === 'held' ? own.id : null
    const begun = held === null ? await findBegun(tx, context, concern) : undefined
    return { held, begun, free: await freeStartsFrom(tx, context, concern, day ?? {}, held) }
  })
  const fields = { ...concernFields(concern), ...(held ? { vormerkung: held } : {}) }
  const { typed = {}, agreed = {} } = given ?? {}
  return timesPage(context, {
    concern,
    ...free,
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
export const chooseTime = async (context: Context, concern: Concern, options: TimesOptions & { given: Given }) => {
  const { given, day, problem } = options
  const hold = isUuid(given.hold) ? given.hold : undefined
  const fields = {
    ...concernFields(concern),
    ...dayFields(day),
    ...(hold ? { vormerkung: hold } : {}),
    ...(problem ? { hinweis: problem } : {}),
  }
  const href = routes.times.href(context.place, {}, fields)
  if (isEmpty(given.typed)) return redirect(href)
  const show = () => timesOf(context, concern, options)
  const draft = hold && { hold, concern: concernFields(concern), typed: given.typed, agreed: given.agreed }
  return draft ? arrive(context, { href, draft }, show) : show()
}

export const showTimes: Handler = async (context) => {
  const { query } = context
  const concern = concernIn(context)
  // A form without a choice sends nothing: opening the bare address looks the same, and has the same answer.
  if (typeof concern === 'string') return chooseAgain(context, concern)
  const problem = timeProblems.find((each) => each === query.hinweis)
  return timesOf(context, concern, { day: query, given: keptIn(context), problem })
}

/** The first free time of each day of a month, each leading to its day. */
export const showMonth: Handler = async (context) => {
  const concern = concernIn(context)
  if (typeof concern === 'string') return chooseAgain(context, concern)
  const { monat, vormerkung } = context.query
  const free = await context.inTenant((tx) => freeStartsOfMonth(tx, context, concern, monat))
  const fields = { ...concernFields(concern), ...(isUuid(vormerkung) ? { vormerkung } : {}) }
  return monthPage(context, {
    ...free,
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
    : chooseTime(context, concern, { given: givenIn(context) })
}
