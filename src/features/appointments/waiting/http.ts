import type { Handler } from '#features/feature.ts'
import { redirect } from '#platform/http/response.ts'
import { decideChange } from '../appointment.ts'
import { moveTimes, withOwn } from '../manage/http.manage.ts'
import { tooLatePage } from '../manage/view.manage.tsx'
import { routes } from '../routes.ts'
import { offerPage, tooManyPage } from './view.tsx'
import { acceptOffer, declineOffer, findOffer, joinList, leaveList } from './waiting.ts'

/** Wishes one caller may send within a quarter of an hour; far above one person's need. */
const wishesPerCaller = 30

export const toManage: Handler = async (context) =>
  redirect(routes.manage.href(context.place, { token: context.params.token ?? '' }))

export const join: Handler = (context) =>
  withOwn(context, async (own, token, tx) => {
    if (!context.deps.limits.take(`wish ${context.caller}`, wishesPerCaller, 15)) return tooManyPage(context, token)
    const joined = await joinList(tx, context, own)
    return redirect(routes.manage.href(context.place, { token }, joined ? { neu: '3' } : {}))
  })

export const leave: Handler = (context) =>
  withOwn(context, async (own, token, tx) => {
    await leaveList(tx, context, own)
    return redirect(routes.manage.href(context.place, { token }, { neu: '4' }))
  })

export const showOffer: Handler = (context) =>
  withOwn(context, async (own, token, tx) => {
    if (decideChange(own.appointment, context.now).kind !== 'possible') return tooLatePage(context, token)
    const offer = await findOffer(tx, context, own, context.params.offer ?? '')
    return offer ? offerPage(context, own, token, offer) : moveTimes(context, tx, own, token, 'offerGone')
  })

export const accept: Handler = (context) =>
  withOwn(context, async (own, token, tx) => {
    const { kind } = await acceptOffer(tx, context, own, { id: context.params.offer ?? '', token })
    if (kind === 'accepted') return redirect(routes.manage.href(context.place, { token }, { neu: '2' }))
    return decideChange(own.appointment, context.now).kind === 'possible'
      ? moveTimes(context, tx, own, token, 'offerGone')
      : tooLatePage(context, token)
  })

export const decline: Handler = (context) =>
  withOwn(context, async (own, token, tx) => {
    const goOn = context.form.weiter === 'ja'
    await declineOffer(tx, context, own, { id: context.params.offer ?? '', goOn })
    return redirect(routes.manage.href(context.place, { token }, { neu: goOn ? '3' : '4' }))
  })
