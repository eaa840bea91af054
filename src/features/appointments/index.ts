import { type Feature, get, post } from '#features/feature.ts'
import { asLanguage, asMoment } from '#features/formats.ts'
import { erasureRequested, findRunning } from '#register/register.ts'
import { endpoints } from './api/endpoints.ts'
import { releaseAgain } from './booking/booking.ts'
import { keepOffer } from './capacity/plan/keep-offer.ts'
import { countPastDays, pastDays, visitCounts } from './counts/counts.ts'
import { measureDisplaced, settleDisplaced } from './displaced/displaced.ts'
import { letters } from './letters.ts'
import { draftActivity, draftCookie } from './pages/booking/draft.ts'
import * as choice from './pages/booking/http.choice.ts'
import * as citizen from './pages/booking/http.citizen.ts'
import * as waiting from './pages/manage/http.earlier.ts'
import * as manage from './pages/manage/http.manage.ts'
import * as receipt from './pages/manage/http.receipt.ts'
import * as reminder from './pages/manage/http.reminder.ts'
import { boxes } from './pages/manage/view.sure.tsx'
import * as receipts from './pages/receipts/http.ts'
import { looking } from './purposes.ts'
import { forgetSent, sendReminders } from './reminder/reminder.ts'
import { routes } from './routes.ts'
import { activityId, type Scene } from './scene.ts'
import { bookable } from './tenant.ts'
import { sweepOffers } from './waiting/offer.ts'
import { asServices, asSite } from './words.ts'

export { decideChange, decideMove, readReference } from './appointment.ts'
export { eraseBooked, renewLink, withdrawBooked } from './booking/booking.ts'
export { bookedIn } from './counts/figures.ts'
export { newFoundLink } from './own/later-link.ts'
export { findOwnOfRecord, type Own } from './own/own.ts'
export { addressAfter } from './pages/manage/just.ts'
export { activityId } from './scene.ts'
export { bookable } from './tenant.ts'
export { placeInWords, servicesInWords, whenInWords } from './words.ts'

import { appointmentTables } from './tables.ts'

/** First the offer, then whom a change of it concerns; what is over is counted. */
const keepInOrder = async (scene: Scene): Promise<void> => {
  await keepOffer(scene)
  await countPastDays(scene)
  await settleDisplaced(scene)
}

/** What mails that nobody's request leads to carry. */
const laterLink = { id: 'laterLink', store: 'hash', lookup: true } as const

/** What a tenant may do without, by the field that notes who wants it. */
const mayBeLeftOut = [
  { need: { id: 'reminder' }, opens: looking.remind },
  { need: { id: 'earlier', format: asMoment }, opens: looking.earlier },
]

export const appointments: Feature = {
  name: 'appointments',
  part: bookable,
  needs: [
    {
      activity: activityId,
      fields: [
        { id: 'service', format: asServices },
        { id: 'place', format: asSite },
        { id: 'appointmentAt', format: asMoment },
        { id: 'bookedAt', format: asMoment },
        'reference',
        { id: 'language', format: asLanguage },
        { id: 'email', lookup: true },
        { id: 'manageLink', store: 'hash', lookup: true },
        { id: 'movedAt', format: asMoment },
        { id: 'movedFrom', format: asMoment },
        'moves',
      ],
      triggers: ['appointment.ended', 'appointment.cancelled'],
      withConsent: { fields: [{ id: 'consentGivenAt', format: asMoment }], triggers: ['consent.withdrawn'] },
      withoutConsent: { triggers: [erasureRequested] },
      remains: [{ id: 'count', period: true, from: 'month' }],
      purposes: [looking.change, looking.closure],
    },
    {
      activity: draftActivity,
      fields: [{ id: 'draft', store: 'device' }],
      triggers: ['draft.kept'],
      cookies: [{ id: draftCookie, content: 'own' }],
      optional: true,
    },
    ...mayBeLeftOut.map(({ need, opens }) => ({
      activity: activityId,
      where: { activity: activityId, field: need.id },
      fields: [need, laterLink],
      purposes: [opens],
    })),
  ],
  tables: appointmentTables,
  letters: Object.values(letters),
  pages: [
    get(routes.services, choice.showServices),
    get(routes.times, choice.showTimes),
    post(routes.times, choice.chooseOtherTime),
    get(routes.month, choice.showMonth),
    get(routes.hold, choice.toStart),
    post(routes.hold, citizen.hold),
    get(routes.extend, choice.toStart),
    post(routes.extend, citizen.extend),
    get(routes.details, citizen.showDetails),
    post(routes.details, citizen.changeDetails),
    get(routes.consent, citizen.showConsent),
    post(routes.consent, citizen.askConsent),
    get(routes.check, citizen.showCheck),
    post(routes.check, citizen.check),
    get(routes.book, choice.toStart),
    post(routes.book, citizen.book),
    get(routes.discard, choice.toStart),
    post(routes.discard, citizen.discard),
    get(routes.manage, manage.showManage),
    get(routes.stored, manage.showStored),
    get(routes.calendar, manage.showCalendar),
    get(routes.receipt, receipt.showReceipt),
    get(routes.verify, receipts.showVerify),
    post(routes.verify, receipts.verify),
    get(routes.receiptFile, receipts.toVerify),
    post(routes.receiptFile, receipts.saveReceipt),
    get(routes.keys, receipts.showKeys),
    get(routes.move, manage.showMove),
    post(routes.move, manage.move),
    get(routes.cancel, manage.askCancel),
    post(routes.cancel, manage.cancel),
    get(routes.withdraw, manage.askWithdraw),
    post(routes.withdraw, manage.withdraw),
    get(routes.erase, manage.askErase),
    post(routes.erase, manage.erase),
    get(routes.forgetReminder, waiting.toManage),
    post(routes.forgetReminder, reminder.stop),
    get(routes.wish, waiting.toManage),
    post(routes.wish, waiting.join),
    get(routes.leave, waiting.toManage),
    post(routes.leave, waiting.leave),
    get(routes.offer, waiting.showOffer),
    post(routes.offer, waiting.answer),
    get(routes.damaged, manage.showDamaged),
  ],
  inputs: [
    ...['leistung', 'ort', 'ab', 'tag', 'monat', 'beginn', 'vormerkung', 'schluessel', 'schritt'],
    ...['hinweis', 'mehr', 'zweiter'],
    ...['kenntnis', 'einwilligung', 'bedingungen', 'neu', 'beleg', 'gewaehlt', 'antwort', ...Object.values(boxes)],
  ],
  endpoints,
  sweeps: [
    { name: 'appointments', run: (deps, running, now) => keepInOrder({ deps, running, now }) },
    { name: 'reminders', run: (deps, running, now) => sendReminders({ deps, running, now }) },
    { name: 'waiting list', run: (deps, running, now) => sweepOffers({ deps, running, now }) },
  ],
  duties: [pastDays, visitCounts],
  measures: measureDisplaced,
  restored: {
    erased: ({ register }, tx, erased) => releaseAgain(tx, findRunning(register, tx.tenantId), erased),
    restricted: ({ register }, tx, restricted) => releaseAgain(tx, findRunning(register, tx.tenantId), restricted),
    ended: forgetSent,
  },
}
