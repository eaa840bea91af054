import { join } from 'node:path'
import compress from '@fastify/compress'
import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import fastifyStatic from '@fastify/static'
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from 'fastify'
import type { Context, Deps, Feature, Page } from '#features/feature.ts'
import { apiProblem } from '#platform/http/api-problem.ts'
import { callerNames, describeAgent, shortenAddress } from '#platform/http/caller.ts'
import { formToken, isFormToken, isSameSite, tokenField } from '#platform/http/form-token.ts'

import { type ProblemKind, problemOf, problemStatus } from '#platform/http/problem.ts'
import { type Cookies, type Response, UndeclaredCookieError } from '#platform/http/response.ts'
import { base, isForPrograms, languageIn, type Place } from '#platform/http/routes.ts'
import { type Language, languages, translator } from '#platform/i18n/translate.ts'
import type { LocalMailbox } from '#platform/mail/local-mailbox.ts'
import { metricsType } from '#platform/metrics.ts'
import { cookiesOf, type RunningTenant, spokenBy } from '#register/register.ts'
import { addApi, sendApiProblem } from './api/http.ts'
import { commonContext } from './context.ts'
import { formKeysOf, learnFormKeys } from './form-keys.ts'
import { countRequests, isAllowed, metrics } from './metrics.ts'
import { homeIn, homePage, mailboxListPage, mailboxMessagePage, problemPage } from './pages.tsx'
import { shedLoad } from './pressure.ts'
import { readiness } from './readiness.ts'
import { tlsOptions } from './tls.ts'

/** How many requests one address may make in a minute. A library, a shelter or a mobile carrier puts many people
 *  behind one address, so these are limits for scripts. */
const requestsPerMinute = 1200
const postsPerMinute = 240
/** How late the event loop may be, in milliseconds, before visitors are asked to come again. */
const longestDelay = 2000
/** Room for every field of a form many times over, and little enough to read quickly. */
const largestForm = 2 * 1024 * 1024

const policy = {
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

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** What every page may load, and where it may send. No activity can declare a source elsewhere, so there is none. */
export const contentSecurityPolicy = Object.entries(policy)
  .map(([name, values]) => [kebab(name), ...values].join(' '))
  .join(';')

type ServerOptions = {
  mailbox?: LocalMailbox | undefined
  requests?: ReturnType<typeof countRequests>
  /** False for the doctor, who asks for every page at once: whoever turns visitors away, under pressure or because they ask
   *  too much, would answer in the place of the pages. */
  forVisitors?: boolean
  /** Aborted when this process is ending. */
  stopping?: AbortSignal
}

/** The web server: every page of every tenant, behind the same checks. Knows no feature by name. */
export const createServer = async (
  deps: Deps,
  features: readonly Feature[],
  clientDir: string,
  { mailbox, requests = countRequests(), forVisitors = true, stopping }: ServerOptions = {},
) => {
  const { config } = deps
  const secure = config.publicUrl.startsWith('https:')
  const nameOf = callerNames(deps.clock, deps.random)
  const app = Fastify({
    ...(config.tls ? { https: tlsOptions(config.tls) } : {}),
    bodyLimit: largestForm,
    trustProxy: config.trustedProxies.length > 0 ? config.trustedProxies : false,
    // Longer than any address Node takes, so that a long one is answered by a page of ours and not by the router.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 65_536 },
    rewriteUrl: (request) => readable(request.url ?? '/'),
    requestTimeout: 30_000,
    pluginTimeout: 0, // a busy machine may take its time; whoever waits for the start sees that
    forceCloseConnections: true,
  } as FastifyServerOptions)
  requests.watch(app)
  if (forVisitors) await shedLoad(app, longestDelay)
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: policy },
    // The path of a page can hold a capability: other pages and proxies' logs learn the origin at most.
    referrerPolicy: { policy: 'strict-origin' },
    strictTransportSecurity: secure ? { maxAge: 63_072_000, includeSubDomains: false } : false,
    crossOriginEmbedderPolicy: false,
  })
  if (forVisitors)
    await app.register(rateLimit, {
      max: (request) => (isRead(request) ? requestsPerMinute : postsPerMinute),
      timeWindow: '1 minute',
      keyGenerator: (request) => `${isRead(request) ? 'get' : 'post'} ${nameOf(request.ip)}`,
      allowList: (request) => request.url.startsWith('/assets/'),
    })
  // Phones with little data: no page holds a secret of somebody else that its length could tell.
  await app.register(compress, { encodings: ['br', 'gzip'], threshold: 1024 })
  // Forms of ours are the only bodies there are; programs' addresses take JSON, and nothing else.
  app.removeAllContentTypeParsers()
  await app.register(formbody)
  await app.register(cookie)
  await app.register(fastifyStatic, {
    root: join(clientDir, 'assets'),
    prefix: '/assets/',
    immutable: true,
    maxAge: '1y',
    index: false,
  })
  setHandlers(app, deps)
  addPages(app, deps, features, nameOf)
  await addApi(app, deps, features, { nameOf, onResponse: logAccess(deps) })
  addInstallation(app, deps, features, mailbox, stopping)
  addMetrics(app, deps, metrics(deps, features, requests))
  return app
}

