import type { IncomingMessage } from 'node:http'
import { PassThrough, type Readable } from 'node:stream'
import { Busboy, type BusboyConfig, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy'
import { CutError, largestBody, MediaTypeError, mostFields, type Sent, ShapeError, TooMuchError } from './body.ts'

/** A file as it arrives. What the browser says of it (`filename`, `contentType`) is anybody's word. `content` is to be read
 *  before the next file is asked for, or is dropped then; it fails when the file is larger than allowed or the connection breaks. */
export type Upload = { name: string; filename: string; contentType: string; content: Readable }

/** Fields of a multipart form, and then its files, one after the other. `stop` lets go of what has not come yet. */
export type Multipart = { fields: Sent; files: AsyncIterable<Upload>; stop: () => void }

/** `bytes`: of the largest file. `types`: media types that a file may claim. `names`: what fields and files may be called. */
type Limits = { files: number; bytes: number; types: readonly string[]; names: ReadonlySet<string> }

/** Bytes that the headers of one part may have. */
const largestHead = 4096

/** Longest name of a file, in characters; of a longer one the beginning. */
const longestName = 255

/** @throws ShapeError where the request does not say how its parts are told apart */
const parserOf = (config: BusboyConfig): BusboyInstance => {
  try {
    return new Busboy(config)
  } catch {
    throw new ShapeError('no multipart form')
  }
}

/** Reads a multipart form up to its first file; a part between that is neither field nor file counts with its bytes. Fields come first: so the token of a form is known before any file is read.
 *  No file is ever held as a whole: what nobody reads is not taken from the connection.
 *  @throws TooMuchError, ShapeError, MediaTypeError, CutError; later `files` and the content of a file do */
export const readMultipart = async (
  request: IncomingMessage,
  { files, bytes, types, names }: Limits,
): Promise<Multipart> => {
  const fields: Record<string, string[]> = Object.create(null)
  const waiting: Upload[] = []
  const open = new Set<Readable>()
  const state = { failure: null as Error | null, isOver: false, hasFile: false, size: 0, all: 0, wake: () => {} }
  const parser = parserOf({
    headers: request.headers as BusboyHeaders,
    limits: {
      files,
      fields: mostFields,
      parts: files + mostFields,
      fieldSize: largestBody,
      fileSize: bytes,
      headerPairs: 10,
      headerSize: largestHead,
    },
  })
  const fail = (error: Error): void => {
    if (state.failure || state.isOver) return
    state.failure = error
    request.unpipe(parser).resume() // what still comes is taken from the connection and dropped
    for (const content of open) content.destroy(error)
    state.wake()
  }
  const stop = (): void => fail(new CutError('nobody reads on'))
  request.on('data', (chunk: Buffer) => {
    state.all += chunk.length
    if (state.all > files * bytes + largestBody) fail(new TooMuchError('more bytes than any form has'))
  })
  parser.on('field', (name: string | undefined, value, _nameTruncated, isTruncated) => {
    if (name === undefined) return fail(new ShapeError('a part without a name'))
    state.size += Buffer.byteLength(value) + Buffer.byteLength(name)
    if (isTruncated || state.size > largestBody) return fail(new TooMuchError('more than any form has'))
    if (state.hasFile) return fail(new ShapeError('a field after a file'))
    if (names.has(name)) fields[name] = [...(fields[name] ?? []), value]
  })
  parser.on('file', (name: string | undefined, source, filename, _encoding, contentType) => {
    state.hasFile = true
    const content = new PassThrough()
    content.on('error', () => {}) // told to who reads it
    content.once('close', () => {
      open.delete(content)
      source.unpipe(content).resume()
    })
    source.once('limit', () => fail(new TooMuchError('a file larger than allowed')))
    source.on('error', () => fail(new CutError('the form ended too early')))
    source.pipe(content)
    if (state.failure) return void content.destroy(state.failure)
    open.add(content)
    if (name === undefined || !names.has(name)) return fail(new ShapeError('a file that no form has'))
    if (!types.includes(contentType)) return fail(new MediaTypeError('a file of another kind'))
    waiting.push({ name, filename: (filename ?? '').slice(0, longestName), contentType, content })
    state.wake()
  })
  parser.once('filesLimit', () => fail(new TooMuchError('more files than allowed')))
  parser.once('fieldsLimit', () => fail(new TooMuchError('more fields than any form has')))
  parser.once('partsLimit', () => fail(new TooMuchError('more parts than any form has')))
  parser.on('error', () => fail(new ShapeError('no multipart form')))
  parser.once('finish', () => {
    state.isOver = true
    state.wake()
  })
  request.once('close', () => {
    if (!request.complete) fail(new CutError('the connection broke'))
  })
  request.pipe(parser)

  /** The next file; null after the last. */
  const next = async (): Promise<Upload | null> => {
    for (;;) {
      if (state.failure) throw state.failure
      const upload = waiting.shift()
      if (upload) return upload
      if (state.isOver) return null
      await new Promise<void>((resolve) => {
        state.wake = resolve
      })
    }
  }
  const following = async function* (first: Upload | null): AsyncGenerator<Upload> {
    for (let upload = first; upload; upload = await next()) {
      yield upload
      upload.content.resume() // what nobody wanted of it
    }
  }
  const first = await next()
  return { fields, files: following(first), stop }
}
