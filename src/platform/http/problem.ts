/** What went wrong with a request as a whole, by the page that explains it. */
export type ProblemKind =
  | 'notFound'
  | 'notOurForm'
  | 'tooLarge'
  | 'tooMany'
  | 'closed'
  | 'starting'
  | 'outage'
  | 'fault'

export const problemStatus: Record<ProblemKind, number> = {
  notFound: 404,
  notOurForm: 403,
  tooLarge: 413,
  tooMany: 429,
  closed: 503,
  starting: 503,
  outage: 503,
  fault: 500,
}

// Connection refused or gone, server shutting down or starting, pool exhausted: all pass by themselves.
const outageCodes =
  /^(ECONNREFUSED|ECONNRESET|ENOENT|EPIPE|ETIMEDOUT|57P0[123]|57014|53300|08.*|25P03|FST_UNDER_PRESSURE)$/
const outageWords =
  /timeout exceeded when trying to connect|Connection terminated|server closed the connection|not queryable|Client was closed/

/** Sorts a thrown error into what the person has to know of it. */
export const problemOf = (error: unknown): ProblemKind => {
  if (!(error instanceof Error)) return 'fault'
  const code = 'code' in error ? String(error.code) : ''
  const status = 'statusCode' in error ? Number(error.statusCode) : 0
  if (outageCodes.test(code) || outageWords.test(error.message)) return 'outage'
  if (error.cause instanceof Error) return problemOf(error.cause)
  if (status === 413) return 'tooLarge'
  if (status === 429) return 'tooMany'
  if (status === 415) return 'notOurForm'
  if (status === 404 || status === 405 || status === 400) return 'notFound'
  return 'fault'
}
