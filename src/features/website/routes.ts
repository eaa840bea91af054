import { route } from '#platform/http/routes.ts'

export const routes = {
  start: route('/'),
  notice: route('/datenschutz'),
  noticeText: route('/datenschutz.txt'),
  cookies: route('/cookies'),
  accessibility: route('/barrierefreiheit'),
  imprint: route('/impressum'),
}
