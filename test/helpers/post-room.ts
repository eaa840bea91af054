import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { z } from 'zod'
import type { AccountOwner } from '#features/actor.ts'
import { action, form, get } from '#features/addresses.ts'
import type { Feature } from '#features/feature.ts'
import type { ServerEvent } from '#platform/http/events.ts'
import type { Needs } from '#platform/http/page-options.ts'
import { file, redirect } from '#platform/http/response.ts'
import { route } from '#platform/http/routes.ts'

/** Addresses of a feature that only tests have: it takes and gives what a page can declare to take and give. */
export const at = {
  letters: route('/post'),
  note: route('/post/notiz'),
  bytes: route('/post/bytes'),
  large: route('/post/gross'),
  news: route('/post/neues'),
  camera: route('/post/kamera'),
  scanner: route('/post/scanner.js'),
  seal: route('/post/siegel'),
  files: route('/post/akte'),
}

export const limits = { files: 2, bytes: 100_000, types: ['image/png', 'application/pdf'] }
export const rawBytes = 300_000

export const needsOfCamera: Needs = {
  camera: true,
  microphone: true,
  workers: 'scanner',
  blobImages: true,
}

const digest = async (content: Readable): Promise<string> => {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of content) {
    hash.update(chunk as Buffer)
    size += (chunk as Buffer).length
  }
  return `${size} ${hash.digest('hex')}`
}

export const sha = (bytes: Uint8Array): string => `${bytes.length} ${createHash('sha256').update(bytes).digest('hex')}`

const answerOf = (value: unknown) => file('application/json', JSON.stringify(value))

/** `faults`: what handlers met while they read. `send`: what the last listener to the news gets events by. */
export const postRoom = () => {
  const state = {
    faults: [] as string[],
    closed: 0,
    session: new AbortController(),
    /** Resolves when a handler that waits goes on. */
    later: Promise.resolve(),
    waiting: 0,
    send: null as ((event: ServerEvent) => void) | null,
    ended: 0,
  }
  const noting = async <T>(read: () => Promise<T>): Promise<T> => {
    try {
      return await read()
    } catch (error) {
      state.faults.push((error as Error).constructor.name)
      throw error
    }
  }
  const endless = () => {
    const content = new Readable({
      read() {
        this.push(Buffer.alloc(64 * 1024))
      },
    })
    content.once('close', () => state.closed++)
    return content
  }
  const broken = () =>
    Readable.from(
      (async function* () {
        yield Buffer.alloc(1000)
        throw new Error('the source broke')
      })(),
    )
  const feature: Feature = {
    name: 'post room',
    needs: [],
    inputs: ['betreff', 'datei', 'groesse', 'wer'],
    guards: {
      account: async (context, go) => {
        const owner: AccountOwner = { kind: 'account', accountId: 'erika', session: state.session.signal }
        return context.query.wer === 'erika' ? go(owner) : redirect('/')
      },
    },
    pages: [
      form(at.letters, {
        access: 'public',
        body: { multipart: limits },
        show: async () => file('text/plain', 'a form'),
        act: async ({ form: fields, body }) =>
          noting(async () => {
            const files = []
            for await (const { name, filename, contentType, content } of body)
              files.push({ name, filename, contentType, content: await digest(content) })
            return answerOf({ fields, files })
          }),
      }),
      ...(['PUT', 'PATCH', 'DELETE'] as const).map((method) =>
        action(method, at.note, {
          access: 'public',
          body: { json: z.strictObject({ text: z.string().max(100) }) },
          act: async ({ body }) => answerOf({ method, text: body.text }),
        }),
      ),
      action('POST', at.bytes, {
        access: 'public',
        body: { raw: { bytes: rawBytes, types: ['application/octet-stream'] } },
        act: async ({ body }) => noting(async () => answerOf(await digest(body))),
      }),
      get(at.large, {
        access: 'public',
        show: async ({ query }) => {
          const size = Number(query.groesse ?? 0)
          state.waiting++
          await state.later
          state.waiting--
          if (query.groesse === 'broken')
            return { kind: 'stream', contentType: 'application/zip', content: broken(), filename: null }
          return query.groesse === 'endless'
            ? { kind: 'stream', contentType: 'application/zip', content: endless(), filename: null }
            : {
                kind: 'stream',
                contentType: 'application/zip',
                content: Readable.from([Buffer.alloc(size)]),
                length: size,
                filename: query.betreff ?? 'gross.zip',
              }
        },
      }),
      get(at.news, {
        access: 'account',
        show: async () => ({
          kind: 'events',
          run: async (send, ended) => {
            state.send = send
            send({ name: 'neu', id: '7', data: 'eins\nzwei' })
            if (!ended.aborted) await new Promise((resolve) => ended.addEventListener('abort', resolve))
            state.ended++
          },
        }),
      }),
      get(at.camera, {
        access: 'public',
        needs: needsOfCamera,
        show: async ({ query }) => ({ kind: 'page', status: query.groesse ? 404 : 200, html: '<!doctype html>' }),
      }),
      get(at.scanner, {
        access: 'public',
        needs: { wasmInWorker: true },
        cache: { scope: 'public', seconds: 3600, immutable: true },
        show: async ({ query }) =>
          query.wer
            ? { ...redirect('/'), cookies: { wer: query.wer } }
            : file(query.groesse ? 'text/html' : 'text/javascript; charset=utf-8', ''),
      }),
      get(at.seal, {
        access: 'account',
        cache: { scope: 'private', seconds: 60 },
        show: async ({ query }) => (query.groesse ? redirect('/') : file('image/svg+xml', '<svg/>')),
      }),
      get(at.files, {
        access: 'account',
        show: async () => ({ kind: 'stream', contentType: 'application/zip', content: endless(), filename: null }),
      }),
    ].flat(),
  }
  return { feature, state }
}
