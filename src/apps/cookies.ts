import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Cookies, UndeclaredCookieError } from '#platform/http/response.ts'
import { base } from '#platform/http/routes.ts'
import { type DeclaredCookie, nameInBrowser, cookiesOf as ofTenant } from '#register/device.ts'
import type { RunningTenant } from '#register/register.ts'
import type { AppDeps } from './deps.ts'
import { placeOf } from './place.ts'

/* Cookies on their way in and out: what a tenant declares, and nothing else. */

type Known = Pick<AppDeps, 'config'>

const isHttps = ({ config }: Known): boolean => config.publicUrl.startsWith('https:')

/** What the browser sent of the cookies that the tenant declares, by their ids; others are none of our business. */
export const sentCookies = (deps: Known, running: RunningTenant, { cookies }: FastifyRequest): Record<string, string> =>
  Object.fromEntries(
    [...ofTenant(running).values()].flatMap((cookie) => {
      const value = cookies[nameInBrowser(cookie, isHttps(deps))]
      return value === undefined ? [] : [[cookie.id, value]]
    }),
  )

/** Below which address a browser sends a cookie: the tenant's own, or the whole host, whose names say which tenant's. */
export const pathOfCookie = ({ prefix }: DeclaredCookie, running: RunningTenant): string =>
  prefix ? '/' : base({ slug: running.tenant.slug, language: 'de' })

/** For how many seconds a browser keeps it, from now on; undefined: until it is closed. */
const secondsOf = (deps: Pick<AppDeps, 'clock'>, running: RunningTenant, { period }: DeclaredCookie) =>
  period === null
    ? undefined
    : Math.floor(
        Temporal.Duration.from(period).total({
          unit: 'second',
          relativeTo: deps.clock().toZonedDateTimeISO(running.tenant.timeZone),
        }),
      )

/** Tells the browser what to remember, for as long as the register says. What nobody declares is dropped later on, and
 *  said. */
export const setCookies = (deps: AppDeps, running: RunningTenant, reply: FastifyReply, given: Cookies): void => {
  const declared = ofTenant(running)
  for (const [id, value] of Object.entries(given)) {
    const cookie = declared.get(id)
    const maxAge = value === null || !cookie ? 0 : secondsOf(deps, running, cookie)
    reply.setCookie(cookie ? nameInBrowser(cookie, isHttps(deps)) : id, value ?? '', {
      path: cookie ? pathOfCookie(cookie, running) : '/',
      ...(maxAge === undefined ? {} : { maxAge }),
      httpOnly: true,
      sameSite: 'lax',
      secure: isHttps(deps),
    })
  }
}

/** The last thing that happens to an answer: a cookie that its tenant does not declare goes no further, whoever set it. */
export const dropUndeclaredCookies = (deps: AppDeps, request: FastifyRequest, reply: FastifyReply): void => {
  const set = [reply.getHeader('set-cookie') ?? []].flat().map(String)
  if (set.length === 0) return
  const running = deps.register.running.get(placeOf(deps, request.url).slug)
  const declared = new Set(
    running ? [...ofTenant(running).values()].map((cookie) => nameInBrowser(cookie, isHttps(deps))) : [],
  )
  const nameIn = (line: string): string => line.split('=')[0] ?? ''
  const kept = set.filter((line) => declared.has(nameIn(line)))
  if (kept.length === set.length) return
  const dropped = set.filter((line) => !kept.includes(line)).map(nameIn)
  deps.log.fault(`cookies of ${request.routeOptions.url ?? 'unknown page'}`, new UndeclaredCookieError(dropped))
  reply.removeHeader('set-cookie')
  if (kept.length > 0) reply.header('set-cookie', kept)
}
