import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'

/** One tenant's keys for forms. The first one signs, each one proves: while its keys are rotated there are several. */
export type FormKeys = readonly KeyObject[]

/** Name of the hidden field that carries the token. */
export const tokenField = 'formToken'

/** Name of the header that carries it where the body is no form, or comes after it. */
export const tokenHeader = 'x-form-token'

const signWith = (key: KeyObject, text: string): string =>
  createHmac('sha256', key).update(text).digest('base64url').slice(0, 32)

const sign = ([key]: FormKeys, text: string): string => {
  if (!key) throw new Error('no key to sign with')
  return signWith(key, text)
}

// In constant time for each key.
const isSigned = (keys: FormKeys, text: string, signature: string): boolean => {
  const given = Buffer.from(signature)
  return keys.some((key) => {
    const right = Buffer.from(signWith(key, text))
    return given.length === right.length && timingSafeEqual(given, right)
  })
}

/** Signs that a form came from this installation, for this tenant. It does not expire: a form left open over night
 *  still sends. What stops a stranger's page is the check of `Origin` and `Sec-Fetch-Site`; there is no cookie, so no
 *  form ever acts with authority that the browser added by itself. */
export const formToken = (keys: FormKeys, slug: string): string => sign(keys, `form ${slug}`)

/** Whether `token` was signed for this tenant. Compares in constant time. */
export const isFormToken = (keys: FormKeys, slug: string, token: string | undefined): boolean =>
  isSigned(keys, `form ${slug}`, token ?? '')

/** A signed statement that travels through the person's browser and comes back, e.g. "code X was right until T".
 *  Readable by them, changeable by nobody. */
export const signNote = (keys: FormKeys, purpose: string, text: string): string => {
  const body = Buffer.from(text).toString('base64url')
  return `${body}.${sign(keys, `${purpose} ${body}`)}`
}

/** The statement, or null when it was not signed by this installation for this purpose. */
export const readNote = (keys: FormKeys, purpose: string, signed: string | undefined): string | null => {
  const [body = '', signature = ''] = (signed ?? '').split('.')
  return isSigned(keys, `${purpose} ${body}`, signature) ? Buffer.from(body, 'base64url').toString() : null
}

/** Whether a POST comes from a page of our own. Browsers say so by `Sec-Fetch-Site` or at least `Origin`; a program
 *  that sends neither carries no victim's browser with it. */
export const isSameSite = (
  headers: Record<string, string | string[] | undefined>,
  origins: readonly string[],
): boolean => {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin'
  const origin = headers.origin
  return origin === undefined || (typeof origin === 'string' && origins.includes(origin))
}
