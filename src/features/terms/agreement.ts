import type { Context } from '#features/feature.ts'
import type { Response } from '#platform/http/response.ts'
import type { RunningTenant } from '#register/register.ts'
import { agreeable } from './tenant.ts'

/** Remembers on the person's device which version of the terms they agreed to; the server keeps nothing of it. */
export const cookieName = 'disclaimer'

/** A tenant's terms of use; null for one that has none. */
export const termsOf = (running: RunningTenant) => agreeable.of(running)?.terms ?? null

/** Whether this browser remembers an agreement to the terms as they stand now. */
export const remembersAgreement = ({ running, cookies }: Context): boolean =>
  cookies[cookieName] !== undefined && cookies[cookieName] === termsOf(running)?.version

/** What can carry a cookie. */
type Answer = Extract<Response, { kind: 'page' | 'redirect' }>

const withCookie = <R extends Answer>(response: R, value: string | null): R => ({
  ...response,
  cookies: { ...response.cookies, [cookieName]: value },
})

/** The same answer, and the browser told to remember the agreement; without terms there is nothing to remember. */
export const remembering = <R extends Answer>({ running }: Context, response: R): R => {
  const terms = termsOf(running)
  return terms ? withCookie(response, terms.version) : response
}

/** The same answer, and the browser told to forget it. */
export const forgetting = <R extends Answer>(response: R): R => withCookie(response, null)
