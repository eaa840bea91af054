import type { Context, Handler } from '#features/feature.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { type Response, redirect } from '#platform/http/response.ts'
import { parseEmailAddress } from '#platform/mail/address.ts'
import { foreignCharacter, readAddress, suggestAddress } from '#shared/text/address.ts'
import { isVisible } from '#shared/text/typed.ts'
import { openProof, proveMailbox, requestCode, sealProof } from './code.ts'
import { codePage, mailboxPage, type Way } from './view.mailbox.tsx'

/* A way that begins with a mailbox and a code sent to it. Any feature can have one: what is behind it, it says itself. */

/** Why no code goes to what was typed. */
const problemOf = (typed: string) => {
  const character = foreignCharacter(typed)
  if (character !== null) return { problem: 'character', character } as const
  return { problem: isVisible(typed) ? 'invalid' : 'missing' } as const
}

const send =
  (way: Way): Handler =>
  async (context) => {
    const typed = readAddress(context.form.email ?? '')
    const email = parseEmailAddress(typed)
    if (email === null) return mailboxPage(context, way, { typed, ...problemOf(typed) })
    const form = await context.inTenant((tx) => requestCode(tx, context, email))
    return form === null
      ? mailboxPage(context, way, { typed, problem: 'tooMany' })
      : codePage(context, way, { form, meant: suggestAddress(email) })
  }

/** What a way does with a mailbox that has been proven. `proof` is for the forms of the page: `provenMailbox` reads it. */
type Behind<T> = {
  find: (tx: TenantTx, context: Context, email: string) => Promise<T>
  shown: (context: Context, found: T, proof: string) => Response
}

const show =
  <T>(way: Way, { find, shown }: Behind<T>): Handler =>
  async (context) => {
    const { vorgang = '', code = '' } = context.form
    const proof = await context.inTenant((tx) => proveMailbox(tx, context, vorgang, code))
    if (proof === null) return codePage(context, way, { form: vorgang, wrong: true })
    const found = await context.inTenant((tx) => find(tx, context, proof.email))
    return shown(context, found, sealProof(context, proof))
  }

/** The steps of a way, as handlers: asks for the mailbox, sends the code, shows what is behind it. `toStart` is for
 *  addresses that only answer a form. */
export const mailboxWay = <T>(way: Way, behind: Behind<T>) => ({
  ask: (async (context) => mailboxPage(context, way)) as Handler,
  send: send(way),
  show: show(way, behind),
  toStart: (async (context) => redirect(way.ask.href(context.place, {}))) as Handler,
})

/** The mailbox that the form on a page behind a way has proven; null when that is too long ago. */
export const provenMailbox = (context: Context): string | null => openProof(context, context.form.nachweis)

/** What such a form carries. */
export const proofField = (proof: string): Record<string, string> => ({ nachweis: proof })
