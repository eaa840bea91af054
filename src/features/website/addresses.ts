import type { NoticeLink } from '#features/contribution.ts'
import type { Place } from '#platform/http/routes.ts'
import type { AddressOf, LinkTarget, NoticeSection } from '#register/notice/notice.ts'
import type { NoticeRoute } from '#register/notice/section.ts'
import { routes } from './routes.ts'

const pageOf = (links: readonly NoticeLink[], id: NoticeRoute): NoticeLink['route'] => {
  const found = links.find((link) => link.as === id)
  if (!found) throw new Error(`no feature has the page ${id} of the notice`)
  return found.route
}

/** Where the links of a notice lead; `links` are those that features contribute. `origin` makes complete addresses, for text
 *  and paper. Sections that stand in `here` are reached without leaving the page. */
export const noticeAddresses =
  (links: readonly NoticeLink[], place: Place, origin = '', here: readonly NoticeSection[] = []): AddressOf =>
  (target: LinkTarget) => {
    if ('url' in target) return target.url
    if ('route' in target) return origin + pageOf(links, target.route).href(place, {})
    const anchor = `#${target.section}`
    return here.some(({ id }) => id === target.section) ? anchor : origin + routes.notice.href(place, {}) + anchor
  }

/** The same for the notice for whoever works here, whose sections are `own`. What they share with whoever uses the services
 *  stands in that other notice. */
export const staffAddresses =
  (links: readonly NoticeLink[], place: Place, origin: string, own: readonly NoticeSection[]): AddressOf =>
  (target) => {
    const address = noticeAddresses(links, place, origin, own)(target)
    return address.startsWith('#') ? origin + routes.staffNotice.href(place, {}) + address : address
  }
