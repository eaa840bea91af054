import type { OutgoingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import { create } from 'content-disposition'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Page } from '#features/feature.ts'
import { sendEvents } from '#platform/http/events.ts'
import type { OpenStreams } from '#platform/http/open-streams.ts'
import { cutStalled, whenOver } from '#platform/http/outflow.ts'
import type { Response } from '#platform/http/response.ts'
import type { RunningTenant } from '#register/register.ts'
import { setCookies } from './cookies.ts'
import type { AppDeps } from './deps.ts'
import { pageHeaders } from './headers.ts'
import type { SendProblem } from './problems.ts'

/* From what a handler answers to what goes over the line. */

type Told = Exclude<Response, { kind: 'notFound' }>

export type SendResponse = (
  page: Page,
  running: RunningTenant,
  request: FastifyRequest,
  reply: FastifyReply,
  response: Told,
) => Promise<FastifyReply>

/** `forVisitors`: false for the doctor, for whom streams are empty: some have no end. */
export type Around = {
  sendProblem: SendProblem
  nameOf: (address: string | undefined) => string
  forVisitors: boolean
  stopping: AbortSignal | undefined
  streams: OpenStreams
}

const sendFile = (
  reply: FastifyReply,
  { contentType, filename }: { contentType: string; filename?: string | null },
) => {
  if (filename) reply.header('content-disposition', create(filename))
  return reply.type(contentType)
}

/** How every answer of a page leaves. Streams are counted, for each caller and in all. */
export const sendResponses = (deps: AppDeps, around: Around): SendResponse => {
  const headersOf = pageHeaders(deps.config)
  const { sendProblem, nameOf, forVisitors, stopping, streams } = around
  const sendOpen = (
    request: FastifyRequest,
    reply: FastifyReply,
    response: Extract<Told, { kind: 'stream' | 'events' }>,
  ): FastifyReply => {
    const isStream = response.kind === 'stream'
    if (reply.raw.closed || (isStream && response.session?.aborted)) {
      if (isStream) response.content.destroy()
      reply.raw.destroy()
      return reply.hijack()
    }
    if (isStream && response.length !== undefined) reply.header('content-length', response.length)
    sendFile(reply, isStream ? response : { contentType: 'text/event-stream; charset=utf-8' })
    if (request.method === 'HEAD' || (isStream && !forVisitors)) {
      if (isStream) response.content.destroy()
      if (request.method !== 'HEAD') reply.removeHeader('content-length')
      return reply.send(Readable.from([])) // anything but a stream would have a length of its own
    }
    const place = streams.take(nameOf(request.ip))
    if (place === null) {
      if (isStream) response.content.destroy()
      reply.removeHeader('content-length').removeHeader('content-disposition')
      return sendProblem(request, reply, 'tooMany')
    }
    whenOver(reply.raw, place)
    const where = `${request.method} ${request.routeOptions.url ?? 'unknown page'}`
    if (isStream) {
      const { content, session } = response
      content.once('error', (error) => {
        // Who leaves breaks off what they were reading.
        if (!reply.raw.destroyed) deps.log.fault(where, error)
      })
      const cut = () => reply.raw.destroy()
      session?.addEventListener('abort', cut)
      whenOver(reply.raw, () => {
        session?.removeEventListener('abort', cut)
        content.destroy()
      })
      cutStalled(reply.raw)
      return reply.send(content)
    }
    // Hooks of the server do not run from here on: what they would do is done by hand.
    reply.header('cache-control', 'no-store').hijack()
    const ends = [...(stopping ? [stopping] : []), ...(response.session ? [response.session] : [])]
    sendEvents(
      reply.raw,
      reply.getHeaders() as OutgoingHttpHeaders,
      response.run,
      forVisitors ? ends : [AbortSignal.abort()],
    ).catch((error) => deps.log.fault(where, error))
    return reply
  }
  return async (page, running, request, reply, response) => {
    reply.headers(headersOf(page, response))
    if (page.cache?.scope === 'public' && 'cookies' in response)
      throw new Error('what caches keep for everybody sets a cookie')
    switch (response.kind) {
      case 'page':
        setCookies(deps, running, reply, response.cookies ?? {})
        return reply.code(response.status).type('text/html; charset=utf-8').send(response.html)
      case 'redirect':
        setCookies(deps, running, reply, response.cookies ?? {})
        return reply.redirect(response.location, 303)
      case 'file':
        return sendFile(reply.code(response.status), response).send(response.body)
      case 'stream':
      case 'events':
        return sendOpen(request, reply, response)
      default:
        return response satisfies never
    }
  }
}
