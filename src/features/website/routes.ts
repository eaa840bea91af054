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
  cookies: route('/cookies'),
  accessibility: route('/barrierefreiheit'),
  imprint: route('/impressum'),
}
