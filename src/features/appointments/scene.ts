import type { Deps } from '#features/feature.ts'
import type { RunningTenant, Site } from '#register/register.ts'
import type { Service } from './appointment.ts'

/** The activity of the register under which appointments are booked. */
export const activityId = 'appointments.booking'

/** One tenant at one moment: what everything that happens to an appointment needs. */
export type Scene = { deps: Deps; running: RunningTenant; now: Temporal.Instant }

/** The one site of a tenant. */
export const siteOf = (running: RunningTenant): Site => running.tenant.sites[0] as Site

export const findService = (running: RunningTenant, id: string | undefined): Service | null =>
  running.tenant.services.find((service) => service.id === id) ?? null
