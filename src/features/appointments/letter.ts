import { type Letter, mailsNameTimes } from '#features/mail/index.ts'
import { type Language, translator } from '#platform/i18n/translate.ts'
import { inLanguage } from '#register/register.ts'
import type { Appointment } from './appointment.ts'
import type { Scene } from './scene.ts'
import { dayAndTime, markOf, placeInWords } from './words.ts'

/* What mails about appointments have in common. Where this tenant's mails name no time, they hold no place either. */

type Facts = Letter['facts']

/** The subject among `texts`, with the time of the appointment; the heading of the mail where no mail may name that. */
export const subjectOf = (scene: Scene, texts: string, at: Temporal.Instant, language: Language): string => {
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

/** Whom to ask, and who writes: the end of each mail. */
export const closingOf = ({ running: { tenant } }: Scene, language: Language): string[] => [
  translator(language)('appointments.mail.help', {
    phone: tenant.helpline.phone,
    hours: inLanguage(tenant.helpline.hours, language),
  }),
  inLanguage(tenant.name, language),
]
