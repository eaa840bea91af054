import type { Deps } from '#features/feature.ts'
import { getActivity, type RunningTenant } from '#register/register.ts'

/** The activity of the register under which appointments are booked. */
export const activityId = 'appointments.booking'

/** One tenant at one moment: what everything that happens to an appointment needs. */
export type Scene = { deps: Deps; running: RunningTenant; now: Temporal.Instant }

/** How a person ends the storing of a booking: by withdrawing the consent it rests on, or, where it rests on none, by
 *  having it erased. */
export type Ending = 'withdraw' | 'erase'
export const endingOf = (running: RunningTenant): Ending =>
  getActivity(running, activityId).consent ? 'withdraw' : 'erase'
