import type { Holder } from '#features/actor.ts'
import type { Context, Handler, Link, NoParams } from '#features/feature.ts'
import type { TenantTx } from '#platform/db/db.ts'
import type { Response } from '#platform/http/response.ts'
import { parseEmailAddress } from '#platform/mail/address.ts'
import { foreignCharacter, readAddress, suggestAddress } from '#shared/text/address.ts'
import { isVisible } from '#shared/text/typed.ts'
import { openProof, proveMailbox, requestCode, sealProof } from './code.ts'
import { codePage, mailboxPage, proofGonePage, type Way } from './view.mailbox.tsx'

/* A way that begins with a mailbox and a code sent to it. Any feature can have one: what is behind it, it says itself. */

/** Proof that somebody reads a mailbox, sealed into the form behind a right code: it opens what that form asks for. */
type Proven = { email: string }

export type ProvenHandler = Handler<NoParams, Holder<Proven>>

const mailboxProof = (way: Way): Link<NoParams, Proven> => ({
  kind: 'link',
  name: 'mailboxProof',
  admit: async (context, go) => {
    const email = openProof(context, context.form.nachweis)
    return email === null ? proofGonePage(context, way) : go({ email })
  },
})

/** What such a form carries. */
export const proofField = (proof: string): Record<string, string> => ({ nachweis: proof })

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

/** What a way does with a mailbox that has been proven. `proof` is for the forms of the page: see `proofField`. */
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

/** The steps of a way, as handlers: asks for the mailbox, sends the code, shows what is behind it. `proof` guards what the
 *  forms there do. */
export const mailboxWay = <T>(way: Way, behind: Behind<T>) => ({
  proof: mailboxProof(way),
  ask: async (context: Context) => mailboxPage(context, way),
  send: send(way),
  show: show(way, behind),
})
