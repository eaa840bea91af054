import { route } from '#platform/http/routes.ts'

export const routes = {
  start: route('/'),
  notice: route('/datenschutz'),
  noticeText: route('/datenschutz.txt'),
  register: route('/.well-known/privacy-register.jsonld'),
  cookies: route('/cookies'),
  accessibility: route('/barrierefreiheit'),
  imprint: route('/impressum'),
}
