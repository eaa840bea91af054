import { type Feature, get, type Sweep } from '#features/feature.ts'
import { getActivity } from '#register/register.ts'
import { showChanges, showJson, showNotice, showPart, showText, showVersion, showVersions } from './http.notice.ts'
import { routes } from './routes.ts'
import { accessibilityPage, cookiesPage, imprintPage, startPage } from './view.citizen.tsx'

export { noticeAddresses } from './addresses.ts'
export { noticeHtml } from './notice-html.tsx'
export { noticeJson } from './notice-json.ts'
export { listVersions } from './sql.ts'
export { keepNotice, readVersion, versionOn } from './versions.ts'

/** Erases access lines when the register says so: as many days as `web.delivery` declares, to the line. */
const eraseOldLines: Sweep['run'] = async (deps, running, now) => {
  const rules = getActivity(running, 'web.delivery').retention.filter((rule) => rule.trigger === 'request.received')
  for (const { period } of rules) {
    const before = now.toZonedDateTimeISO(running.tenant.timeZone).subtract(Temporal.Duration.from(period)).toInstant()
    deps.log.eraseAccessBefore(running.tenant.slug, before)
  }
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
    get(routes.noticePart, showPart),
    get(routes.versions, showVersions),
    get(routes.version, showVersion),
    get(routes.changes, showChanges),
    get(routes.cookies, async (context) => cookiesPage(context)),
    get(routes.accessibility, async (context) => accessibilityPage(context)),
    get(routes.imprint, async (context) => imprintPage(context)),
  ],
  sweeps: [{ name: 'access log', run: eraseOldLines, onEveryNode: true }],
}
