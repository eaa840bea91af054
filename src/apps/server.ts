import compress from '@fastify/compress'
import cookie from '@fastify/cookie'
import fastifyStatic from '@fastify/static'
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from 'fastify'
import type { Feature, Page } from '#features/feature.ts'
import { ownOrigins, readAddress } from '#platform/http/address.ts'
import { firstOf, largestBody } from '#platform/http/body.ts'
import { callerNames, describeAgent, shortenAddress } from '#platform/http/caller.ts'
import { formToken, isFormToken, isSameSite, tokenField } from '#platform/http/form-token.ts'
import { anyPace, keepPace, type Pace } from '#platform/http/pace.ts'
import type { Response } from '#platform/http/response.ts'
import { base } from '#platform/http/routes.ts'
import { answerUnreadable } from '#platform/http/unreadable.ts'
import { type Language, languages } from '#platform/i18n/translate.ts'
import { webNodes } from '#platform/limits/web-nodes.ts'
import type { LocalMailbox } from '#platform/mail/local-mailbox.ts'
import { metricsType } from '#platform/metrics.ts'
import { addApi } from './api/http.ts'
import { commonContext } from './context.ts'
import { dropUndeclaredCookies, sentCookies, setCookies } from './cookies.ts'
import type { AppDeps } from './deps.ts'
import { formKeysOf, learnFormKeys } from './form-keys.ts'
import { addGate, isFile, watchProxies } from './gate.ts'
import { answerPages, pagesOf, type Whose } from './guards.ts'
import { protectiveHeaders } from './headers.ts'
import { declaredInputs, type Inputs, pathOf, readForms } from './inputs.ts'
import { lookFiles } from './look-files.ts'
import { countRequests, isAllowed, metrics } from './metrics.ts'
import { homeIn, homePage, mailboxListPage, mailboxMessagePage, unreadablePage } from './pages.tsx'
import { placeOf } from './place.ts'
import { shedLoad } from './pressure.ts'
import { problems, type SendProblem, setProblemHandlers } from './problems.ts'
import { readiness } from './readiness.ts'
import { tlsOptions } from './tls.ts'

/** How late the event loop may be, in milliseconds, before visitors are asked to come again. */
const longestDelay = 2000
/** How long a request may take to arrive, in milliseconds: its head, all of it, and how often that is looked at. Half a
 *  minute is enough for the largest form at four kilobytes a second. */
const arrival = { headersTimeout: 15_000, requestTimeout: 30_000, connectionsCheckingInterval: 5_000 }

type ServerOptions = {
  mailbox?: LocalMailbox | undefined
  requests?: ReturnType<typeof countRequests>
  /** False for the doctor, who asks for every page at once: whoever turns visitors away, under pressure or because they ask
   *  too much, would answer in the place of the pages. */
  forVisitors?: boolean
  /** Aborted when this process is ending. */
  stopping?: AbortSignal | undefined
}

/** The web server: every page of every tenant, behind the same checks. Knows no feature by name. */
export const createServer = async (
  deps: AppDeps,
  features: readonly Feature[],
  clientDir: string,
  { mailbox, requests = countRequests(), forVisitors = true, stopping }: ServerOptions = {},
) => {
  const { config } = deps
  const headers = protectiveHeaders(config)
  const app = Fastify({
    ...(config.tls ? { https: { ...tlsOptions(config.tls), ...arrival } } : { http: arrival }),
    bodyLimit: largestBody,
    trustProxy: config.trustedProxies.length > 0 ? config.trustedProxies : false,
    // Longer than any address Node takes, so that a long one is answered by a page of ours and not by the router.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 65_536 },
    rewriteUrl: (request) => readAddress(request.url ?? '/'),
    clientErrorHandler: answerUnreadable((kind) => unreadablePage(kind, deps.assets), headers),
    requestTimeout: arrival.requestTimeout,
    pluginTimeout: 0, // a busy machine may take its time; whoever waits for the start sees that
    // What the router refuses before anything else could.
    frameworkErrors: (_error: unknown, request: FastifyRequest, reply: FastifyReply) =>
      sendProblem(request, reply.headers(headers).header('cache-control', 'no-store'), 'malformed'),
    forceCloseConnections: true,
  } as FastifyServerOptions)
  const nameOf = callerNames(deps.clock, deps.random)
  const inputs = declaredInputs(features)
  const sendProblem = problems(deps, inputs)
  requests.watch(app)
  app.addHook('onRequest', async (_request, reply) => reply.raw.setHeaders(new Map(Object.entries(headers))))
  // After the headers, so that who is turned away gets them as well.
  if (forVisitors) shedLoad(app, longestDelay)
  addGate(app, { nameOf, isInPace: forVisitors ? dividedPace(app, deps) : anyPace }, sendProblem)
  if (forVisitors) watchProxies(app, deps.log.warn)
  // Phones with little data: no page holds a secret of somebody else that its length could tell.
  await app.register(compress, { encodings: ['br', 'gzip'], threshold: 1024, globalDecompression: false })
  readForms(app)
  await app.register(cookie)
  await app.register(fastifyStatic, {
    ...lookFiles.in(clientDir),
    prefix: lookFiles.prefix,
  })
  setProblemHandlers(app, deps, sendProblem)
  setLastHook(app, deps)
  addPages(app, deps, features, { inputs, sendProblem })
  await addApi(app, deps, features, logAccess(deps))
  addInstallation(app, deps, features, { sendProblem, mailbox, stopping })
  addMetrics(app, deps, metrics(deps, features, requests))
  return app
}

