import { route } from '#platform/http/routes.ts'

export const routes = {
  terms: route('/nutzungsbedingungen'),
  takeBack: route('/nutzungsbedingungen/zuruecknehmen'),
}
