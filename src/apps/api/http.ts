import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ZodError, z } from 'zod'
import { isRefusal } from '#features/endpoint.ts'
import type { Endpoint, Feature } from '#features/feature.ts'
import { routes as website } from '#features/website/routes.ts'
import { ownOrigins } from '#platform/http/address.ts'
import { apiProblemOf, apiProblemStatus, type Fault, problemType, type Refusal } from '#platform/http/api-problem.ts'
import { largestBody } from '#platform/http/body.ts'
import { isSameSite } from '#platform/http/form-token.ts'
import { base, openApi } from '#platform/http/routes.ts'
import { acceptedLanguage } from '#platform/i18n/accepted.ts'
import { translator } from '#platform/i18n/translate.ts'
import type { RunningTenant } from '#register/register.ts'
import { commonContext } from '../context.ts'
import type { AppDeps } from '../deps.ts'
import { formKeysOf, learnFormKeys } from '../form-keys.ts'
import { answerEndpoint, endpointsOf, type Whose } from '../guards.ts'
import { readJson } from '../taken-body.ts'
import { describeApi } from './openapi.ts'

/** The addresses for other programs, and what describes them. Nothing ambient authenticates there, no cookie and no
 *  address: who has a key or token says so in `Authorization`, which no stranger's page can add. */
export const addApi = (
  app: FastifyInstance,
  deps: AppDeps,
  features: readonly Feature[],
  onResponse: (request: FastifyRequest, reply: FastifyReply) => Promise<void>,
) =>
  app.register(async (api) => {
    const endpoints = endpointsOf(features)
    readJson(api)
    api.setErrorHandler((error, request, reply) => {
      const problem = apiProblemOf(error, request.method)
      if (problem === 'fault' || problem === 'outage' || problem === 'unclear')
        deps.log.fault(`${request.method} ${request.routeOptions.url ?? 'unknown address'}`, error)
      const running = findTenant(deps, request)
      return sendApiProblem(request, reply, { problem }, isRefusal(running) ? null : running)
    })
    const common = { bodyLimit: largestBody, onResponse }
    for (const endpoint of endpoints) {
      const { method, route } = endpoint
      api.route({ ...common, method, url: urlOf(route.path), handler: answer(deps, endpoint) })
    }
    const { publicUrl } = deps.config
    api.get(urlOf(openApi.ofTenant), common, async (request, reply) => {
      const tenant = findTenant(deps, request)
      return isRefusal(tenant)
        ? sendApiProblem(request, reply, tenant)
        : sendJson(
            reply,
            describeApi(
              endpoints.filter(({ isAt }) => isAt(tenant)),
              describedOf(publicUrl, tenant),
            ),
          )
    })
    api.get(openApi.ofAll, async (_request, reply) => {
      const { running, operator } = deps.register
      const contact = { name: operator ? inEnglish(operator.name) : 'Anlaufstelle', url: publicUrl }
      const offering = [...running].filter(([, tenant]) => endpoints.some(({ isAt }) => isAt(tenant)))
      return sendJson(reply, describeApi(endpoints, { publicUrl, slugs: offering.map(([slug]) => slug), contact }))
    })
  })

const inEnglish = ({ de, en }: { de: string; en?: string | undefined }): string => en ?? de

/** The API of one tenant; who asks about it finds its controller's addresses in the imprint. */
const describedOf = (publicUrl: string, { tenant }: RunningTenant) => {
  const { slug, languages, controller } = tenant
  const imprint = website.imprint.href({ slug, language: languages.includes('en') ? 'en' : 'de' }, {})
  return { publicUrl, slugs: [slug], contact: { name: inEnglish(controller.name), url: publicUrl + imprint } }
}

const urlOf = (path: string): string => base({ slug: ':tenant', language: 'de' }) + path

const sendJson = (reply: FastifyReply, body: unknown): FastifyReply =>
  reply.type('application/json; charset=utf-8').send(JSON.stringify(body))

/** Tells a program what went wrong, as problem details (RFC 9457), in a language of its tenant where that is known. */
export const sendApiProblem = (
  request: FastifyRequest,
  reply: FastifyReply,
  refusal: Refusal,
  running?: RunningTenant | null,
): FastifyReply => {
  const { problem, errors } = refusal
  const status = apiProblemStatus[problem]
  const language = acceptedLanguage(request.headers['accept-language'], running?.tenant.languages)
  const retryAfter = refusal.retryAfter ?? (status >= 503 ? 30 : undefined)
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
  if (problem === 'unauthorized') reply.header('www-authenticate', 'Bearer')
  const title = translator(language)(`apps.api.problem.${problem}`)
  return reply
    .code(status)
    .headers({ 'content-language': language, vary: 'accept-language' })
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify({ type: problemType(problem), title, status, ...(errors ? { errors } : {}) }))
}

