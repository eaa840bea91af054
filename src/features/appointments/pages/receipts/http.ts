import type { Context, Handler } from '#features/feature.ts'
import { file } from '#platform/http/response.ts'
import { findJws, receiptFile, verifyReceipt } from '#shared/receipt/jws.ts'
import { type Outcome, outcomeOf } from '#shared/receipt/outcome.ts'
import type { PublicKeys } from '#shared/receipt/receipt.ts'

import { otherTenants, verifyPage } from './view.verify.tsx'

/** What is shown again in the form when it was no receipt; longer text is none of ours and would only weigh. */
const longestEcho = 5000

const keysOf = async ({ inTenant, deps }: Context): Promise<PublicKeys> => ({
  keys: await inTenant(deps.vault.publicKeys),
})

export const showKeys: Handler = async (context) =>
  file('application/jwk-set+json', JSON.stringify(await keysOf(context), null, 2))

export const showVerify: Handler = async (context) => verifyPage(context, await keysOf(context))

const check = async (context: Context): Promise<{ text: string; jws: string; keys: PublicKeys; outcome: Outcome }> => {
  const text = context.form.beleg ?? ''
  const jws = findJws(text)
  const keys = await keysOf(context)
  const verdict = await verifyReceipt(jws, keys, context.running.tenant.slug)
  const outcome = outcomeOf(verdict, Object.keys(otherTenants(context)))
  return { text: text.length > longestEcho ? '' : text, jws, keys, outcome }
}

/** Checks what was sent and forgets it. */
export const verify: Handler = async (context) => {
  const { keys, ...checked } = await check(context)
  return verifyPage(context, keys, checked)
}

/** Sends a receipt back as a file to keep, together with the keys that prove it; only what we signed. */
export const saveReceipt: Handler = async (context) => {
  const { keys, ...checked } = await check(context)
  const { outcome, jws } = checked
  if (outcome.name !== 'valid') return verifyPage(context, keys, checked)
  return file('application/json; charset=utf-8', receiptFile(jws, keys), `beleg-${outcome.receipt.reference}.json`)
}
