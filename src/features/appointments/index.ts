import { form, get } from '#features/addresses.ts'
import type { Feature } from '#features/feature.ts'
import { asLanguage, asMoment } from '#features/formats.ts'
import { findRunning, type RunningTenant } from '#register/register.ts'
import { endpoints } from './api/endpoints.ts'
import { releaseAgain } from './booking/booking.ts'
import { keepCells } from './capacity/plan/keep-cells.ts'
import { countPastDays, pastDays, visitCounts } from './counts/counts.ts'
import { measureDisplaced, settleDisplaced } from './displaced/displaced.ts'
import { letters } from './letters.ts'
import { draftActivity, draftCookie } from './pages/booking/draft.ts'
import { holdKey, holdLink } from './pages/booking/guard.ts'
import * as choice from './pages/booking/http.choice.ts'
import * as citizen from './pages/booking/http.citizen.ts'
import * as found from './pages/found/http.ts'
import { bookings } from './pages/found/subject.ts'
import { manageLink, showDamaged } from './pages/manage/guard.ts'
import * as waiting from './pages/manage/http.earlier.ts'
import * as manage from './pages/manage/http.manage.ts'
import * as receipt from './pages/manage/http.receipt.ts'
import * as reminder from './pages/manage/http.reminder.ts'
import { boxes } from './pages/manage/view.sure.tsx'
import * as receipts from './pages/receipts/http.ts'
import { looking } from './purposes.ts'
import { forgetSent, sendReminders } from './reminder/reminder.ts'
import { routes } from './routes.ts'
import { activityId, type Ending, endingOf, type Scene } from './scene.ts'
import { appointmentTables } from './tables.ts'
import { bookable } from './tenant.ts'
import { sweepOffers } from './waiting/offer.ts'
import { asServices, asSite } from './words.ts'

export { bookedIn } from './counts/figures.ts'
export { bookable } from './tenant.ts'

/** First the cells, then whom a change of them concerns; what is over is counted. */
const keepInOrder = async (scene: Scene): Promise<void> => {
  await keepCells(scene)
  await countPastDays(scene)
  await settleDisplaced(scene)
}

/** Tenants at which the storing of a booking ends like this. */
const ends = (ending: Ending) => (running: RunningTenant) => endingOf(running) === ending

/** What mails that nobody's request leads to carry. */
const laterLink = { id: 'laterLink', store: 'hash', lookup: true } as const

/** What a tenant may do without, by the field that notes who wants it. */
const mayBeLeftOut = [
  { need: { id: 'reminder' }, opens: looking.remind },
  { need: { id: 'earlier', format: asMoment }, opens: looking.earlier },
]

/** Whether this tenant lets people book. */
const hasBooking = (running: RunningTenant): boolean => bookable.of(running) !== null

export const appointments: Feature = {
  name: 'appointments',
  addition: bookable,
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
      withConsent: { fields: [{ id: 'consentGivenAt', format: asMoment }] },
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
  subjects: [bookings],
  entries: [
    {
      under: 'services',
      text: 'appointments.start.book',
      more: 'appointments.start.bookText',
      route: routes.services,
      icon: 'calendar',
      shown: hasBooking,
    },
    {
      under: 'services',
      text: 'appointments.start.find',
      more: 'appointments.start.findText',
      route: routes.find,
      icon: 'document',
      // Perhaps it was a link to an appointment, cut before anything could tell.
      whenLost: true,
      shown: hasBooking,
    },
  ],
  horizons: [(running) => bookable.of(running)?.booking.windowDays ?? null],
  greetings: [
    {
      lead: 'appointments.start.lead',
      note: { title: 'appointments.start.change', text: 'appointments.start.changeText' },
      shown: hasBooking,
    },
  ],
  pages: [
    get(routes.services, { access: 'public', show: choice.showServices }),
    form(routes.times, { access: 'public', show: choice.showTimes, act: choice.chooseOtherTime }),
    get(routes.month, { access: 'public', show: choice.showMonth }),
    get(routes.find, { access: 'public', show: found.ask }),
    form(routes.findCode, { access: 'public', elsewhere: routes.find, act: found.send }),
    form(routes.findShow, { access: 'public', elsewhere: routes.find, act: found.show }),
    form(routes.findRenew, { access: found.proof, elsewhere: routes.find, act: found.renew }),
    form(routes.hold, { access: 'public', elsewhere: routes.services, act: citizen.hold }),
    form(routes.extend, { access: holdLink, elsewhere: routes.services, act: citizen.extend }),
    form(routes.details, { access: holdLink, show: citizen.showDetails, act: citizen.changeDetails }),
    form(routes.consent, { access: holdLink, show: citizen.showConsent, act: citizen.askConsent }),
    form(routes.check, { access: holdLink, show: citizen.showCheck, act: citizen.check }),
    form(routes.book, { access: holdKey, elsewhere: routes.services, act: citizen.book }),
    // Whoever forgets what they typed need not hold a time any more.
    form(routes.discard, { access: 'public', elsewhere: routes.services, act: citizen.discard }),
    get(routes.manage, { access: manageLink, show: manage.showManage }),
    get(routes.stored, { access: manageLink, show: manage.showStored }),
    get(routes.calendar, { access: manageLink, show: manage.showCalendar }),
    get(routes.receipt, { access: manageLink, show: receipt.showReceipt }),
    form(routes.verify, { access: 'public', show: receipts.showVerify, act: receipts.verify }),
    form(routes.receiptFile, { access: 'public', elsewhere: routes.verify, act: receipts.saveReceipt }),
    get(routes.keys, { access: 'public', show: receipts.showKeys }),
    form(routes.move, { access: manageLink, show: manage.showMove, act: manage.move }),
    form(routes.cancel, { access: manageLink, show: manage.askCancel, act: manage.cancel }),
    form(routes.withdraw, {
      access: manageLink,
      where: ends('withdraw'),
      show: manage.askWithdraw,
      act: manage.withdraw,
    }),
    form(routes.erase, { access: manageLink, where: ends('erase'), show: manage.askErase, act: manage.erase }),
    form(routes.forgetReminder, { access: manageLink, elsewhere: routes.manage, act: reminder.stop }),
    form(routes.wish, { access: manageLink, elsewhere: routes.manage, act: waiting.join }),
    form(routes.leave, { access: manageLink, elsewhere: routes.manage, act: waiting.leave }),
    form(routes.offer, { access: waiting.offerLink, show: waiting.showOffer, act: waiting.answer }),
    get(routes.damaged, { access: 'public', show: showDamaged }),
  ].flat(),
  inputs: [
    ...['leistung', 'ort', 'ab', 'tag', 'monat', 'beginn', 'vormerkung', 'schluessel', 'schritt'],
    ...['hinweis', 'mehr', 'zweiter', 'termin'],
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
