import compress from '@fastify/compress'
import cookie from '@fastify/cookie'
import fastifyStatic from '@fastify/static'
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from 'fastify'
import type { Feature } from '#features/feature.ts'
import { readAddress } from '#platform/http/address.ts'
import { arrival, watchArrival } from '#platform/http/arrival.ts'
import { largestBody } from '#platform/http/body.ts'
import { callerNames } from '#platform/http/caller.ts'
import { type OpenStreams, openStreams } from '#platform/http/open-streams.ts'
import { anyPace, keepPace, type Pace } from '#platform/http/pace.ts'
import type { Cache } from '#platform/http/page-options.ts'
import { answerUnreadable } from '#platform/http/unreadable.ts'
import { webNodes } from '#platform/limits/web-nodes.ts'
import type { LocalMailbox } from '#platform/mail/local-mailbox.ts'
import { logAccess } from './access-line.ts'
import { addApi } from './api/http.ts'
import { dropUndeclaredCookies } from './cookies.ts'
import type { AppDeps } from './deps.ts'
import { addGate, isFile, watchProxies } from './gate.ts'
import { cacheControl, protectiveHeaders } from './headers.ts'
import { declaredInputs } from './inputs.ts'
import { addInstallation, addMetrics } from './installation.ts'
import { lookFiles } from './look-files.ts'
import { countRequests, metrics } from './metrics.ts'
import { addPages } from './page-requests.ts'
import { unreadablePage } from './pages.tsx'
import { shedLoad } from './pressure.ts'
import { problems, setProblemHandlers } from './problems.ts'
import { addBodies } from './taken-body.ts'
import { tlsOptions } from './tls.ts'

/** How late the event loop may be, in milliseconds, before visitors are asked to come again. */
const longestDelay = 2000
/** Node's names for `arrival`; it knows no time of a request's body alone, `watchArrival` does. */
const inTime = {
  headersTimeout: arrival.head,
  requestTimeout: arrival.longest,
  connectionsCheckingInterval: arrival.look,
}

type ServerOptions = {
  mailbox?: LocalMailbox | undefined
  requests?: ReturnType<typeof countRequests>
  streams?: OpenStreams
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
  { mailbox, requests = countRequests(), streams = openStreams(), forVisitors = true, stopping }: ServerOptions = {},
) => {
  const { config } = deps
  const headers = protectiveHeaders(config)
  const app = Fastify({
    ...(config.tls ? { https: { ...tlsOptions(config.tls), ...inTime } } : { http: inTime }),
    bodyLimit: largestBody,
    trustProxy: config.trustedProxies.length > 0 ? config.trustedProxies : false,
    // Longer than any address Node takes, so that a long one is answered by a page of ours and not by the router.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 65_536 },
    rewriteUrl: (request) => readAddress(request.url ?? '/'),
    clientErrorHandler: answerUnreadable((kind) => unreadablePage(kind, deps.assets), headers),
    requestTimeout: arrival.longest,
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
  app.addHook('onRequest', async ({ raw, routeOptions }, reply) => {
    const tooSlow = Object.assign(new Error('a body that does not come'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
    const isLarge = (routeOptions.bodyLimit ?? largestBody) > largestBody
    watchArrival(raw, { isLarge }, () => {
      // Into an answer that has begun no other one is written.
      if (reply.raw.headersSent) raw.socket.destroy()
      else app.server.emit('clientError', tooSlow, raw.socket)
    })
  })
  app.addHook('onRequest', async (_request, reply) => reply.raw.setHeaders(new Map(Object.entries(headers))))
  // After the headers, so that who is turned away gets them as well.
  if (forVisitors) shedLoad(app, longestDelay)
  addGate(app, { nameOf, isInPace: forVisitors ? dividedPace(app, deps) : anyPace }, sendProblem)
  if (forVisitors) watchProxies(app, deps.log.warn)
  // Phones with little data: no page holds a secret of somebody else that its length could tell.
  await app.register(compress, { encodings: ['br', 'gzip'], threshold: 1024, globalDecompression: false })
  addBodies(app, 'form')
  await app.register(cookie)
  await app.register(fastifyStatic, {
    ...lookFiles.in(clientDir),
    prefix: lookFiles.prefix,
  })
  setProblemHandlers(app, deps, sendProblem)
  setLastHook(app, deps)
  await addPages(app, deps, features, { inputs, sendProblem, nameOf, forVisitors, stopping, streams })
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
    // Every page is somebody's own; nothing may be kept but the files of the look, and a page that declares it.
    const { cache } = request.routeOptions.config as { cache?: Cache }
    if (cache && reply.statusCode === 200) reply.header('cache-control', cacheControl(cache))
    else if (!isFile(request) || reply.statusCode >= 400) reply.header('cache-control', 'no-store')
    dropUndeclaredCookies(deps, request, reply)
    return payload
  })
}
