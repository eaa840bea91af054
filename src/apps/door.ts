import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { FastifyInstance } from 'fastify'
import { type Config, ConfigError } from '#platform/config.ts'
import { problemType } from '#platform/http/api-problem.ts'
import { isForPrograms, languageIn } from '#platform/http/routes.ts'
import { translator } from '#platform/i18n/translate.ts'
import { loadAssets } from '#platform/ui/assets.ts'
import { contentSecurityPolicy } from './headers.ts'
import { problemPage } from './pages.tsx'
import { tlsOptions } from './tls.ts'

/** The port, taken before anything else: who comes during the start is told so. */
export type Door = {
  /** Lets the server answer from here on, on the same socket: nobody is turned away in between. */
  handTo: (app: FastifyInstance) => Promise<void>
  close: () => void
}

/** What cannot be listened to because of a setting, in words. */
const inWords = ({ host, port }: Config, { code }: NodeJS.ErrnoException): string | undefined =>
  ({
    EADDRINUSE: `PORT: ${port} is in use by another program. Choose another: PORT=${port + 1} npm start`,
    EACCES: `PORT: this account may not listen at ${port}. Choose one from 1024 on: PORT=3000 npm start`,
    EADDRNOTAVAIL: `HOST: ${host} is no address of this machine`,
    ENOTFOUND: `HOST: ${host} is no address of this machine`,
  })[code ?? '']

const seconds = 5

/** What everybody gets until the server can answer: with no register and no database, in the language of the address. */
const answerWhileStarting = (clientDir: string): RequestListener => {
  const assets = loadAssets(clientDir)
  const pageIn = (url: string): string => {
    const language = languageIn(url)
    const t = translator(language)
    const nothing = { place: null, running: undefined, sendAgain: undefined }
    return problemPage({ kind: 'starting', language, assets, t, ...nothing })
  }
  const problemIn = (url: string): string =>
    JSON.stringify({
      type: problemType('outage'),
      title: translator(languageIn(url))('api.problem.outage'),
      status: 503,
    })
  return (request, response) => {
    const url = request.url ?? '/'
    const path = url.split('?')[0]
    const send = (status: number, type: string, body: string): void => {
      if (status === 503) response.setHeader('retry-after', seconds)
      response.writeHead(status, {
        'content-type': type,
        'content-length': Buffer.byteLength(body),
        'cache-control': 'no-store',
        'content-security-policy': contentSecurityPolicy,
        'x-content-type-options': 'nosniff',
        connection: 'close', // or the next request on this connection would come here, too
      })
      response.end(request.method === 'HEAD' ? undefined : body)
    }
    if (path === '/healthz') send(200, 'text/plain', 'ok\n')
    else if (path === '/readyz') send(503, 'text/plain', 'starting\n')
    else if (isForPrograms(url)) send(503, 'application/problem+json; charset=utf-8', problemIn(url))
    else send(503, 'text/html; charset=utf-8', pageIn(url))
  }
}

/** Takes the port. @throws ConfigError when it is not to be had, naming the setting */
export const openDoor = async (config: Config, clientDir: string): Promise<Door> => {
  const answer = answerWhileStarting(clientDir)
  const server = config.tls ? createTlsServer(tlsOptions(config.tls), answer) : createServer(answer)
  const { host, port } = config
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const words = inWords(config, error)
      reject(words === undefined ? error : new ConfigError(words))
    })
    server.listen({ host, port }, resolve)
  })
  return {
    handTo: async (app) => {
      // Node listens on whatever has a `_handle`; its types know this of no options, and Fastify hands them on.
      const { _handle: handle } = server as unknown as { _handle: unknown }
      await app.listen({ host, port, handle } as { host: string; port: number })
      server.closeIdleConnections()
    },
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
