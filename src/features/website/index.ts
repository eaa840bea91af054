import { type Feature, get, type Handler, type Sweep } from '#features/feature.ts'
import { noticeHrefs } from '#features/rights/routes.ts'
import { file } from '#platform/http/response.ts'
import { registerJsonld } from '#register/jsonld.ts'
import { buildNotice, noticeText } from '#register/notice.ts'
import { getActivity } from '#register/register.ts'
import { routes } from './routes.ts'
import { accessibilityPage, cookiesPage, imprintPage, noticePage, startPage } from './view.citizen.tsx'

const showNoticeText: Handler = async ({ running, language, place, deps }) => {
  return file(
    'text/plain; charset=utf-8',
    noticeText(buildNotice(running, language), noticeHrefs(place, deps.config.publicUrl)),
  )
}

/** Both languages are in the one document, which names itself by its German address wherever it was asked for. */
const showRegister: Handler = async ({ running, place, deps }) => {
  const address = deps.config.publicUrl + routes.register.href({ ...place, language: 'de' }, {})
  return file('application/ld+json', JSON.stringify(registerJsonld(running, address)))
}

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
    get(routes.notice, async (context) => noticePage(context)),
    get(routes.noticeText, showNoticeText),
    get(routes.register, showRegister),
    get(routes.cookies, async (context) => cookiesPage(context)),
    get(routes.accessibility, async (context) => accessibilityPage(context)),
    get(routes.imprint, async (context) => imprintPage(context)),
  ],
  sweeps: [{ name: 'access log', run: eraseOldLines, onEveryNode: true }],
}
