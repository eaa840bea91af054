import type { TenantTx } from '#platform/db/db.ts'
import { isOver, protect, type Shown, type Sum } from '#platform/small-cells.ts'
import { getActivity, type RunningTenant, remainsFor } from '#register/register.ts'
import { activityId } from '../scene.ts'
import { bookableOf } from '../tenant.ts'
import * as sql from './sql.ts'

/** How many appointments there were, as it may be seen: of the tenant, by site, and by what they were for (ids of services,
 *  separated by commas). `counting`: some of the month's visits are no number yet. `gone`: their time is over. */
export type Booked = { kind: 'known'; booked: Shown } | { kind: 'not-over' } | { kind: 'counting' } | { kind: 'gone' }

/** The numbers of a month as a sum. Every site and service that the tenant declares is in it, in the order of its file, so
 *  that neither tells anything by being there. */
const sumOf = (running: RunningTenant, rows: Awaited<ReturnType<typeof sql.listBookedIn>>): Sum => {
  const tenant = bookableOf(running)
  const counts = new Map(rows.map(({ siteId, serviceIds, visits }) => [`${siteId} ${serviceIds.join(',')}`, visits]))
  const sites = new Set([...tenant.sites.map(({ id }) => id), ...rows.map(({ siteId }) => siteId)])
  return add(
    tenant.slug,
    [...sites].map((site) => {
      const declared = tenant.services.filter(({ sites }) => sites === undefined || sites.includes(site))
      const booked = rows.filter(({ siteId }) => siteId === site).map(({ serviceIds }) => serviceIds.join(','))
      const concerns = new Set([...declared.map(({ id }) => id), ...booked])
      return add(
        site,
        [...concerns].map((key) => ({ key, count: counts.get(`${site} ${key}`) ?? 0, parts: [] })),
      )
    }),
  )
}

const add = (key: string, parts: Sum[]): Sum => ({
  key,
  count: parts.reduce((total, { count }) => total + count, 0),
  parts,
})

/** How many appointments were booked for a month, whatever became of them; the only way out for these numbers. */
export const bookedIn = async (
  tx: TenantTx,
  running: RunningTenant,
  month: Temporal.PlainYearMonth,
  now: Temporal.Instant,
): Promise<Booked> => {
  const { timeZone } = running.tenant
  if (!isOver(month, now.toZonedDateTimeISO(timeZone).toPlainDate())) return { kind: 'not-over' }
  const end = month.add({ months: 1 }).toPlainDate({ day: 1 }).toZonedDateTime(timeZone)
  const kept = end.add(Temporal.Duration.from(remainsFor(getActivity(running, activityId), 'count')))
  if (Temporal.Instant.compare(kept.toInstant(), now) <= 0) return { kind: 'gone' }
  if (await sql.isCounting(tx, end.toInstant())) return { kind: 'counting' }
  return { kind: 'known', booked: protect(sumOf(running, await sql.listBookedIn(tx, month))) }
}
