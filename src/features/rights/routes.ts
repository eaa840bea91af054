import { route } from '#platform/http/routes.ts'

/** What reaches beyond one appointment. Each way begins with a mailbox and a code sent to it. */
export const routes = {
  data: route('/meine-daten'),
  dataCode: route('/meine-daten/code'),
  dataShow: route('/meine-daten/ansehen'),
  dataExport: route('/meine-daten/export'),
  withdrawal: route('/widerruf'),
  withdrawalCode: route('/widerruf/code'),
  withdrawalShow: route('/widerruf/termine'),
  withdrawalDo: route('/widerruf/ausfuehren'),
  erasure: route('/loeschen'),
  erasureCode: route('/loeschen/code'),
  erasureShow: route('/loeschen/termine'),
  erasureDo: route('/loeschen/ausfuehren'),
}
