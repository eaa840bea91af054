import { form, get } from '#features/addresses.ts'
import type { Context, Feature } from '#features/feature.ts'
import { asLanguage } from '#features/formats.ts'
import { endingsOf, type RunningTenant } from '#register/register.ts'
import { codeLetter, sendCode } from './code.ts'
import { data, erasure, withdrawal } from './http.citizen.ts'
import { activityId, looking } from './purposes.ts'
import { routes } from './routes.ts'
import { deleteSpentCodes } from './sql.ts'
import { endedBy } from './subjects.ts'
import { rightsTables } from './tables.ts'
import { ofAll } from './words.ts'

export { mailboxWay, type ProvenHandler, proofField } from './mailbox.ts'
export { activityId } from './purposes.ts'
export { eraseEach, needOfSubject } from './subjects.ts'
export type { Way } from './view.mailbox.tsx'

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
    get(routes.data, { access: 'public', show: data.ask }),
    form(routes.dataCode, { access: 'public', elsewhere: routes.data, act: data.send }),
    form(routes.dataShow, { access: 'public', elsewhere: routes.data, act: data.show }),
    form(routes.dataExport, { access: data.proof, elsewhere: routes.data, act: data.export }),
    get(routes.withdrawal, { access: 'public', where: withdrawal.whereAsked, show: withdrawal.ask }),
    form(routes.withdrawalCode, {
      access: 'public',
      where: withdrawal.where,
      elsewhere: routes.withdrawal,
      act: withdrawal.send,
    }),
    form(routes.withdrawalShow, {
      access: 'public',
      where: withdrawal.where,
      elsewhere: routes.withdrawal,
      act: withdrawal.show,
    }),
    form(routes.withdrawalDo, {
      access: withdrawal.proof,
      where: withdrawal.where,
      elsewhere: routes.withdrawal,
      act: withdrawal.do,
    }),
    get(routes.erasure, { access: 'public', where: erasure.where, show: erasure.ask }),
    form(routes.erasureCode, { access: 'public', where: erasure.where, elsewhere: routes.erasure, act: erasure.send }),
    form(routes.erasureShow, { access: 'public', where: erasure.where, elsewhere: routes.erasure, act: erasure.show }),
    form(routes.erasureDo, { access: erasure.proof, where: erasure.where, elsewhere: routes.erasure, act: erasure.do }),
  ].flat(),
  letters: [codeLetter],
  entries: [
    { ...entry, text: 'rights.start.data', more: 'rights.start.dataText', route: routes.data, icon: 'lock' },
    ...(['withdrawal', 'erasure'] as const).map((way) => ({
      ...entry,
      text: `rights.start.${way}` as const,
      more: (context: Context) => ofAll(context, way, endedBy(context, way), 'start'),
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
