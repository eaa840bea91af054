import type { Holder } from '#features/actor.ts'
import type { Context, Handler, Link, NoParams } from '#features/feature.ts'
import { remembering } from '#features/terms/index.ts'
import { type Response, redirect } from '#platform/http/response.ts'
import { isUuid } from '#platform/random.ts'
import { isBookedAs, readKey } from '../../booking/hold.ts'
import { routes } from '../../routes.ts'
import { addressAfter } from '../manage/just.ts'
import { draftOf, redirectKeeping } from './draft.ts'
import { chooseAgain, chooseTime, isEmpty } from './http.choice.ts'
import { arriveAt, concernOfGiven, findJourney, type Given, givenIn, keptIn, nextOf } from './journey.ts'
import { bookedBeforePage, holdGonePage } from './view.hold.tsx'
import type { Journey } from './way.ts'

/* Who may go on with a booking: whoever names the hold, and at the last click has its key. */

/** A journey that still has its hold, and what the request said of it. */
type JourneyFound = { journey: Journey; given: Given }

/** Goes on with a journey. */
export type JourneyHandler = Handler<NoParams, Holder<JourneyFound>>

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

/** Runs `work` on the journey that was given, if there still is one. */
export const withJourney = async (
  context: Context,
  given: Given,
  work: (journey: Journey) => Promise<Response> | Response,
): Promise<Response> => {
  const found = await findJourney(context, given)
  return found.kind === 'journey' ? work(found.journey) : withoutJourney(context, given, found.kind)
}

/** The hold that a form or an address names. Whoever opens a page of the way without one begins with the choice. */
export const holdLink: Link<NoParams, JourneyFound> = {
  kind: 'link',
  name: 'hold',
  admit: async (context, go) => {
    const { method, query, place } = context
    if (method === 'GET' && query.vormerkung === undefined) return redirect(routes.services.href(place, {}))
    const given = method === 'GET' ? keptIn(context) : givenIn(context)
    return withJourney(context, given, (journey) => go({ journey, given }))
  },
}

/** A journey, and the capability of the appointment that becomes of it. */
type KeyFound = JourneyFound & { holdId: string; token: string }

export type KeyHandler = Handler<NoParams, Holder<KeyFound>>

/** Leads to the appointment that a hold has become. */
export const toBooked = (context: Context, { holdId, token }: Pick<KeyFound, 'holdId' | 'token'>): Response => {
  const draft = { hold: holdId, concern: {}, typed: {}, agreed: {}, token }
  return redirectKeeping(context, addressAfter(context.place, token, 'booked'), draft)
}

/** The first page on which something is still to be done; whoever has agreed to the terms need not do so again. */
export const goOn = async (context: Context, journey: Journey): Promise<Response> => {
  const next = await arriveAt(context, nextOf(context, journey, { asked: true }))
  return journey.agreed.bedingungen ? remembering(context, next) : next
}

/** The key of a hold, which the last page of the way carries: whoever has it may book. Without it the way goes on where
 *  something is still to be done. */
export const holdKey: Link<NoParams, KeyFound> = {
  kind: 'link',
  name: 'holdKey',
  admit: async (context, go) => {
    const given = givenIn(context)
    const found = await findJourney(context, given)
    const { hold } = given
    const token = isUuid(hold) ? readKey(context, hold, context.form.schluessel) : null
    if (!isUuid(hold) || token === null)
      return found.kind === 'journey' ? goOn(context, found.journey) : withoutJourney(context, given, found.kind)
    if (found.kind === 'gone') return withoutJourney(context, given, 'gone', found.why)
    // Sent once more, as whoever got no answer does: it leads to the same page, and is no second booking.
    if (found.kind === 'booked')
      return (await isBookedAs(context, hold, token))
        ? toBooked(context, { holdId: hold, token })
        : withoutJourney(context, given, 'booked')
    return go({ journey: found.journey, given, holdId: hold, token })
  },
}
