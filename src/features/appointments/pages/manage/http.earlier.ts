import type { Holder } from '#features/actor.ts'
import type { Context, Handler, Link } from '#features/feature.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { type Response, redirect } from '#platform/http/response.ts'
import { isUuid, uuid } from '#platform/random.ts'
import { decideChange } from '../../appointment.ts'
import { acceptOffer } from '../../booking/accept.ts'
import { freeStartsFrom } from '../../booking/times.ts'
import { concernOf } from '../../concern.ts'
import type { Own } from '../../own/own.ts'
import { routes } from '../../routes.ts'
import { bookableOf } from '../../tenant.ts'
import { hasHadAll, keepsWaitingList } from '../../waiting/offer.ts'
import { declineOffer, findOffer, hasAccepted, joinList, leaveList } from '../../waiting/waiting.ts'
import { manageLink, type OwnFound, type OwnHandler, showDamaged } from './guard.ts'
import { addressAfter } from './just.ts'
import { answers, lateOfferPage, offerPage, tooManyPage, wishQuestionPage } from './view.earlier.tsx'
import { tooLatePage } from './view.over.tsx'
import { boxes, isSure } from './view.sure.tsx'

/** Wishes one caller may send within a quarter of an hour; far above one person's need. */
const wishesPerCaller = 30

export const join: OwnHandler = async (context) => {
  const { own, token, tx } = context.actor.proves
  const { deps, caller, now, place, running } = context
  if (!keepsWaitingList(running)) return redirect(routes.manage.href(place, { token }))
  if (!isSure(context, boxes.earlier)) return wishQuestionPage(context, token, 'join')
  const labels = { wish: { most: wishesPerCaller } }
  const wish = { id: uuid(deps.random), labels, until: now.add({ minutes: 15 }) }
  if ((await deps.limits.take(tx, caller.counted, wish)).kind === 'full') return tooManyPage(context, token)
  const joined = await joinList(tx, context, own)
  return redirect(joined ? addressAfter(place, token, 'waiting') : routes.manage.href(place, { token }))
}

export const leave: OwnHandler = async (context) => {
  const { own, token, tx } = context.actor.proves
  if (!isSure(context, boxes.earlier)) return wishQuestionPage(context, token, 'leave')
  await leaveList(tx, context, own)
  return redirect(addressAfter(context.place, token, 'left'))
}

/** How many free times stand on the page of an offer that is over. */
const nextTimes = 5

const late = async (context: Context, tx: TenantTx, own: Own, token: string): Promise<Response> => {
  const concern = concernOf(bookableOf(context.running), own.appointment)
  const { starts } = concern ? await freeStartsFrom(tx, context, concern, {}) : { starts: [] }
  return lateOfferPage(context, own, token, starts.slice(0, nextTimes))
}

/** An offer of this appointment, as a mail leads to it. */
type OfferFound = OwnFound & { offerId: string }

type OfferHandler = Handler<{ token: string; offer: string }, Holder<OfferFound>>

/** The link to one offer: the appointment's with the offer's id. Of a cut one nobody can say whether its offer is over: it
 *  leads to the appointment, which shows the one that is open. */
export const offerLink: Link<{ token: string; offer: string }, OfferFound> = {
  kind: 'link',
  name: 'offerLink',
  admit: async (context, go) => {
    const offerId = context.params.offer
    if (!isUuid(offerId)) return showDamaged(context)
    return manageLink.admit(context, (found) => go({ ...found, offerId }))
  },
}

/** The offer in the address, or what has become of it. `isMissing`: the form was sent without an answer. */
const offerOf = async (
  context: Context,
  { own, token, tx, offerId }: OfferFound,
  isMissing: boolean,
): Promise<Response> => {
  if (decideChange(own.appointment, context.now).kind !== 'possible') return tooLatePage(context, token)
  if (await hasAccepted(tx, own, offerId)) return redirect(routes.manage.href(context.place, { token }))
  const offer = await findOffer(tx, context, own, offerId)
  const isLast = await hasHadAll(tx, own.appointment.id)
  return offer ? offerPage(context, own, token, { offer, isLast, isMissing }) : late(context, tx, own, token)
}

export const showOffer: OfferHandler = (context) => offerOf(context, context.actor.proves, false)

const accept = async (context: Context, { own, token, tx, offerId }: OfferFound): Promise<Response> => {
  const { kind } = await acceptOffer(tx, context, own, { id: offerId, token })
  if (kind === 'accepted') return redirect(addressAfter(context.place, token, 'moved'))
  return decideChange(own.appointment, context.now).kind === 'possible'
    ? late(context, tx, own, token)
    : tooLatePage(context, token)
}

const decline = async (context: Context, { own, token, tx, offerId }: OfferFound, goOn: boolean): Promise<Response> => {
  await declineOffer(tx, context, own, { id: offerId, goOn })
  return redirect(addressAfter(context.place, token, goOn ? 'waiting' : 'left'))
}

export const answer: OfferHandler = async (context) => {
  const { antwort } = context.form
  const { proves } = context.actor
  if (antwort === answers.accept) return accept(context, proves)
  if (antwort === answers.goOn || antwort === answers.stop) return decline(context, proves, antwort === answers.goOn)
  return offerOf(context, proves, true)
}
