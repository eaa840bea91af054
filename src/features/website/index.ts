import { get } from '#features/addresses.ts'
import type { Feature, Handler } from '#features/feature.ts'
import { file } from '#platform/http/response.ts'
import { registerJsonld } from '#register/papers/jsonld.ts'
import { type RunningTenant, toldTo } from '#register/register.ts'
import { checks } from './checks.ts'
import {
  showChanges,
  showJson,
  showNotice,
  showPart,
  showStaffJson,
  showStaffNotice,
  showStaffText,
  showText,
  showVersion,
  showVersions,
} from './http.notice.ts'
import { routes } from './routes.ts'
import { websiteTables } from './tables.ts'
import { accessibilityPage, cookiesPage, imprintPage, startPage } from './view.citizen.tsx'

export { noticeAddresses } from './addresses.ts'
export { findCheck, noteCheck } from './checks.ts'
export { noticeHtml } from './notice-html.tsx'
export { noticeJson } from './notice-json.ts'
export { listVersions } from './sql.ts'
export { findSilentChanges, keepNotice, readVersion, versionOn } from './versions.ts'

/** Both languages are in the one document, which names itself by its German address wherever it was asked for. */
const showRegister: Handler = async ({ running, place, deps }) => {
  const address = deps.config.publicUrl + routes.register.href({ ...place, language: 'de' }, {})
  return file('application/ld+json', JSON.stringify(registerJsonld(running, address)))
}

/** Whoever declares nothing about those who work there has no notice for them. */
const whereStaff = {
  access: 'public',
  where: (running: RunningTenant) => toldTo('staff', running).activities.size > 0,
} as const

export const website: Feature = {
  name: 'website',
  needs: [],
  tables: websiteTables,
  pages: [
    get(routes.start, { access: 'public', show: async (context) => startPage(context) }),
    get(routes.notice, { access: 'public', show: showNotice }),
    get(routes.noticeText, { access: 'public', show: showText }),
    get(routes.noticeJson, { access: 'public', show: showJson }),
    get(routes.register, { access: 'public', show: showRegister }),
    get(routes.noticePart, { access: 'public', show: showPart }),
    get(routes.versions, { access: 'public', show: showVersions }),
    get(routes.version, { access: 'public', show: showVersion }),
    get(routes.changes, { access: 'public', show: showChanges }),
    get(routes.staffNotice, { ...whereStaff, show: showStaffNotice }),
    get(routes.staffNoticeText, { ...whereStaff, show: showStaffText }),
    get(routes.staffNoticeJson, { ...whereStaff, show: showStaffJson }),
    get(routes.cookies, { access: 'public', show: async (context) => cookiesPage(context) }),
    get(routes.accessibility, { access: 'public', show: async (context) => accessibilityPage(context) }),
    get(routes.imprint, { access: 'public', show: async (context) => imprintPage(context) }),
  ],
  footer: (['notice', 'cookies', 'accessibility', 'imprint'] as const).map((name) => ({
    text: `website.${name}.title`,
    route: routes[name],
  })),
  noticeLinks: [{ as: 'fassungen', route: routes.versions }],
  duties: [checks],
}
