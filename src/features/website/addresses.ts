import { routes as rights } from '#features/rights/routes.ts'
import type { Place } from '#platform/http/routes.ts'
import type { AddressOf, LinkTarget, NoticeSection } from '#register/notice/notice.ts'
import { routes } from './routes.ts'

const pages = {
  widerruf: rights.withdrawal,
  loeschen: rights.erasure,
  'meine-daten': rights.data,
  fassungen: routes.versions,
}

/** Where the links of a notice lead. `origin` makes complete addresses, for text and paper. Sections that stand in
 *  `here` are reached without leaving the page. */
export const noticeAddresses =
  (place: Place, origin = '', here: readonly NoticeSection[] = []): AddressOf =>
  (target: LinkTarget) => {
    if ('url' in target) return target.url
    if ('route' in target) return origin + pages[target.route].href(place, {})
    const anchor = `#${target.section}`
    return here.some(({ id }) => id === target.section) ? anchor : origin + routes.notice.href(place, {}) + anchor
  }

/** The same for the notice for whoever works here, whose sections are `own`. What they share with whoever uses the services
 *  stands in that other notice. */
export const staffAddresses =
  (place: Place, origin: string, own: readonly NoticeSection[]): AddressOf =>
  (target) => {
    const address = noticeAddresses(place, origin, own)(target)
    return address.startsWith('#') ? origin + routes.staffNotice.href(place, {}) + address : address
  }
