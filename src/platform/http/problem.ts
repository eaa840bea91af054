/** What went wrong with a request as a whole, by the page that explains it. */
export type ProblemKind =
  | 'malformed'
  | 'notOurForm'
  | 'notFound'
  | 'tooSlow'
  | 'tooLarge'
  | 'addressTooLong'
  | 'mediaType'
  | 'tooMany'
  | 'headersTooLong'
  | 'closed'
  | 'starting'
  | 'outage'
  | 'unclear'
  | 'fault'

/** 503 means that surely nothing was done: a proxy may send the same request to another server then. */
export const problemStatus: Record<ProblemKind, number> = {
  malformed: 400,
  notOurForm: 403,
  notFound: 404,
  tooSlow: 408,
  tooLarge: 413,
  addressTooLong: 414,
  mediaType: 415,
  tooMany: 429,
  headersTooLong: 431,
  closed: 503,
  starting: 503,
  outage: 503,
  unclear: 504,
  fault: 500,
}

// Connection refused or gone, server shutting down or starting, pool exhausted: all pass by themselves.
const outageCodes = /^(ECONNREFUSED|ECONNRESET|ENOENT|EPIPE|ETIMEDOUT|57P0[123]|57014|53300|08.*|25P03)$/
const outageWords =
  /timeout exceeded when trying to connect|Connection terminated|server closed the connection|not queryable|Client was closed/

const isSafe = (method: string): boolean => method === 'GET' || method === 'HEAD'

/** Sorts a thrown error into what the person has to know of it. A connection may break when the database has been told to
 *  commit: after an outage nobody knows whether a request that changes something was done, unless it was turned away. */
export const problemOf = (error: unknown, method: string): ProblemKind => {
  if (!(error instanceof Error)) return 'fault'
  const code = 'code' in error ? String(error.code) : ''
  const status = 'statusCode' in error ? Number(error.statusCode) : 0
  if (code === 'FST_UNDER_PRESSURE') return 'outage'
  if (outageCodes.test(code) || outageWords.test(error.message)) return isSafe(method) ? 'outage' : 'unclear'
  if (error.cause instanceof Error) return problemOf(error.cause, method)
  if (status === 413) return 'tooLarge'
  if (status === 429) return 'tooMany'
  if (status === 415) return 'mediaType'
  if (status === 400) return 'malformed'
  return status >= 400 && status < 500 ? 'notFound' : 'fault'
}
