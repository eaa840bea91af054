import { route } from '#platform/http/routes.ts'

/** Addresses of booking. The manage link is a capability: whoever has it may act on this one appointment; a
 *  receipt is none: it opens nothing. */
export const routes = {
  services: route('/termin'),
  find: route('/termin/finden'),
  findCode: route('/termin/finden/code'),
  findShow: route('/termin/finden/termine'),
  findRenew: route('/termin/finden/neuer-link'),
  times: route('/termin/zeit'),
  month: route('/termin/monat'),
  hold: route('/termin/vormerken'),
  extend: route('/termin/verlaengern'),
  details: route('/termin/angaben'),
  consent: route('/termin/einwilligung'),
  check: route('/termin/pruefen'),
  book: route('/termin/buchen'),
  discard: route('/termin/abbrechen'),
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
  forgetReminder: route('/termin/verwalten/:token/erinnerung/beenden'),
  wish: route('/termin/verwalten/:token/frueher'),
  leave: route('/termin/verwalten/:token/frueher/beenden'),
  offer: route('/termin/verwalten/:token/angebot/:offer'),
  calendar: route('/termin/verwalten/:token/termin.ics'),
  /** Everything else below: what is left of a damaged link to an appointment. */
  damaged: route('/termin/*'),
}

/** The same for other programs. A token or key is never part of these addresses: it comes as `Authorization: Bearer`. */
export const apiRoutes = {
  sites: route('/api/v1/sites'),
  services: route('/api/v1/services'),
  availability: route('/api/v1/availability'),
  fields: route('/api/v1/fields'),
  consent: route('/api/v1/consent'),
  holds: route('/api/v1/holds'),
  hold: route('/api/v1/holds/:id'),
  extend: route('/api/v1/holds/:id/extend'),
  appointments: route('/api/v1/appointments'),
  own: route('/api/v1/appointment'),
  ownAvailability: route('/api/v1/appointment/availability'),
  move: route('/api/v1/appointment/move'),
  withdraw: route('/api/v1/appointment/withdraw'),
}