const isRead = ({ method }: FastifyRequest): boolean => method === 'GET' || method === 'HEAD'

/** The address, with its percent signs taken literally if they spell nothing: the router would answer by itself. */
const readable = (url: string): string => {
  try {
    decodeURIComponent(url.split('?')[0] ?? '')
    return url
  } catch {
    return url.replaceAll('%', '%25')
  }
}

/** Tenant and language of an address, as far as it names any; German where its tenant does not speak that language. */
const placeOf = (deps: Deps, url: string): { place: Place | null; language: Language; slug: string } => {
  const slug = url.split('?')[0]?.split('/')[1] ?? ''
  const asked = languageIn(url)
  const running = deps.register.running.get(slug)
  const language = running ? spokenBy(running, asked) : asked
  return { place: running ? { slug, language } : null, language, slug }
}

const sendProblem = (deps: Deps, request: FastifyRequest, reply: FastifyReply, kind: ProblemKind): FastifyReply => {
  const { place, language } = placeOf(deps, request.url)
  const running = place ? deps.register.running.get(place.slug) : undefined
  if (isForPrograms(request.url)) return sendApiProblem(request, reply, { problem: apiProblem(kind) }, running)
  const sendAgain = mayTryAgain(kind, request)
    ? {
        action: request.url,
        fields: {
          ...formOf(request),
          ...(place && deps.formKeys.has(place.slug)
            ? { [tokenField]: formToken(formKeysOf(deps, place.slug), place.slug) }
            : {}),
        },
      }
    : undefined
  reply.code(problemStatus[kind]).type('text/html; charset=utf-8')
  if (problemStatus[kind] === 503) reply.header('retry-after', '30')
  return reply.send(
    problemPage({ kind, language, assets: deps.assets, t: translator(language), place, running, sendAgain }),
  )
}

// What was typed is not lost to an outage, a start or a damaged token: the page offers to send the same form again. Not to a
// request from a stranger's page, which never gets here with its fields; nor when the form was turned away unread.
const mayTryAgain = (kind: ProblemKind, request: FastifyRequest): boolean =>
  request.method === 'POST' &&
  Object.keys(formOf(request)).length > 0 &&
  (kind === 'outage' || kind === 'starting' || (kind === 'notOurForm' && saysItIsOurs(request)))

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
    dropUndeclaredCookies(deps, request, reply)
    return payload
  })
}

type Sent = Readonly<Record<string, string | readonly string[]>>

const valuesOf = (sent: Sent, name: string): string[] =>
  Object.hasOwn(sent, name) ? [sent[name] ?? []].flat().map(String) : []

/** The first value of each name. */
const firstOf = (sent: Sent): Record<string, string> =>
  Object.fromEntries(Object.keys(sent).map((name) => [name, valuesOf(sent, name)[0] ?? '']))

const formOf = (request: FastifyRequest): Record<string, string> => firstOf((request.body ?? {}) as Sent)

