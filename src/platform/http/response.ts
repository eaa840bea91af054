import type { Readable } from 'node:stream'
import type { RunEvents } from './events.ts'

/** What a handler answers: a value, so that a handler can be read and tested without a server. */
export type Response =
  | { kind: 'page'; status: number; html: string; cookies?: Cookies }
  | { kind: 'redirect'; location: string; cookies?: Cookies }
  | { kind: 'notFound' }
  | { kind: 'file'; status: number; contentType: string; body: string; filename?: string }
  /** Bytes as they come, never held as a whole. `length`: of all of them, where it is known. `filename`: to save it as; null
   *  shows it on our own address, which nothing may be that somebody sent us. */
  | ({ kind: 'stream'; contentType: string; content: Readable; length?: number; filename: string | null } & Open)
  /** Server-sent events. */
  | ({ kind: 'events'; run: RunEvents } & Open)

/** What is sent for a while. `session`: whose end it ends with; the guard says so. */
type Open = { session?: AbortSignal }

/** What the browser is told to remember, or (null) to forget. Each name has to be declared by the tenant; for how long it
 *  stays is in the register. */
export type Cookies = Readonly<Record<string, string | null>>

/** A cookie that its tenant does not declare was about to leave, and did not. */
export class UndeclaredCookieError extends Error {
  readonly names: readonly string[]

  constructor(names: readonly string[]) {
    super('an undeclared cookie was dropped')
    this.names = names
  }
}

/** The same page as for an address that does not exist. */
export const notFound: Response = { kind: 'notFound' }

export const redirect = (location: string): Response & { kind: 'redirect' } => ({ kind: 'redirect', location })

/** Something to keep or to read by machine. With a `filename` the browser offers to save it. */
export const file = (contentType: string, body: string, filename?: string): Response => ({
  kind: 'file',
  status: 200,
  contentType,
  body,
  ...(filename === undefined ? {} : { filename }),
})
