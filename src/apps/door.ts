import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { promises as streams } from 'node:stream'
import { send as sendFile } from '@fastify/send'
import type { FastifyInstance } from 'fastify'
import type { Config } from '#platform/config.ts'
import { problemType } from '#platform/http/api-problem.ts'
import { isForPrograms, languageIn } from '#platform/http/routes.ts'
import { type Language, translator } from '#platform/i18n/translate.ts'
import { loadAssets } from '#platform/ui/assets.ts'
import { protectiveHeaders } from './headers.ts'
import { listen } from './listening.ts'
import { lookFiles } from './look-files.ts'
import { problemPage } from './pages.tsx'
import { tlsOptions } from './tls.ts'

/** The port, taken before anything else: who comes during the start is told so. */
export type Door = {
  /** Lets the server answer from here on, on the same socket: nobody is turned away in between. */
  handTo: (app: FastifyInstance) => Promise<void>
  close: () => void
}

const seconds = 5

type Answer = { status: number; type: string; body: string }

/** The words until the server can answer: with no register and no database, in the language of the address. */
const wordsWhileStarting = (clientDir: string): ((url: string) => Answer) => {
  const assets = loadAssets(clientDir)
  const pageIn = (language: Language): string => {
    const nothing = { place: null, running: undefined, sendAgain: undefined, contributed: [] }
    return problemPage({ kind: 'starting', language, assets, t: translator(language), ...nothing })
  }
  const problemIn = (language: Language): string =>
    JSON.stringify({ type: problemType('outage'), title: translator(language)('apps.api.problem.outage'), status: 503 })
  return (url) => {
    const path = url.split('?')[0]
    const language = languageIn(url)
    if (path === '/healthz') return { status: 200, type: 'text/plain', body: 'ok\n' }
    if (path === '/readyz') return { status: 503, type: 'text/plain', body: 'starting\n' }
    if (isForPrograms(url))
      return { status: 503, type: 'application/problem+json; charset=utf-8', body: problemIn(language) }
    return { status: 503, type: 'text/html; charset=utf-8', body: pageIn(language) }
  }
}

/** What everybody gets until the server can answer: the files of the look, and that it is about to. */
const answerWhileStarting = (config: Config, clientDir: string): RequestListener => {
  const wordsFor = wordsWhileStarting(clientDir)
  const headers = new Map(Object.entries(protectiveHeaders(config)))
  return async (request, response) => {
    const url = request.url ?? '/'
    response.setHeaders(headers)
    response.setHeader('connection', 'close') // or the next request on this connection would come here, too
    if (url.startsWith(lookFiles.prefix)) {
      const path = url.split('?')[0] ?? ''
      const file = await sendFile(request, path.slice(lookFiles.prefix.length - 1), lookFiles.in(clientDir))
      if (file.type === 'file') {
        response.writeHead(file.statusCode, file.headers)
        // Whoever hangs up in the middle has gone; there is nobody to tell.
        return streams.pipeline(file.stream, response).catch(() => {})
      }
    }
    const { status, type, body } = wordsFor(url)
    if (status === 503) response.setHeader('retry-after', seconds)
    const ofBody = { 'content-type': type, 'content-length': Buffer.byteLength(body), 'cache-control': 'no-store' }
    response.writeHead(status, ofBody).end(request.method === 'HEAD' ? undefined : body)
  }
}

/** Takes the port. @throws ConfigError when it is not to be had, naming the setting */
export const openDoor = async (config: Config, clientDir: string): Promise<Door> => {
  let answer = answerWhileStarting(config, clientDir)
  const hear: RequestListener = (request, response) => answer(request, response)
  const server = config.tls ? createTlsServer(tlsOptions(config.tls), hear) : createServer(hear)
  const { host, port } = config
  await listen(server, { host, port }, 'PORT')
  return {
    handTo: async (app) => {
      // Node listens on whatever has a `_handle`; its types know this of no options, and Fastify hands them on.
      const { _handle: handle } = server as unknown as { _handle: unknown }
      await app.listen({ host, port, handle } as { host: string; port: number })
      // Whoever had come to the door and says only now what they want: to close on them could lose what they send.
      answer = (request, response) => void app.routing(request, response)
    },
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