const addPages = (
  app: FastifyInstance,
  deps: Deps,
  features: readonly Feature[],
  nameOf: (address: string) => string,
): void => {
  const origins = [new URL(deps.config.publicUrl).origin]
  const answer = (page: Page, language: Language) => async (request: FastifyRequest, reply: FastifyReply) => {
    const { tenant: slug = '' } = request.params as Record<string, string>
    const running = deps.register.running.get(slug)
    if (!running) return sendProblem(deps, request, reply, deps.register.quarantined.has(slug) ? 'closed' : 'notFound')
    if (!deps.inForce.has(slug)) return sendProblem(deps, request, reply, 'starting')
    if (!running.tenant.languages.includes(language)) return sendProblem(deps, request, reply, 'notFound')
    const form = formOf(request)
    let formKeys = formKeysOf(deps, slug)
    if (page.method === 'POST') {
      const own = [...origins, `${request.protocol}://${request.host}`]
      if (!isSameSite(request.headers, own)) return sendProblem(deps, request, reply, 'notOurForm')
      const isOurs = () => isFormToken(formKeys, slug, form[tokenField])
      if (!isOurs()) formKeys = await learnFormKeys(deps, running)
      if (!isOurs()) return sendProblem(deps, request, reply, 'notOurForm')
    }
    const context: Context = {
      ...commonContext(deps, running, request, { language, caller: nameOf(request.ip) }),
      query: firstOf(request.query as Sent),
      form,
      all: (name) => valuesOf((page.method === 'POST' ? (request.body ?? {}) : request.query) as Sent, name),
      cookies: declaredCookies(running, request),
      formKeys,
      formToken: formToken(formKeys, slug),
      path: request.url,
    }
    const response = await page.handler(context)
    if (response.kind === 'notFound') return sendProblem(deps, request, reply, 'notFound')
    if (response.kind !== 'file') setCookies(deps, running, reply, response.cookies ?? {})
    return sendResponse(reply, response)
  }
  for (const language of languages) {
    for (const page of features.flatMap((feature) => feature.pages)) {
      const url = base({ slug: ':tenant', language }) + page.route.path
      app.route({ method: page.method, url, handler: answer(page, language), onResponse: logAccess(deps) })
    }
  }
}

/** What the browser sent of the cookies that the tenant declares; others are none of our business. */
const declaredCookies = (running: RunningTenant, { cookies }: FastifyRequest): Record<string, string> =>
  Object.fromEntries(
    [...cookiesOf(running).keys()].flatMap((name) => (cookies[name] === undefined ? [] : [[name, cookies[name]]])),
  )

/** Tells the browser what to remember, for as long as the register says, below the tenant's own address only. */
const setCookies = (deps: Deps, running: RunningTenant, reply: FastifyReply, given: Cookies): void => {
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
const dropUndeclaredCookies = (deps: Deps, request: FastifyRequest, reply: FastifyReply): void => {
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

/** One line per page of a tenant: the fields that `web.delivery` declares, and the pattern of the path instead of a
 *  path that could hold a capability. */
const logAccess = (deps: Deps) => async (request: FastifyRequest, reply: FastifyReply) => {
  const { slug } = placeOf(deps, request.url)
  if (!deps.register.running.has(slug)) return
  const page = (request.routeOptions.url ?? '').replace(':tenant', slug)
  if (request.method === 'GET' && reply.statusCode === 200) deps.pageCounts.add(slug, page)
  deps.log.access(slug, {
    time: deps.clock().round('second').toString(),
    page,
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

const addInstallation = (
  app: FastifyInstance,
  deps: Deps,
  features: readonly Feature[],
  mailbox?: LocalMailbox,
  stopping?: AbortSignal,
): void => {
  const html = (reply: FastifyReply, text: string) => reply.type('text/html; charset=utf-8').send(text)
  for (const language of languages) {
    app.get(homeIn(language), async (_request, reply) => html(reply, homePage(deps, language, mailbox !== undefined)))
  }
  app.get('/healthz', async (_request, reply) => reply.type('text/plain').send('ok\n'))
  const isReady = readiness(deps, features)
  app.get('/readyz', async (_request, reply) => {
    if (stopping?.aborted) return reply.code(503).type('text/plain').send('stopping\n')
    const found = await isReady()
    reply.code(found.ready ? 200 : 503).type('text/plain')
    return reply.send(found.ready ? 'ready\n' : `${found.why.join('\n')}\n`)
  })
  if (!mailbox) return
  app.get('/_mailbox', async (_request, reply) => html(reply, mailboxListPage(deps, mailbox)))
  app.get<{ Params: { id: string } }>('/_mailbox/:id', async (request, reply) => {
    const mail = mailbox.find(request.params.id)
    return mail ? html(reply, mailboxMessagePage(deps, mail)) : sendProblem(deps, request, reply, 'notFound')
  })
}

/** On the port of everybody, numbers are for whoever has the token; without one, there is no such page. */
const addMetrics = (app: FastifyInstance, deps: Deps, read: () => Promise<string>): void => {
  const { metricsToken } = deps.config
  if (metricsToken === null) return
  app.get('/metrics', async (request, reply) => {
    if (isAllowed(metricsToken, request.headers.authorization)) return reply.type(metricsType).send(await read())
    return reply.code(401).header('www-authenticate', 'Bearer').type('text/plain').send('token expected\n')
  })
}
