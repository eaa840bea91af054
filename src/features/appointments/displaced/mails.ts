import { queueMail, renderLetter } from '#features/mail/index.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { formatDay, formatTime } from '#platform/i18n/format.ts'
import { type Translate, translator } from '#platform/i18n/translate.ts'
import { inLanguage, type Site, spokenBy } from '#register/register.ts'
import type { Appointment } from '../appointment.ts'
import { placeInWords } from '../booking/mails.ts'
import type { Scene } from '../scene.ts'

type Closed = { reason: Site['closures'][number]['reason'] | null; free: readonly Temporal.Instant[] }

type About = {
  appointment: Appointment
  fields: Readonly<Record<string, string>>
  /** null: the time is open again. */
  closed: Closed | null
}

/** What these mails are about, so that the newer one replaces the older: not the appointment itself, as a confirmation that
 *  still waits, with its link, goes out all the same. Its id with another version (RFC 9562, 8 for one's own making), so
 *  that it is no other appointment's. */
const threadOf = (appointmentId: string): string => `${appointmentId.slice(0, 14)}8${appointmentId.slice(15)}`

/** Tells the person that the office is closed at their time, with other times; or that all is as it was. The link to the
 *  appointment is known to its person only, so the mail points at the one they have. */
export const mailDisplaced = async (tx: TenantTx, scene: Scene, about: About): Promise<void> => {
  const { appointment, fields, closed } = about
  const { tenant } = scene.running
  const language = spokenBy(scene.running, fields.language)
  const t: Translate = translator(language)
  const inWords = (at: Temporal.Instant) => ({
    day: formatDay(at, language, tenant.timeZone),
    time: formatTime(at, language, tenant.timeZone),
  })
  const { day, time } = inWords(appointment.startsAt)
  const kind = closed ? 'displaced' : 'standing'
  const text = (key: string) => t(`appointments.displaced.mail.${kind}.${key}`)
  const reason = closed?.reason
    ? [t('appointments.displaced.because', { reason: inLanguage(closed.reason, language) })]
    : []
  await queueMail(tx, scene.deps, {
    kind: `appointment.${kind}`,
    about: threadOf(appointment.id),
    to: fields.email ?? '',
    subject: t(`appointments.displaced.mail.${kind}.subject`, { day, time }),
    ...renderLetter({
      language,
      heading: text('heading'),
      paragraphs: [
        text('text'),
        ...reason,
        ...(closed ? [t('appointments.displaced.how', { phone: tenant.helpline.phone })] : []),
      ],
      facts: [
        [t('appointments.day'), day],
        [t('appointments.time'), t('appointments.atTime', { time })],
        [t('appointments.place'), placeInWords(scene, appointment, language)],
        [t('appointments.reference'), fields.reference ?? ''],
        ...(closed?.free ?? []).map(
          (at) => [t('appointments.displaced.free'), t('appointments.displaced.when', inWords(at))] as const,
        ),
      ],
      closing: [
        t('appointments.mail.help', {
          phone: tenant.helpline.phone,
          hours: inLanguage(tenant.helpline.hours, language),
        }),
        inLanguage(tenant.name, language),
      ],
    }),
  })
}
