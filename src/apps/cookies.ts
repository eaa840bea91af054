import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Cookies, UndeclaredCookieError } from '#platform/http/response.ts'
import { base } from '#platform/http/routes.ts'
import { cookiesOf, type RunningTenant } from '#register/register.ts'
import type { AppDeps } from './deps.ts'
import { placeOf } from './place.ts'

/** What the browser sent of the cookies that the tenant declares; others are none of our business. */
export const declaredCookies = (running: RunningTenant, { cookies }: FastifyRequest): Record<string, string> =>
  Object.fromEntries(
    [...cookiesOf(running).keys()].flatMap((name) => (cookies[name] === undefined ? [] : [[name, cookies[name]]])),
  )

/** Tells the browser what to remember, for as long as the register says, below the tenant's own address only. */
export const setCookies = (deps: AppDeps, running: RunningTenant, reply: FastifyReply, given: Cookies): void => {
  for (const [name, value] of Object.entries(given)) {
    const seconds = Temporal.Duration.from(cookiesOf(running).get(name)?.period ?? 'PT0S').total({
      unit: 'second',
      relativeTo: deps.clock().toZonedDateTimeISO(running.tenant.timeZone),
    })
    reply.setCookie(name, value ?? '', {
      path: base({ slug: running.tenant.slug, language: 'de' }),
      maxAge: value === null ? 0 : Math.floor(seconds),
      httpOnly: true,
      sameSite: 'lax',
      secure: deps.config.publicUrl.startsWith('https:'),
    })
  }
}

/** The last thing that happens to an answer: a cookie that its tenant does not declare goes no further, whoever set it. */
export const dropUndeclaredCookies = (deps: AppDeps, request: FastifyRequest, reply: FastifyReply): void => {
  const set = [reply.getHeader('set-cookie') ?? []].flat().map(String)
  if (set.length === 0) return
  const running = deps.register.running.get(placeOf(deps, request.url).slug)
  const declared = running ? cookiesOf(running) : new Map()
  const nameIn = (line: string): string => line.split('=')[0] ?? ''
  const kept = set.filter((line) => declared.has(nameIn(line)))
  if (kept.length === set.length) return
  const dropped = set.filter((line) => !kept.includes(line)).map(nameIn)
  deps.log.fault(`cookies of ${request.routeOptions.url ?? 'unknown page'}`, new UndeclaredCookieError(dropped))
  reply.removeHeader('set-cookie')
  if (kept.length > 0) reply.header('set-cookie', kept)
}
