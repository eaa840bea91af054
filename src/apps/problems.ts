import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ownOrigins } from '#platform/http/address.ts'
import { forPrograms } from '#platform/http/api-problem.ts'
import { firstOf } from '#platform/http/body.ts'
import { formToken, isSameSite, tokenField } from '#platform/http/form-token.ts'
import { type ProblemKind, problemOf, problemStatus } from '#platform/http/problem.ts'
import { isForPrograms, type Place } from '#platform/http/routes.ts'
import { type Language, translator } from '#platform/i18n/translate.ts'
import type { Assets } from '#platform/ui/assets.ts'
import type { RunningTenant } from '#register/register.ts'
import { sendApiProblem } from './api/http.ts'
import type { AppDeps } from './deps.ts'
import { formKeysOf } from './form-keys.ts'
import { type Inputs, pathOf } from './inputs.ts'
import { problemPage } from './pages.tsx'
import { placeOf } from './place.ts'

export type SendProblem = (request: FastifyRequest, reply: FastifyReply, kind: ProblemKind) => FastifyReply

type Found = { kind: ProblemKind; language: Language; place: Place | null; running: RunningTenant | undefined }

const pageFor = (deps: AppDeps, found: Found, sendAgain?: Parameters<typeof problemPage>[0]['sendAgain']): string =>
  problemPage({
    ...found,
    assets: deps.assets,
    t: translator(found.language),
    contributed: deps.contributed,
    sendAgain,
  })

/** Pages without anything of the request on them, each made once: whoever asks for what is refused costs little. */
const keptPages = (deps: AppDeps) => {
  const kept = new WeakMap<RunningTenant | Assets, Map<string, string>>()
  return (found: Found): string => {
    const { kind, language, running } = found
    const whose = running ?? deps.assets
    const pages = kept.get(whose) ?? new Map<string, string>()
    kept.set(whose, pages)
    const key = `${kind} ${language}`
    const page = pages.get(key) ?? pageFor(deps, found)
    pages.set(key, page)
    return page
  }
}

/** Answers what went wrong as a page in the person's language, or as a program understands it. */
export const problems = (deps: AppDeps, inputs: Inputs): SendProblem => {
  const keptPage = keptPages(deps)
  return (request, reply, kind) => {
    const { place, language } = placeOf(deps, request.url)
    const running = place ? deps.register.running.get(place.slug) : undefined
    const found = { kind, language, place, running }
    if (kind === 'tooMany' && !reply.hasHeader('retry-after')) reply.header('retry-after', '60')
    if (isForPrograms(request.url)) return sendApiProblem(request, reply, { problem: forPrograms(kind) }, running)
    reply.code(problemStatus[kind]).type('text/html; charset=utf-8')
    if (problemStatus[kind] >= 503) reply.header('retry-after', '30')
    const typed = running ? firstOf(inputs.form(running, request)) : {}
    if (!place || !running || !mayTryAgain(deps, kind, request, typed)) return reply.send(keptPage(found))
    const sendAgain = {
      action: pathOf(request, inputs.query(running, request)),
      fields: {
        ...typed,
        ...(deps.formKeys.has(place.slug) ? { [tokenField]: formToken(formKeysOf(deps, place.slug), place.slug) } : {}),
      },
    }
    return reply.send(pageFor(deps, found, sendAgain))
  }
}

// What was typed is not lost to an outage, a start or a damaged token: the page offers to send the same form again. Not to a
// request from a stranger's page, which never gets here with its fields; nor when the form was turned away unread.
const mayTryAgain = (
  deps: AppDeps,
  kind: ProblemKind,
  request: FastifyRequest,
  typed: Readonly<Record<string, string>>,
): boolean =>
  request.method === 'POST' &&
  Object.keys(typed).length > 0 &&
  (kind === 'outage' ||
    kind === 'unclear' ||
    kind === 'starting' ||
    (kind === 'notOurForm' && saysItIsOurs(deps, request)))

/** Whether the browser itself says that a page of this address sent the request; silence is not enough here. */
const saysItIsOurs = ({ config }: AppDeps, request: FastifyRequest): boolean =>
  (request.headers['sec-fetch-site'] ?? request.headers.origin) !== undefined &&
  isSameSite(request.headers, ownOrigins(config.publicUrl, request))

export const setProblemHandlers = (app: FastifyInstance, deps: AppDeps, sendProblem: SendProblem): void => {
  app.setNotFoundHandler((request, reply) => {
    const { slug } = placeOf(deps, request.url)
    return sendProblem(request, reply, deps.register.quarantined.has(slug) ? 'closed' : 'notFound')
  })
  app.setErrorHandler((error, request, reply) => {
    const kind = problemOf(error, request.method)
    // Who left before all of the request was there has met no fault.
    const isGone = request.raw.destroyed && !request.raw.complete
    if (isGone) return sendProblem(request, reply, 'malformed')
    if (kind === 'fault' || kind === 'outage' || kind === 'unclear')
      deps.log.fault(`${request.method} ${request.routeOptions.url ?? 'unknown page'}`, error)
    return sendProblem(request, reply, kind)
  })
}
