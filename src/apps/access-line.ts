import type { FastifyReply, FastifyRequest } from 'fastify'
import { describeAgent, shortenAddress } from '#platform/http/caller.ts'
import type { AppDeps } from './deps.ts'
import { placeOf } from './place.ts'

/** One line per page of a tenant: the fields that `web.delivery` declares, and the pattern of the path instead of a
 *  path that could hold a capability. */
export const logAccess = (deps: AppDeps) => async (request: FastifyRequest, reply: FastifyReply) => {
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
