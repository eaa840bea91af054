import { type Feature, get, post } from '#features/feature.ts'
import { asLanguage } from '#features/formats.ts'
import { endingsOf, type RunningTenant } from '#register/register.ts'
import { activityId, codeLetter, sendCode } from './code.ts'
import { data, erasure, withdrawal } from './http.citizen.ts'
import { looking } from './purposes.ts'
import { routes } from './routes.ts'
import { deleteSpentCodes } from './sql.ts'
import { rightsTables } from './tables.ts'

export { activityId } from './code.ts'
export { mailboxWay, proofField, provenMailbox } from './mailbox.ts'
export { needOfSubject } from './subjects.ts'
export { proofGonePage, type Way } from './view.mailbox.tsx'

const entry = { under: 'data' } as const

export const rights: Feature = {
  name: 'rights',
  needs: [
    {
      activity: activityId,
      fields: [{ id: 'email', lookup: true }, 'code', { id: 'language', format: asLanguage }],
      triggers: ['code.created', 'code.used'],
      purposes: [looking.prove, looking.sendCode],
    },
  ],
  tables: rightsTables,
  pages: [
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
  entries: [
    { ...entry, text: 'rights.start.data', more: 'rights.start.dataText', route: routes.data, icon: 'lock' },
    ...(['withdrawal', 'erasure'] as const).map((way) => ({
      ...entry,
      text: `rights.start.${way}`,
      more: `rights.start.${way}Text`,
      route: routes[way],
      icon: 'document' as const,
      shown: (running: RunningTenant) => endingsOf(running)[way],
    })),
  ],
  noticeLinks: [
    { as: 'meine-daten', route: routes.data },
    { as: 'widerruf', route: routes.withdrawal },
    { as: 'loeschen', route: routes.erasure },
  ],
  inputs: ['email', 'vorgang', 'code', 'nachweis'],
  jobs: [sendCode],
  duties: [{ name: 'codes', keep: deleteSpentCodes }],
}
