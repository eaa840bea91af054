import { join } from 'node:path'
import compress from '@fastify/compress'
import formbody from '@fastify/formbody'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import fastifyStatic from '@fastify/static'
import underPressure from '@fastify/under-pressure'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Context, Deps, Feature, Page } from '#features/feature.ts'
import { callerNames, describeAgent, shortenAddress } from '#platform/http/caller.ts'
import { formToken, isFormToken, isSameSite, tokenField } from '#platform/http/form-token.ts'
import { type ProblemKind, problemOf, problemStatus } from '#platform/http/problem.ts'
import type { Response } from '#platform/http/response.ts'
import { base, type Place } from '#platform/http/routes.ts'
import { type Language, languages, translator } from '#platform/i18n/translate.ts'
import type { LocalMailbox } from '#platform/mail/local-mailbox.ts'
import { homePage, mailboxListPage, mailboxMessagePage, problemPage } from './pages.tsx'

/** How many requests one address may make in a minute. A library, a shelter or a mobile carrier puts many people
 *  behind one address, so these are limits for scripts. */
const requestsPerMinute = 1200
const postsPerMinute = 240
/** Room for every field of a form many times over, and little enough to read quickly. */
const largestForm = 2 * 1024 * 1024

const csp = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  formAction: ["'self'"],
  baseUri: ["'none'"],
  frameAncestors: ["'none'"],
  requireTrustedTypesFor: ["'script'"],
  trustedTypes: ["'none'"],
}

/** The web server: every page of every tenant, behind the same checks. Knows no feature by name. */
export const createServer = async (
  deps: Deps,
  features: readonly Feature[],
  clientDir: string,
  mailbox?: LocalMailbox,
) => {
  const { config } = deps
  const secure = config.publicUrl.startsWith('https:')
  const nameOf = callerNames(deps.clock, deps.random)
  const app = Fastify({
    bodyLimit: largestForm,
    trustProxy: config.trustedProxies.length > 0 ? config.trustedProxies : false,
    // Longer than any address Node takes, so that a long one is answered by a page of ours and not by the router.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 65_536 },
    rewriteUrl: (request) => readable(request.url ?? '/'),
    requestTimeout: 30_000,
    forceCloseConnections: true,
  })
  await app.register(underPressure, { maxEventLoopDelay: 2000, customError: UnderPressure })
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: csp },
    // The path of a page can hold a capability: other pages and proxies' logs learn the origin at most.
    referrerPolicy: { policy: 'strict-origin' },
    strictTransportSecurity: secure ? { maxAge: 63_072_000, includeSubDomains: false } : false,
    crossOriginEmbedderPolicy: false,
  })
  await app.register(rateLimit, {
    max: (request) => (request.method === 'POST' ? postsPerMinute : requestsPerMinute),
    timeWindow: '1 minute',
    keyGenerator: (request) => `${request.method === 'POST' ? 'post' : 'get'} ${nameOf(request.ip)}`,
    allowList: (request) => request.url.startsWith('/assets/'),
  })
  // Phones with little data: no page holds a secret of somebody else that its length could tell.
  await app.register(compress, { encodings: ['br', 'gzip'], threshold: 1024 })
  // Forms of ours are the only bodies there are.
  app.removeAllContentTypeParsers()
  await app.register(formbody)
  await app.register(fastifyStatic, {
    root: join(clientDir, 'assets'),
    prefix: '/assets/assets/',
    immutable: true,
    maxAge: '1y',
    index: false,
  })
  setHandlers(app, deps)
  addPages(app, deps, features, nameOf)
  addInstallation(app, deps, mailbox)
  return app
}

/** The address, with its percent signs taken literally if they spell nothing: the router would answer by itself. */
const readable = (url: string): string => {
  try {
    decodeURIComponent(url.split('?')[0] ?? '')
    return url
  } catch {
    return url.replaceAll('%', '%25')
  }
}

class UnderPressure extends Error {
  readonly statusCode = 503
  readonly code = 'FST_UNDER_PRESSURE'
}

/** Tenant and language of an address, as far as it names any. */
const placeOf = (deps: Deps, url: string): { place: Place | null; language: Language; slug: string } => {
  const [slug = '', second] = url.split('?')[0]?.split('/').slice(1) ?? []
  const named = slug === 'en' ? 'en' : second
  const language = languages.find((each) => each === named && each !== 'de') ?? 'de'
  return { place: deps.register.running.has(slug) ? { slug, language } : null, language, slug }
}

const sendProblem = (deps: Deps, request: FastifyRequest, reply: FastifyReply, kind: ProblemKind): FastifyReply => {
  const { place, language } = placeOf(deps, request.url)
  const running = place ? deps.register.running.get(place.slug) : undefined
  const sendAgain = mayTryAgain(kind, request)
    ? {
        action: request.url,
        fields: { ...formOf(request), ...(place ? { [tokenField]: formToken(deps.formKey, place.slug) } : {}) },
      }
    : undefined
  reply.code(problemStatus[kind]).type('text/html; charset=utf-8')
  if (kind === 'outage' || kind === 'closed') reply.header('retry-after', '30')
  return reply.send(
    problemPage({ kind, language, assets: deps.assets, t: translator(language), place, running, sendAgain }),
  )
}

// What was typed is not lost to an outage or a damaged token: the page offers to send the same form again. Not to a
// request from a stranger's page, which never gets here with its fields; nor when the form was turned away unread.
const mayTryAgain = (kind: ProblemKind, request: FastifyRequest): boolean =>
  request.method === 'POST' &&
  Object.keys(formOf(request)).length > 0 &&
  (kind === 'outage' || (kind === 'notOurForm' && saysItIsOurs(request)))

