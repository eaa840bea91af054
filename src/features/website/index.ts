import { type Feature, get, type Handler, type Sweep } from '#features/feature.ts'
import { file } from '#platform/http/response.ts'
import { registerJsonld } from '#register/papers/jsonld.ts'
import { getActivity, type RunningTenant } from '#register/register.ts'
import { endOf } from '#vault/retention.ts'
import { showChanges, showJson, showNotice, showPart, showText, showVersion, showVersions } from './http.notice.ts'
import { routes } from './routes.ts'
import { accessibilityPage, cookiesPage, imprintPage, startPage } from './view.citizen.tsx'

export { noticeAddresses } from './addresses.ts'
export { noticeHtml } from './notice-html.tsx'
export { noticeJson } from './notice-json.ts'
export { listVersions } from './sql.ts'
export { findSilentChanges, keepNotice, readVersion, versionOn } from './versions.ts'

/** How long access lines may stay: the periods that `web.delivery` declares. */
const periodsOf = (running: RunningTenant): string[] =>
  getActivity(running, 'web.delivery')
    .retention.filter((rule) => rule.trigger === 'request.received')
    .map((rule) => rule.period)
/** Both languages are in the one document, which names itself by its German address wherever it was asked for. */
const showRegister: Handler = async ({ running, place, deps }) => {
  const address = deps.config.publicUrl + routes.register.href({ ...place, language: 'de' }, {})
  return file('application/ld+json', JSON.stringify(registerJsonld(running, address)))
}

/** Erases access lines when the register says so: as many days as `web.delivery` declares, to the line. */
const eraseOldLines: Sweep['run'] = async (deps, running, now) => {
  for (const period of periodsOf(running)) {
    const before = now.toZonedDateTimeISO(running.tenant.timeZone).subtract(Temporal.Duration.from(period)).toInstant()
    deps.log.eraseAccessBefore(running.tenant.slug, before)
  }
}

/** When the oldest line should have gone, if that is past. */
const oldLinesSince: Sweep['overdueSince'] = (deps, running) => {
  const oldest = deps.log.oldestAccess().get(running.tenant.slug)
  if (!oldest) return null
  const ends = periodsOf(running).map((period) => endOf(oldest, period, running.tenant.timeZone))
  const [first] = ends.sort(Temporal.Instant.compare)
  return first && Temporal.Instant.compare(first, deps.clock()) <= 0 ? first : null
}

export const website: Feature = {
  name: 'website',
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
  pages: [
    get(routes.start, async (context) => startPage(context)),
    get(routes.notice, showNotice),
    get(routes.noticeText, showText),
    get(routes.noticeJson, showJson),
    get(routes.register, showRegister),
    get(routes.noticePart, showPart),
    get(routes.versions, showVersions),
    get(routes.version, showVersion),
    get(routes.changes, showChanges),
    get(routes.cookies, async (context) => cookiesPage(context)),
    get(routes.accessibility, async (context) => accessibilityPage(context)),
    get(routes.imprint, async (context) => imprintPage(context)),
  ],
  sweeps: [{ name: 'access log', run: eraseOldLines, onEveryNode: true, overdueSince: oldLinesSince }],
}
