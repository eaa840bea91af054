import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Page } from '#features/feature.ts'
import {
  boundJson,
  largestBody,
  MediaTypeError,
  parseForm,
  pick,
  type Sent,
  ShapeError,
  upTo,
} from '#platform/http/body.ts'
import { readMultipart } from '#platform/http/multipart.ts'
import type { TakenBody } from '#platform/http/page-options.ts'

/* What is read of a request's body: what its page declares, and nothing else. */

type Kind = 'form' | 'multipart' | 'json' | 'raw'

export const bodyOf = ({ body = 'form' }: Pick<Page, 'body'>): TakenBody => body

export const kindOfBody = (body: TakenBody): Kind => {
  if (body === 'form') return body
  if ('json' in body) return 'json'
  return 'multipart' in body ? 'multipart' : 'raw'
}

/** Bytes of the largest body that is taken. */
export const mostBytes = (body: TakenBody): number => {
  if (body === 'form' || 'json' in body) return largestBody
  return 'raw' in body ? body.raw.bytes : body.multipart.files * body.multipart.bytes + largestBody
}

/** Reads JSON of no more depth and keys than any of ours has; refuses `__proto__` and its like instead of dropping them. */
export const readJson = (scope: FastifyInstance): void => {
  scope.removeAllContentTypeParsers()
  const json = scope.getDefaultJsonParser('error', 'error')
  scope.addContentTypeParser(
    'application/json',
    { parseAs: 'string', bodyLimit: largestBody },
    (request, body, done) => {
      try {
        boundJson(String(body))
      } catch (error) {
        return done(error as Error)
      }
      return json(request, String(body), done)
    },
  )
}

/** Bytes that are still taken from a sender whose request is refused already, so that it gets to read why. Of more than
 *  that the connection is closed. */
const mostInVain = 1024 * 1024

/** Leaves the bytes where they are, for whoever reads them as they come. */
const leave = (scope: FastifyInstance, type: string): void => {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser(type, (_request, payload, done) => done(null, payload))
  scope.addHook('onSend', async ({ raw }, reply) => {
    const length = Number(raw.headers['content-length'] ?? Number.POSITIVE_INFINITY)
    if (!raw.complete && length > mostInVain) reply.header('connection', 'close')
  })
}

/** Reads a form of ours (`application/x-www-form-urlencoded`). */
const readForm = (scope: FastifyInstance): void => {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: largestBody },
    async (_request: FastifyRequest, body: string) => parseForm(body),
  )
}

const readers: Record<Kind, (scope: FastifyInstance) => void> = {
  form: readForm,
  json: readJson,
  multipart: (scope) => leave(scope, 'multipart/form-data'),
  raw: (scope) => leave(scope, '*'),
}

/** Has a scope of the server read bodies of one kind; any other is answered with 415 there. */
export const addBodies = (scope: FastifyInstance, kind: Kind): void => readers[kind](scope)

const nothing = () => {}

const mediaTypeOf = ({ headers }: FastifyRequest): string =>
  (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''

type Taken = { sent: Record<string, string[]>; body: unknown; stop: () => unknown }

/** What a request brings: fields under these names (`sent`), and what the handler gets as `body`. `stop` lets go of what
 *  nobody has read. @throws TooMuchError, ShapeError, MediaTypeError, CutError */
export const takeBody = async (
  taken: TakenBody,
  request: FastifyRequest,
  names: ReadonlySet<string>,
): Promise<Taken> => {
  if (request.method === 'GET' || request.method === 'HEAD') return { sent: {}, body: undefined, stop: nothing }
  if (taken === 'form') return { sent: pick((request.body ?? {}) as Sent, names), body: undefined, stop: nothing }
  if ('json' in taken) {
    const read = taken.json.safeParse(request.body)
    if (!read.success) throw new ShapeError('JSON that its page does not know')
    return { sent: {}, body: read.data, stop: nothing }
  }
  if ('raw' in taken) {
    if (!taken.raw.types.includes(mediaTypeOf(request))) throw new MediaTypeError('bytes of another kind')
    const body = upTo(request.raw, taken.raw.bytes)
    return { sent: {}, body, stop: () => body.destroy() }
  }
  if (mediaTypeOf(request) !== 'multipart/form-data') throw new MediaTypeError('no multipart form')
  const { fields, files, stop } = await readMultipart(request.raw, { ...taken.multipart, names })
  return { sent: pick(fields, names), body: files, stop }
}
