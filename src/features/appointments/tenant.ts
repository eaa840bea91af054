import { tenantAddition } from '#register/addition.ts'
import type { RunningTenant } from '#register/register.ts'
import { checkBookable } from './check.ts'
import { Channel, keys, type Tenant } from './tenant-schema.ts'

export type { Service, Site, Tenant } from './tenant-schema.ts'

/** The activity of the register under which appointments are booked. */
export const activityId = 'appointments.booking'

export const bookable = tenantAddition({
  activity: activityId,
  keys,
  cases: [{ key: 'channel', of: Channel.options }],
  check: checkBookable,
})

/** The tenant with all that it says of appointments.
 *  @throws for one without appointments, whom no page of this feature serves. */
export const bookableOf = (running: Pick<RunningTenant, 'tenant'>): Tenant => {
  const tenant = bookable.of(running)
  if (!tenant) throw new Error(`tenant ${running.tenant.slug} has no appointments`)
  return tenant
}
