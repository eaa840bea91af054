import type { Deps } from '#features/feature.ts'
import type { RunningTenant } from '#register/register.ts'

/** The activity of the register under which appointments are booked. */
export const activityId = 'appointments.booking'

/** One tenant at one moment: what everything that happens to an appointment needs. */
export type Scene = { deps: Deps; running: RunningTenant; now: Temporal.Instant }
