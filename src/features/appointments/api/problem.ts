import type { ApiProblemKind } from '#platform/http/api-problem.ts'

/** What kept something from happening to a hold or an appointment, as programs are told. */
export const problemOf = {
  taken: 'taken',
  'not-offered': 'notOffered',
  'too-late': 'tooLate',
  cancelled: 'gone',
  gone: 'gone',
} as const satisfies Record<string, ApiProblemKind>
