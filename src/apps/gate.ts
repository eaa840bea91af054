import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type AddressFault, faultOfAddress } from '#platform/http/address.ts'
import { largestBody } from '#platform/http/body.ts'
import type { Pace } from '#platform/http/pace.ts'

export const isRead = ({ method }: FastifyRequest): boolean => method === 'GET' || method === 'HEAD'

export const isFile = ({ url }: FastifyRequest): boolean => url.startsWith('/assets/')

/** How long somebody over their pace waits for being told so, in milliseconds: a script that asks again as soon as it is
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
  return Number(headers['content-length'] ?? 0) > largestBody ? 'tooLarge' : null
}

/** Turns away, in front of everything else, who asks too often, and what no browser and no program of good will sends.
 *  `refuse` answers. */
export const addGate = (
  app: FastifyInstance,
  { nameOf, isInPace }: { nameOf: (address: string | undefined) => string; isInPace: Pace },
  refuse: (request: FastifyRequest, reply: FastifyReply, kind: Fault) => FastifyReply,
): void => {
  app.addHook('onRequest', async (request, reply) => {
    const inPace = isInPace(nameOf(request.ip), isFile(request) ? 'file' : isRead(request) ? 'read' : 'write')
    if (!inPace) await sleep(wait)
    const fault = inPace ? faultOf(request) : 'tooMany'
    if (fault === null) return
    // What is still to come of a body is not waited for.
    if (!request.raw.complete) reply.header('connection', 'close')
    return refuse(request, reply, fault)
  })
}
