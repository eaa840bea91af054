import { type Feature, get, type Handler } from '#features/feature.ts'
import { file } from '#platform/http/response.ts'
import { registerJsonld } from '#register/papers/jsonld.ts'
import { checks } from './checks.ts'
import { showChanges, showJson, showNotice, showPart, showText, showVersion, showVersions } from './http.notice.ts'
import { routes } from './routes.ts'
import { accessibilityPage, cookiesPage, imprintPage, startPage } from './view.citizen.tsx'

export { noticeAddresses } from './addresses.ts'
export { findCheck, noteCheck } from './checks.ts'
export { noticeHtml } from './notice-html.tsx'
export { noticeJson } from './notice-json.ts'
export { listVersions } from './sql.ts'
export { findSilentChanges, keepNotice, readVersion, versionOn } from './versions.ts'

import { websiteTables } from './tables.ts'

/** Both languages are in the one document, which names itself by its German address wherever it was asked for. */
const showRegister: Handler = async ({ running, place, deps }) => {
  const address = deps.config.publicUrl + routes.register.href({ ...place, language: 'de' }, {})
  return file('application/ld+json', JSON.stringify(registerJsonld(running, address)))
}

export const website: Feature = {
  name: 'website',
  needs: [],
  tables: websiteTables,
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
  duties: [checks],
}
