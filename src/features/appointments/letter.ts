import { type Letter, mailsNameTimes, senderOf } from '#features/mail/index.ts'
import { type Language, translator } from '#platform/i18n/translate.ts'
import type { PlaceOf, Word } from '#platform/i18n/words.ts'
import { inLanguage } from '#register/register.ts'
import type { Appointment } from './appointment.ts'
import { interpreterSentence, onTheDay, wayFacts } from './day.ts'
import type { Scene } from './scene.ts'
import { dayAndTime, markOf, placeInWords } from './words.ts'

/* What mails about appointments have in common. Where this tenant's mails name no time, they hold no place either. */

type Facts = Letter['facts']

/** The subject among `texts`, with the time of the appointment; the heading of the mail where no mail may name that. */
export const subjectOf = (
  scene: Scene,
  texts: PlaceOf<'subject'> & PlaceOf<'heading'>,
  at: Temporal.Instant,
  language: Language,
): string => {
  const t = translator(language)
  return mailsNameTimes(scene.running)
    ? t(`${texts}.subject`, dayAndTime(scene, at, language)) + markOf(scene, at, language)
    : t(`${texts}.heading`)
}

/** Facts that only a mail which names times may hold. */
export const ofTimes = (scene: Scene, facts: Facts): Facts => (mailsNameTimes(scene.running) ? facts : [])

/** When and, of what takes place, where. */
export const timeFacts = (
  scene: Scene,
  booked: Pick<Appointment, 'startsAt' | 'siteId' | 'serviceIds'>,
  language: Language,
  takesPlace: boolean,
): Facts => {
  const t = translator(language)
  const { day, time } = dayAndTime(scene, booked.startsAt, language)
  return ofTimes(scene, [
    [t('appointments.day'), day],
    [t('appointments.time'), t('appointments.atTime', { time }) + markOf(scene, booked.startsAt, language)],
    ...(takesPlace ? [[t('appointments.place'), placeInWords(scene, booked, language)] as const] : []),
  ])
}

/** What to know for the day, of an appointment that takes place; nothing where its time is closed. Of the number that is
 *  called, only its end. */
export const dayFacts = (
  scene: Scene,
  booked: Appointment,
  fields: Readonly<Record<string, string>>,
  language: Language,
): Facts => {
  if (booked.displacedAt !== null) return []
  const t = translator(language)
  const { minutes, site, bring, phone, calls } = onTheDay(scene, booked, fields, language)
  const interpreter = interpreterSentence(scene, fields, language, { inMail: true })
  const end = phone?.replace(/\D/g, '').slice(-2)
  const called = [
    ...(end ? [`${t('appointments.onTheDay.callEnd', { digits: end })}.`] : []),
    ...(calls ? [calls] : []),
  ]
  const of = (label: Word, sentences: readonly string[]): Facts =>
    sentences.length > 0 ? [[t(label), sentences.join(' ')]] : []
  return ofTimes(scene, [
    ...of('appointments.duration', [t('appointments.length', { count: minutes })]),
    ...(site ? wayFacts(site, language) : []),
    ...of('appointments.onTheDay.bringLabel', site ? [`${t('appointments.onTheDay.bringShort')}.`, ...bring] : []),
    ...of('appointments.onTheDay.callLabel', called),
    ...of('appointments.onTheDay.interpreterLabel', interpreter ? [interpreter] : []),
  ])
}

/** That an appointment cannot take place as it is, and what its person can do; nothing of one that stands. For mails with
 *  a link to it that are about something else. */
export const closedSentences = (scene: Scene, booked: Appointment, language: Language): string[] => {
  if (booked.displacedAt === null) return []
  const t = translator(language)
  const { phone } = scene.running.tenant.helpline
  return [`${t('appointments.displaced.mail.displaced.heading')}.`, t('appointments.displaced.howHere', { phone })]
}

/** Whom to ask, and who writes: the end of each mail. */
export const closingOf = (scene: Scene, language: Language): string[] => {
  const { helpline } = scene.running.tenant
  return [
    translator(language)('appointments.mail.help', {
      phone: helpline.phone,
      hours: inLanguage(helpline.hours, language),
    }),
    ...senderOf(scene, language),
  ]
}