/** Whether the browser itself says that a page of this address sent the request; silence is not enough here. */
const saysItIsOurs = ({ headers, protocol, host }: FastifyRequest): boolean =>
  (headers['sec-fetch-site'] ?? headers.origin) !== undefined && isSameSite(headers, [`${protocol}://${host}`])

const setHandlers = (app: FastifyInstance, deps: Deps): void => {
  app.setNotFoundHandler((request, reply) => {
    const { slug } = placeOf(deps, request.url)
    return sendProblem(deps, request, reply, deps.register.quarantined.has(slug) ? 'closed' : 'notFound')
  })
  app.setErrorHandler((error, request, reply) => {
    const kind = problemOf(error)
    if (kind === 'fault' || kind === 'outage')
      deps.log.fault(`${request.method} ${request.routeOptions.url ?? 'unknown page'}`, error)
    return sendProblem(deps, request, reply, kind)
  })
  app.addHook('onSend', async (request, reply, payload) => {
    // Every page is somebody's own; nothing but the files of the look may be kept by a cache.
    if (!request.url.startsWith('/assets/')) reply.header('cache-control', 'no-store')
    return payload
  })
}

const formOf = (request: FastifyRequest): Record<string, string> => {
  const body = (request.body ?? {}) as Record<string, string | string[]>
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name, Array.isArray(value) ? (value[0] ?? '') : String(value)]),
  )
}

const queryOf = (request: FastifyRequest): Record<string, string> => {
  const query = request.query as Record<string, string | string[]>
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => [name, Array.isArray(value) ? (value[0] ?? '') : value]),
  )
}

const addPages = (
  app: FastifyInstance,
  deps: Deps,
  features: readonly Feature[],
  nameOf: (address: string) => string,
): void => {
  const origins = [new URL(deps.config.publicUrl).origin]
  const answer = (page: Page, language: Language) => async (request: FastifyRequest, reply: FastifyReply) => {
    const { tenant: slug = '', ...params } = request.params as Record<string, string>
    const running = deps.register.running.get(slug)
    if (!running) return sendProblem(deps, request, reply, deps.register.quarantined.has(slug) ? 'closed' : 'notFound')
    const form = formOf(request)
    if (page.method === 'POST') {
      const own = [...origins, `${request.protocol}://${request.host}`]
      if (!isSameSite(request.headers, own)) return sendProblem(deps, request, reply, 'notOurForm')
      if (!isFormToken(deps.formKey, slug, form[tokenField])) return sendProblem(deps, request, reply, 'notOurForm')
    }
    const context: Context = {
      deps,
      running,
      place: { slug, language },
      language,
      t: translator(language),
      inTenant: (work) => deps.db.inTenant(running.tenant.id, work),
      now: deps.clock(),
      params,
      query: queryOf(request),
      form,
      caller: nameOf(request.ip),
      formToken: formToken(deps.formKey, slug),
      path: request.url,
    }
    const response = await page.handler(context)
    return response.kind === 'notFound' ? sendProblem(deps, request, reply, 'notFound') : sendResponse(reply, response)
  }
  for (const language of languages) {
    for (const page of features.flatMap((feature) => feature.pages)) {
      const url = base({ slug: ':tenant', language }) + page.route.path
      app.route({ method: page.method, url, handler: answer(page, language), onResponse: logAccess(deps) })
    }
  }
}

/** One line per page of a tenant: the fields that `web.delivery` declares, and the pattern of the path instead of a
 *  path that could hold a capability. */
const logAccess = (deps: Deps) => async (request: FastifyRequest, reply: FastifyReply) => {
  const { slug } = placeOf(deps, request.url)
  if (!deps.register.running.has(slug)) return
  deps.log.access(slug, {
    time: deps.clock().round('second').toString(),
    page: (request.routeOptions.url ?? '').replace(':tenant', slug),
    status: reply.statusCode,
    address: shortenAddress(request.ip),
    ...describeAgent(request.headers['user-agent'] ?? ''),
  })
}

const sendResponse = (reply: FastifyReply, response: Exclude<Response, { kind: 'notFound' }>): FastifyReply => {
  switch (response.kind) {
    case 'page':
      return reply.code(response.status).type('text/html; charset=utf-8').send(response.html)
    case 'redirect':
      return reply.redirect(response.location, 303)
    case 'file':
      if (response.filename) reply.header('content-disposition', `attachment; filename="${response.filename}"`)
      return reply.code(response.status).type(response.contentType).send(response.body)
    default:
      return response satisfies never
  }
}

const addInstallation = (app: FastifyInstance, deps: Deps, mailbox?: LocalMailbox): void => {
  const html = (reply: FastifyReply, text: string) => reply.type('text/html; charset=utf-8').send(text)
  app.get('/', async (_request, reply) => html(reply, homePage(deps, 'de', mailbox !== undefined)))
  app.get('/en', async (_request, reply) => html(reply, homePage(deps, 'en', mailbox !== undefined)))
  app.get('/healthz', async (_request, reply) => reply.type('text/plain').send('ok\n'))
  app.get('/readyz', async (_request, reply) => {
    const alive = await deps.db.isAlive()
    return reply
      .code(alive ? 200 : 503)
      .type('text/plain')
      .send(alive ? 'ready\n' : 'database does not answer\n')
  })
  if (!mailbox) return
  app.get('/_mailbox', async (_request, reply) => html(reply, mailboxListPage(deps, mailbox)))
  app.get<{ Params: { id: string } }>('/_mailbox/:id', async (request, reply) => {
    const mail = mailbox.find(request.params.id)
    return mail ? html(reply, mailboxMessagePage(deps, mail)) : sendProblem(deps, request, reply, 'notFound')
  })
}
