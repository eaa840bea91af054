import type { Deps, Feature } from '#features/feature.ts'
import type { Sweep } from '#features/work.ts'
import { getActivity, type RunningTenant } from '#register/register.ts'
import { endOf } from '#vault/index.ts'

/** How long access lines may stay: the periods that `web.delivery` declares. */
const periodsOf = (running: RunningTenant): string[] =>
  getActivity(running, 'web.delivery')
    .retention.filter((rule) => rule.trigger === 'request.received')
    .map((rule) => rule.period)

/** Erases access lines when the register says so: as many days as `web.delivery` declares, to the line. */
const eraseOldLines: Sweep<Deps>['run'] = async (deps, running, now) => {
  for (const period of periodsOf(running)) {
    const before = now.toZonedDateTimeISO(running.tenant.timeZone).subtract(Temporal.Duration.from(period)).toInstant()
    deps.log.eraseAccessBefore(running.tenant.slug, before)
  }
}

/** When the oldest line should have gone, if that is past. */
const oldLinesSince: Sweep<Deps>['overdueSince'] = (deps, running) => {
  const oldest = deps.log.oldestAccess().get(running.tenant.slug)
  if (!oldest) return null
  const ends = periodsOf(running).map((period) => endOf(oldest, period, running.tenant.timeZone))
  const [first] = ends.sort(Temporal.Instant.compare)
  return first && Temporal.Instant.compare(first, deps.clock()) <= 0 ? first : null
}

/** The server writes the lines (src/platform/log.ts); here they end. */
export const accessLog: Feature = {
  name: 'access-log',
  needs: [
    {
      activity: 'web.delivery',
      fields: [
        { id: 'fullAddress', store: 'memory' },
        { id: 'time', store: 'log' },
        { id: 'page', store: 'log' },
        { id: 'status', store: 'log' },
        { id: 'address', store: 'log' },
        { id: 'browser', store: 'log' },
        { id: 'operatingSystem', store: 'log' },
      ],
      triggers: ['request.received'],
    },
  ],
  pages: [],
  sweeps: [{ name: 'access log', run: eraseOldLines, onEveryNode: true, overdueSince: oldLinesSince }],
}
