import { route } from '#platform/http/routes.ts'

/** Addresses of booking. The manage link is a capability: whoever has it may act on this one appointment; a
 *  receipt is none: it opens nothing. */
export const routes = {
  services: route('/termin'),
  times: route('/termin/zeit'),
  month: route('/termin/monat'),
  hold: route('/termin/vormerken'),
  extend: route('/termin/verlaengern'),
  details: route('/termin/angaben'),
  consent: route('/termin/einwilligung'),
  check: route('/termin/pruefen'),
  book: route('/termin/buchen'),
  manage: route('/termin/verwalten/:token'),
  move: route('/termin/verwalten/:token/verschieben'),
  cancel: route('/termin/verwalten/:token/absagen'),
  withdraw: route('/termin/verwalten/:token/widerrufen'),
  erase: route('/termin/verwalten/:token/loeschen'),
  stored: route('/termin/verwalten/:token/daten'),
  receipt: route('/termin/verwalten/:token/beleg'),
  verify: route('/beleg'),
  receiptFile: route('/beleg/datei'),
  keys: route('/.well-known/jwks.json'),
  calendar: route('/termin/verwalten/:token/termin.ics'),
}