const findTenant = (deps: AppDeps, request: FastifyRequest): RunningTenant | Refusal => {
  const { tenant = '' } = request.params as Record<string, string>
  const running = deps.register.running.get(tenant)
  if (!running) return { problem: deps.register.quarantined.has(tenant) ? 'closed' : 'notFound' }
  return deps.inForce.has(tenant) ? running : { problem: 'outage' }
}

/** Whether a browser says that another site's page asks: it would spend the limits of whoever looks at that page. A link
 *  that somebody follows is no such thing. */
const isFromForeignPage = (request: FastifyRequest, publicUrl: string): boolean => {
  const { method, headers } = request
  if (method !== 'GET' && method !== 'HEAD') return !isSameSite(headers, ownOrigins(publicUrl, request))
  const site = headers['sec-fetch-site']
  return (site === 'cross-site' || site === 'same-site') && headers['sec-fetch-mode'] !== 'navigate'
}

/** No body, or the `{}` that many programs send with every POST. */
const isNothing = (body: unknown): boolean =>
  body === undefined ||
  (typeof body === 'object' && body !== null && Object.keys(body).length === 0 && !Array.isArray(body))

const faultsIn = (error: ZodError, name: (path: string) => Pick<Fault, 'pointer' | 'parameter'>): Fault[] =>
  error.issues
    .flatMap((issue) => {
      const extra = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path]
      return extra.map((path) => ({ ...name(path.join('/')), code: issue.code, detail: issue.message }))
    })
    .slice(0, 20)

const parse = <S extends z.ZodType>(schema: S, sent: unknown, name: Parameters<typeof faultsIn>[1]) => {
  const parsed = schema.safeParse(sent)
  return parsed.success
    ? { value: parsed.data }
    : { problem: 'malformed' as const, errors: faultsIn(parsed.error, name) }
}

const bearerOf = ({ headers }: FastifyRequest): string | undefined =>
  /^Bearer +([\w.~+/-]{1,200}=*)$/i.exec(headers.authorization ?? '')?.[1]

const contextOf = (deps: AppDeps, running: RunningTenant, request: FastifyRequest) => {
  const { slug, languages } = running.tenant
  const language = acceptedLanguage(request.headers['accept-language'], languages)
  return {
    ...commonContext(deps, running, request, language),
    formKeys: formKeysOf(deps, slug),
    bearer: bearerOf(request),
  }
}

const answer = (deps: AppDeps, endpoint: Whose<Endpoint>) => async (request: FastifyRequest, reply: FastifyReply) => {
  const running = findTenant(deps, request)
  if (isRefusal(running)) return sendApiProblem(request, reply, running)
  const refuse = (refusal: Refusal) => sendApiProblem(request, reply, refusal, running)
  if (!endpoint.isAt(running)) return refuse({ problem: 'notFound' })
  if (isFromForeignPage(request, deps.config.publicUrl)) return refuse({ problem: 'foreignPage' })
  const query = parse(endpoint.query, request.query, (parameter) => ({ parameter }))
  if (isRefusal(query)) return refuse(query)
  if (endpoint.body === null && !isNothing(request.body)) return refuse({ problem: 'malformed' })
  const body = endpoint.body
    ? parse(endpoint.body, request.body, (path) => ({ pointer: path === '' ? '#' : `#/${path}` }))
    : { value: undefined }
  if (isRefusal(body)) return refuse(body)
  const context = contextOf(deps, running, request)
  const given = { query: query.value, body: body.value }
  let outcome = await answerEndpoint(endpoint, context, given)
  // Another server may have signed with a key that this one does not know yet.
  if (isRefusal(outcome) && outcome.problem === 'unauthorized' && context.bearer?.includes('.'))
    outcome = await answerEndpoint(endpoint, { ...context, formKeys: await learnFormKeys(deps, running) }, given)
  if (isRefusal(outcome)) return refuse(outcome)
  reply.code(endpoint.status)
  return endpoint.status === 204 ? reply.send() : sendJson(reply, outcome)
}
