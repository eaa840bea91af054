import type { Context, Handler } from '#features/feature.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { type Response, redirect } from '#platform/http/response.ts'
import { isUuid, uuid } from '#platform/random.ts'
import { decideChange } from '../../appointment.ts'
import { acceptOffer } from '../../booking/accept.ts'
import { offersFrom } from '../../booking/times.ts'
import { concernOf } from '../../concern.ts'
import type { Own } from '../../own/own.ts'
import { routes } from '../../routes.ts'
import { bookableOf } from '../../tenant.ts'
import { hasHadAll, keepsWaitingList } from '../../waiting/offer.ts'
import { declineOffer, findOffer, hasAccepted, joinList, leaveList } from '../../waiting/waiting.ts'
import { showDamaged, withOwn } from './http.manage.ts'
import { addressAfter } from './just.ts'
import { answers, lateOfferPage, offerPage, tooManyPage, wishQuestionPage } from './view.earlier.tsx'
import { tooLatePage } from './view.over.tsx'
import { boxes, isSure } from './view.sure.tsx'

/** Wishes one caller may send within a quarter of an hour; far above one person's need. */
const wishesPerCaller = 30

export const toManage: Handler = async (context) =>
  redirect(routes.manage.href(context.place, { token: context.params.token ?? '' }))

export const join: Handler = async (context) => {
  if (!keepsWaitingList(context.running)) return toManage(context)
  return withOwn(context, async (own, token, tx) => {
    if (!isSure(context, boxes.earlier)) return wishQuestionPage(context, token, 'join')
    const { deps, caller, now } = context
    const labels = { wish: { most: wishesPerCaller } }
    const place = { id: uuid(deps.random), labels, until: now.add({ minutes: 15 }) }
    if ((await deps.limits.take(tx, caller.counted, place)).kind === 'full') return tooManyPage(context, token)
    const joined = await joinList(tx, context, own)
    return redirect(
      joined ? addressAfter(context.place, token, 'waiting') : routes.manage.href(context.place, { token }),
    )
  })
}

export const leave: Handler = (context) =>
  withOwn(context, async (own, token, tx) => {
    if (!isSure(context, boxes.earlier)) return wishQuestionPage(context, token, 'leave')
    await leaveList(tx, context, own)
    return redirect(addressAfter(context.place, token, 'left'))
  })

/** How many free times stand on the page of an offer that is over. */
const nextTimes = 5

const late = async (context: Context, tx: TenantTx, own: Own, token: string): Promise<Response> => {
  const concern = concernOf(bookableOf(context.running), own.appointment)
  const { starts } = concern ? await offersFrom(tx, context, concern, {}) : { starts: [] }
  return lateOfferPage(context, own, token, starts.slice(0, nextTimes))
}

/** The offer in the address, or what has become of it. `isMissing`: the form was sent without an answer. */
const offerOf = async (context: Context, tx: TenantTx, own: Own, token: string, isMissing: boolean) => {
  if (decideChange(own.appointment, context.now).kind !== 'possible') return tooLatePage(context, token)
  const id = context.params.offer ?? ''
  if (await hasAccepted(tx, own, id)) return redirect(routes.manage.href(context.place, { token }))
  const offer = await findOffer(tx, context, own, id)
  const isLast = await hasHadAll(tx, own.appointment.id)
  return offer ? offerPage(context, own, token, { offer, isLast, isMissing }) : late(context, tx, own, token)
}

/** Of a cut link nobody can say whether its offer is over: it leads to the appointment, which shows the one that is open. */
export const showOffer: Handler = (context) =>
  isUuid(context.params.offer)
    ? withOwn(context, (own, token, tx) => offerOf(context, tx, own, token, false))
    : showDamaged(context)

const accept = async (context: Context, tx: TenantTx, own: Own, token: string): Promise<Response> => {
  const { kind } = await acceptOffer(tx, context, own, { id: context.params.offer ?? '', token })
  if (kind === 'accepted') return redirect(addressAfter(context.place, token, 'moved'))
  return decideChange(own.appointment, context.now).kind === 'possible'
    ? late(context, tx, own, token)
    : tooLatePage(context, token)
}

const decline = async (context: Context, tx: TenantTx, own: Own, token: string, goOn: boolean): Promise<Response> => {
  await declineOffer(tx, context, own, { id: context.params.offer ?? '', goOn })
  return redirect(addressAfter(context.place, token, goOn ? 'waiting' : 'left'))
}

export const answer: Handler = (context) =>
  withOwn(context, (own, token, tx) => {
    const { antwort } = context.form
    if (antwort === answers.accept) return accept(context, tx, own, token)
    if (antwort === answers.goOn || antwort === answers.stop)
      return decline(context, tx, own, token, antwort === answers.goOn)
    return offerOf(context, tx, own, token, true)
  })
