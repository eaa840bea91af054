import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type AddressFault, faultOfAddress } from '#platform/http/address.ts'
import { largestBody } from '#platform/http/body.ts'
import { waitingLine } from '#platform/http/line.ts'
import type { Pace } from '#platform/http/pace.ts'
import { lookFiles } from './look-files.ts'

export const isRead = ({ method }: FastifyRequest): boolean => method === 'GET' || method === 'HEAD'

export const isFile = ({ url }: FastifyRequest): boolean => url.startsWith(lookFiles.prefix)

const watched: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics'])

/** What machines ask that watch over this one: as often as they like, whoever else asks from there, and also while visitors
 *  are turned away. `/healthz` costs nothing, `/readyz` looks at the database every other second at most, and `/metrics`,
 *  which costs queries, is for who has the token. */
export const isWatch = (request: FastifyRequest): boolean =>
  isRead(request) && watched.has(request.url.split('?')[0] ?? '')

/** How long somebody waits who asks much and is refused, in milliseconds: a script that asks again as soon as it is
 *  answered asks less often, and costs less. */
const wait = 1000

type Fault = AddressFault | 'mediaType' | 'tooLarge' | 'tooMany'

/** What is wrong with a request by its head alone, before anything of it is read. */
const faultOf = (request: FastifyRequest): Fault | null => {
  const { raw, headers, url, originalUrl } = request
  const fault = faultOfAddress({ raw: originalUrl, address: url, rawHeaders: raw.rawHeaders, host: headers.host })
  if (fault) return fault
  // Unpacked, a body could be a thousand times as large.
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') return 'mediaType'
  return Number(headers['content-length'] ?? 0) > (request.routeOptions.bodyLimit ?? largestBody) ? 'tooLarge' : null
}

/** How long a request may keep others who ask much waiting, in milliseconds: one that takes longer waits for something
 *  else than this program. */
const longestTurn = 2000

/** Tells once that a proxy stands in front which is not trusted: all visitors are one caller then, and share its limits.
 *  `tell` gets no address. */
export const watchProxies = (app: FastifyInstance, tell: (warning: string) => void): void => {
  let isTold = false
  app.addHook('onRequest', async ({ headers, ips = [] }) => {
    // Of a proxy that is trusted, the address before it is among `ips`.
    if (isTold || !headers['x-forwarded-for'] || ips.length > 1) return
    isTold = true
    tell(untrusted)
  })
}

const untrusted =
  'Warning: X-Forwarded-For comes from an address that is no TRUSTED_PROXY, and counts for nothing. If that is your proxy, all visitors share the limits of one connection: name it in TRUSTED_PROXY.'

/** Turns away, in front of everything else, who asks too often, and what no browser and no program of good will sends;
 *  and lets those who ask much wait for each other, so that a person beside them is answered as fast as ever. `refuse`
 *  answers. */
export const addGate = (
  app: FastifyInstance,
  { nameOf, isInPace }: { nameOf: (address: string | undefined) => string; isInPace: Pace },
  refuse: (request: FastifyRequest, reply: FastifyReply, kind: Fault) => FastifyReply,
): void => {
  app.addHook('onRequest', async (request, reply) => {
    const caller = nameOf(request.ip)
    const inPace = isWatch(request) || isInPace(caller, isFile(request) ? 'file' : isRead(request) ? 'read' : 'write')
    const fault = inPace ? faultOf(request) : 'tooMany'
    if (fault === null) return
    if (!inPace || !isInPace(caller, 'atOnce')) await sleep(wait)
    // What is still to come of a body is not waited for.
    if (!request.raw.complete) reply.header('connection', 'close')
    return refuse(request, reply, fault)
  })
  const line = waitingLine()
  app.addHook('preParsing', async (request, reply) => {
    if (isFile(request) || isWatch(request)) return
    const caller = nameOf(request.ip)
    const end = isInPace(caller, 'atOnce') ? line.serve() : await line.enter(caller)
    if (end === null) return void refuse(request, reply, 'tooMany')
    for (const event of ['finish', 'close']) reply.raw.once(event, end)
    setTimeout(end, longestTurn).unref()
  })
}
