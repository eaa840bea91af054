import { form, get } from '#features/addresses.ts'
import { activityId as booking } from '#features/appointments/index.ts'
import type { Feature } from '#features/feature.ts'
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
    get(routes.find, { access: 'public', where: found.where, show: found.ask }),
    form(routes.findCode, { access: 'public', where: found.where, elsewhere: routes.find, act: found.send }),
    form(routes.findShow, { access: 'public', where: found.where, elsewhere: routes.find, act: found.show }),
    form(routes.findRenew, { access: found.proof, where: found.where, elsewhere: routes.find, act: found.renew }),
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
  inputs: ['email', 'vorgang', 'code', 'nachweis', 'termin'],
  jobs: [sendCode],
  duties: [{ name: 'codes', keep: deleteSpentCodes }],
}
