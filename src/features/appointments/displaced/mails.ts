import { queueMail, renderLetter } from '#features/mail/index.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { type Language, translator } from '#platform/i18n/translate.ts'
import { inLanguage, type Site, spokenBy } from '#register/register.ts'
import type { Appointment } from '../appointment.ts'
import { closingOf, ofTimes, subjectOf, timeFacts } from '../letter.ts'
import { letters } from '../letters.ts'
import { manageAddress, type Scene } from '../scene.ts'
import { dayAndTime, markOf } from '../words.ts'

type Closed = { reason: Site['closures'][number]['reason'] | null; free: readonly Temporal.Instant[] }

type About = {
  appointment: Appointment
  fields: Readonly<Record<string, string>>
  /** Of the link to the appointment; null where mails like this have none. */
  token: string | null
  /** null: the time is open again. */
  closed: Closed | null
}

/** What these mails are about, so that the newer one replaces the older: not the appointment itself, as a confirmation that
 *  still waits, with its link, goes out all the same. Its id with another version (RFC 9562, 8 for one's own making), so
 *  that it is no other appointment's. */
const threadOf = (appointmentId: string): string => `${appointmentId.slice(0, 14)}8${appointmentId.slice(15)}`

const closedParagraphs = (scene: Scene, { reason }: Closed, hasLink: boolean, language: Language): string[] => {
  const t = translator(language)
  return [
    ...(reason ? [t('appointments.displaced.because', { reason: inLanguage(reason, language) })] : []),
    t(`appointments.displaced.${hasLink ? 'howHere' : 'how'}`, { phone: scene.running.tenant.helpline.phone }),
  ]
}

const freeFacts = (scene: Scene, free: Closed['free'], language: Language) => {
  const t = translator(language)
  return ofTimes(
    scene,
    free.map((at) => [
      t('appointments.displaced.free'),
      t('appointments.displaced.when', dayAndTime(scene, at, language)) + markOf(scene, at, language),
    ]),
  )
}

/** Tells the person that the office is closed at their time, with other times; or that all is as it was. Where the
 *  mail has no link of its own, it points at the one that only the person knows. */
export const mailDisplaced = async (tx: TenantTx, scene: Scene, about: About): Promise<void> => {
  const { appointment, fields, token, closed } = about
  const language = spokenBy(scene.running, fields.language)
  const t = translator(language)
  const kind = closed ? 'displaced' : 'standing'
  const texts = `appointments.displaced.mail.${kind}` as const
  const free = closed ? freeFacts(scene, closed.free, language) : []
  await queueMail(tx, scene.deps, {
    kind: letters[kind],
    about: threadOf(appointment.id),
    to: fields.email ?? '',
    subject: subjectOf(scene, texts, appointment.startsAt, language),
    ...renderLetter({
      language,
      heading: t(`${texts}.heading`),
      paragraphs: [
        t(`${texts}.text`),
        ...(closed ? closedParagraphs(scene, closed, token !== null, language) : []),
        ...(free.length > 0 ? [t('appointments.displaced.mail.displaced.below')] : []),
      ],
      facts: [
        ...timeFacts(scene, appointment, language, true),
        [t('appointments.reference'), fields.reference ?? ''],
        ...free,
      ],
      ...(token === null
        ? {}
        : {
            action: { label: t('appointments.mail.manage'), url: manageAddress(scene, language, token) },
          }),
      closing: [...(token === null ? [] : [t('appointments.mail.keepLink')]), ...closingOf(scene, language)],
    }),
  })
}
