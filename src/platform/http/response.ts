/** What a handler answers: a value, so that a handler can be read and tested without a server. */
export type Response =
  | { kind: 'page'; status: number; html: string; headers?: Record<string, string> }
  | { kind: 'redirect'; location: string }
  | { kind: 'notFound' }
  | { kind: 'file'; status: number; contentType: string; body: string; filename?: string }

export const redirect = (location: string): Response => ({ kind: 'redirect', location })

/** There is no such page: the same answer as for an address that no route knows. */
export const notFound: Response = { kind: 'notFound' }

/** Something to keep or to read by machine. With a `filename` the browser offers to save it. */
export const file = (contentType: string, body: string, filename?: string): Response => ({
  kind: 'file',
  status: 200,
  contentType,
  body,
  ...(filename === undefined ? {} : { filename }),
})
