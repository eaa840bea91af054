import { activityId as booking } from '#features/appointments/index.ts'
import { type Feature, get, post } from '#features/feature.ts'
import { asLanguage } from '#features/formats.ts'
import { activityId as mail } from '#features/mail/index.ts'
import { activityId, codeLetter, sendCode } from './code.ts'
import { data, erasure, found, withdrawal } from './http.citizen.ts'
import { looking } from './purposes.ts'
import { routes } from './routes.ts'
import { deleteSpentCodes } from './sql.ts'
import { rightsTables } from './tables.ts'

export const rights: Feature = {
  name: 'rights',
  needs: [
    {
      activity: activityId,
      fields: [{ id: 'email', lookup: true }, 'code', { id: 'language', format: asLanguage }],
      triggers: ['code.created', 'code.used'],
      purposes: [looking.prove, looking.sendCode],
    },
    ...[booking, mail].map((activity) => ({ activity, purposes: [looking.rights] })),
    { activity: booking, fields: [{ id: 'manageLink', store: 'hash', lookup: true }], purposes: [looking.find] },
  ],
  tables: rightsTables,
  pages: [
    get(routes.find, found.ask),
    get(routes.findCode, found.toStart),
    post(routes.findCode, found.send),
    get(routes.findShow, found.toStart),
    post(routes.findShow, found.show),
    get(routes.findRenew, found.toStart),
    post(routes.findRenew, found.renew),
    get(routes.data, data.ask),
    get(routes.dataCode, data.toStart),
    post(routes.dataCode, data.send),
    get(routes.dataShow, data.toStart),
    post(routes.dataShow, data.show),
    get(routes.dataExport, data.toStart),
    post(routes.dataExport, data.export),
    get(routes.withdrawal, withdrawal.ask),
    get(routes.withdrawalCode, withdrawal.toStart),
    post(routes.withdrawalCode, withdrawal.send),
    get(routes.withdrawalShow, withdrawal.toStart),
    post(routes.withdrawalShow, withdrawal.show),
    get(routes.withdrawalDo, withdrawal.toStart),
    post(routes.withdrawalDo, withdrawal.do),
    get(routes.erasure, erasure.ask),
    get(routes.erasureCode, erasure.toStart),
    post(routes.erasureCode, erasure.send),
    get(routes.erasureShow, erasure.toStart),
    post(routes.erasureShow, erasure.show),
    get(routes.erasureDo, erasure.toStart),
    post(routes.erasureDo, erasure.do),
  ],
  letters: [codeLetter],
  inputs: ['email', 'vorgang', 'code', 'nachweis', 'termin'],
  jobs: [sendCode],
  duties: [{ name: 'codes', keep: deleteSpentCodes }],
}
