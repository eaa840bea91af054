import type { ApiContext } from '#features/feature.ts'
import type { ApiProblemKind, Refusal } from '#platform/http/api-problem.ts'
import type { Full } from '../booking/places.ts'
import { bookableOf } from '../tenant.ts'

/** What kept something from happening to a hold or an appointment, as programs are told. */
export const problemOf = {
  taken: 'taken',
  'not-offered': 'notOffered',
  'too-late': 'tooLate',
  'too-often': 'movedOften',
  cancelled: 'gone',
  gone: 'gone',
} as const satisfies Record<string, ApiProblemKind>

/** The caller has no place left, and when it is worth asking again: holds run out, everything else begins anew with the
 *  day. */
export const tooManyOf = ({ deps, running }: ApiContext, of: Full): Refusal => ({
  problem: 'tooMany',
  retryAfter:
    of === 'hold' ? bookableOf(running).booking.holdMinutes * 60 : deps.limits.secondsOfDay(running.tenant.id),
})