/** A pace that web servers divide among them. */
const dividedPace = (app: FastifyInstance, deps: AppDeps): Pace => {
  const nodes = webNodes(deps)
  app.addHook('onReady', nodes.join)
  app.addHook('onClose', nodes.leave)
  return keepPace(() => performance.now(), nodes.count)
}

const setLastHook = (app: FastifyInstance, deps: AppDeps): void => {
  app.addHook('onSend', async (request, reply, payload) => {
    // Every page is somebody's own; nothing but the files of the look may be kept by a cache.
    if (!isFile(request) || reply.statusCode >= 400) reply.header('cache-control', 'no-store')
    dropUndeclaredCookies(deps, request, reply)
    return payload
  })
}

/** What answering a page takes besides its handler. */
type Answering = { inputs: Inputs; sendProblem: SendProblem }

const addPages = (
  app: FastifyInstance,
  deps: AppDeps,
  features: readonly Feature[],
  { inputs, sendProblem }: Answering,
): void => {
  const answerPage = answerPages(features)
  const answer = (page: Whose<Page>, language: Language) => async (request: FastifyRequest, reply: FastifyReply) => {
    const { tenant: slug = '' } = request.params as Record<string, string>
    const running = deps.register.running.get(slug)
    if (!running) return sendProblem(request, reply, deps.register.quarantined.has(slug) ? 'closed' : 'notFound')
    if (!deps.inForce.has(slug)) return sendProblem(request, reply, 'starting')
    if (!running.tenant.languages.includes(language) || !page.isAt(running))
      return sendProblem(request, reply, 'notFound')
    const query = inputs.query(running, request)
    const sent = inputs.form(running, request)
    const form = firstOf(sent)
    let formKeys = formKeysOf(deps, slug)
    if (page.method === 'POST') {
      if (!isSameSite(request.headers, ownOrigins(deps.config.publicUrl, request)))
        return sendProblem(request, reply, 'notOurForm')
      const isOurs = () => isFormToken(formKeys, slug, form[tokenField])
      if (!isOurs()) formKeys = await learnFormKeys(deps, running)
      if (!isOurs()) return sendProblem(request, reply, 'notOurForm')
    }
    const context = {
      ...commonContext(deps, running, request, language),
      method: page.method,
      query: firstOf(query),
      form,
      all: (name: string) => (page.method === 'POST' ? sent : query)[name] ?? [],
      cookies: sentCookies(deps, running, request),
      formKeys,
      formToken: formToken(formKeys, slug),
      path: pathOf(request, query),
    }
    const response = await answerPage(page, context)
    if (response.kind === 'notFound') return sendProblem(request, reply, 'notFound')
    if (response.kind !== 'file') setCookies(deps, running, reply, response.cookies ?? {})
    return sendResponse(reply, response)
  }
  for (const language of languages) {
    for (const page of pagesOf(features)) {
      const url = base({ slug: ':tenant', language }) + page.route.path
      app.route({ method: page.method, url, handler: answer(page, language), onResponse: logAccess(deps) })
    }
  }
}

/** One line per page of a tenant: the fields that `web.delivery` declares, and the pattern of the path instead of a
 *  path that could hold a capability. */
const logAccess = (deps: AppDeps) => async (request: FastifyRequest, reply: FastifyReply) => {
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
  deps: AppDeps,
  features: readonly Feature[],
  { sendProblem, mailbox, stopping }: { sendProblem: SendProblem } & Pick<ServerOptions, 'mailbox' | 'stopping'>,
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
    return mail ? html(reply, mailboxMessagePage(deps, mail)) : sendProblem(request, reply, 'notFound')
  })
}

/** On the port of everybody, numbers are for whoever has the token; without one, there is no such page. */
const addMetrics = (app: FastifyInstance, deps: AppDeps, read: () => Promise<string>): void => {
  const { metricsToken } = deps.config
  if (metricsToken === null) return
  app.get('/metrics', async (request, reply) => {
    if (isAllowed(metricsToken, request.headers.authorization)) return reply.type(metricsType).send(await read())
    return reply.code(401).header('www-authenticate', 'Bearer').type('text/plain').send('token expected\n')
  })
}
