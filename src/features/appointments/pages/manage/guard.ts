import type { Holder } from '#features/actor.ts'
import type { Context, Handler, Link } from '#features/feature.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { notFound, type Response, redirect } from '#platform/http/response.ts'
import { isCapability } from '#platform/random.ts'
import { findOwn, type Own } from '../../own/own.ts'
import { isMisshapen, mendedAddress } from './link.ts'
import { damagedPage, gonePage } from './view.over.tsx'

/** The appointment of the link in the address, locked in the transaction of the request: that one, and none beside it. */
export type OwnFound = { own: Own; token: string; tx: TenantTx }

/** Acts on the appointment of the link. */
export type OwnHandler = Handler<{ token: string }, Holder<OwnFound>>

/** Leads on from a damaged link, where enough of it is left; a form is never sent on to another address. */
export const showDamaged = async (context: Context): Promise<Response> => {
  const mended = mendedAddress(context)
  if (mended === undefined) return notFound
  return mended !== null && context.method === 'GET' ? redirect(mended) : damagedPage(context)
}

/** The link to one appointment. What its pages do, they do in the transaction in which it was found. */
export const manageLink: Link<{ token: string }, OwnFound> = {
  kind: 'link',
  name: 'manageLink',
  admit: async (context, go) => {
    const { token } = context.params
    if (!isCapability(token)) return showDamaged(context)
    return context.inTenant(async (tx) => {
      const own = await findOwn(tx, context, token)
      if (own) return go({ own, token, tx })
      return isMisshapen(token) ? damagedPage(context) : gonePage(context)
    })
  },
}
