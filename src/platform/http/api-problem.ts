import { type ProblemKind, problemOf } from './problem.ts'

/** What went wrong with a request of a program, by its status. Names are for ever: programs go by them. */
export const apiProblemStatus = {
  malformed: 400,
  unauthorized: 401,
  foreignPage: 403,
  notFound: 404,
  taken: 409,
  notOffered: 409,
  enough: 409,
  tooLate: 409,
  movedOften: 409,
  gone: 410,
  tooLarge: 413,
  mediaType: 415,
  invalid: 422,
  tooMany: 429,
  fault: 500,
  outage: 503,
  closed: 503,
  unclear: 504,
} as const

export type ApiProblemKind = keyof typeof apiProblemStatus

/** What can be answered to any request, whatever it asks for; `unclear` only to one that changes something. */
export const everywhere: readonly ApiProblemKind[] = [
  ...(['malformed', 'foreignPage', 'notFound', 'tooLarge', 'mediaType'] as const),
  ...(['tooMany', 'fault', 'outage', 'closed'] as const),
]

/** The `type` of RFC 9457: the same on every installation, in every language. */
export const problemType = (kind: ApiProblemKind): string =>
  `urn:problem-type:anlaufstelle:${kind.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

/** The same problem as a program is told it. */
export const forPrograms = (kind: ProblemKind): ApiProblemKind => {
  switch (kind) {
    case 'notOurForm':
      return 'foreignPage'
    case 'starting':
      return 'outage'
    case 'addressTooLong':
    case 'headersTooLong':
    case 'tooSlow':
      return 'malformed'
    default:
      return kind
  }
}

/** Sorts a thrown error into what a program has to know of it. */
export const apiProblemOf = (error: unknown, method: string): ApiProblemKind => forPrograms(problemOf(error, method))

/** What is wrong with one part of a request: of its body (`pointer`, RFC 6901) or of its address (`parameter`). `code` is
 *  for programs and stays, `detail` for people. */
export type Fault = {
  pointer?: string | undefined
  parameter?: string | undefined
  code: string
  detail: string
}

/** Why a program gets no answer. `retryAfter`: seconds. */
export type Refusal = { problem: ApiProblemKind; errors?: readonly Fault[]; retryAfter?: number }
