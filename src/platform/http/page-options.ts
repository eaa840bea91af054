import type { Readable } from 'node:stream'
import type { z } from 'zod'
import type { Upload } from './multipart.ts'

/* What a page may declare beyond showing itself and taking a small form. The strict case is the default of each. */

/** Methods that change something: each needs the token of one of our forms. */
export type UnsafeMethod = 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** `HEAD` is answered wherever `GET` is, without what would follow. */
export type Method = 'GET' | UnsafeMethod

/** What a body may be. A body of another kind than its page declares is refused with 415 before it is read, a larger one
 *  with 413 as soon as that is known.
 *  `form`: fields of at most `largestBody` bytes in all, the default.
 *  `multipart`: fields, then files, which are never held as a whole. `bytes`: of the largest file; `types`: media types
 *  that a file may claim.
 *  `json`: at most `largestBody` bytes, read by the schema.
 *  `raw`: bytes of one of these media types, as they come. */
export type TakenBody =
  | 'form'
  | { multipart: { files: number; bytes: number; types: readonly string[] } }
  | { json: z.ZodType }
  | { raw: { bytes: number; types: readonly string[] } }

/** What a handler finds as `context.body`; fields are in `context.form`. */
export type BodyOf<T> = T extends { json: infer S extends z.ZodType }
  ? z.output<S>
  : T extends { multipart: unknown }
    ? AsyncIterable<Upload>
    : T extends { raw: unknown }
      ? Readable
      : undefined

/** What a browser may do on a page beyond the strict policy; compiled in `apps/headers.ts`. */
export type Needs = {
  /** Asks the person for the camera, the microphone. */
  camera?: true
  microphone?: true
  /** Starts workers of our own, whose addresses pass through the Trusted Types policy of this name. */
  workers?: string
  /** Shows images that a script has made. */
  blobImages?: true
  /** The answer is the script of a worker that runs WebAssembly. Nothing but such a script may say so. */
  wasmInWorker?: true
}

/** Who may keep an answer, and for how many seconds. Only a page for everybody may be kept by caches that serve several
 *  people (`public`). */
export type Cache = { scope: 'private' | 'public'; seconds: number; immutable?: true }

export type PageOptions = {
  body?: TakenBody | undefined
  needs?: Needs | undefined
  cache?: Cache | undefined
}
