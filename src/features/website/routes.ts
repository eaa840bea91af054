import { route } from '#platform/http/routes.ts'

export const routes = {
  start: route('/'),
  notice: route('/datenschutz'),
  noticeText: route('/datenschutz.txt'),
  register: route('/.well-known/privacy-register.jsonld'),
  noticeJson: route('/datenschutz.json'),
  versions: route('/datenschutz/fassungen'),
  version: route('/datenschutz/fassungen/:hash'),
  changes: route('/datenschutz/fassungen/:hash/aenderungen'),
  noticePart: route('/datenschutz/:part'),
  staffNotice: route('/beschaeftigte/datenschutz'),
  staffNoticeText: route('/beschaeftigte/datenschutz.txt'),
  staffNoticeJson: route('/beschaeftigte/datenschutz.json'),
  cookies: route('/cookies'),
  accessibility: route('/barrierefreiheit'),
  imprint: route('/impressum'),
}
