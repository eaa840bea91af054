import { type Letter, mailsNameTimes, queueMail, renderLetter } from '#features/mail/index.ts'
import { routes as rights } from '#features/rights/routes.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { type Language, translator } from '#platform/i18n/translate.ts'
import { inLanguage, spokenBy } from '#register/register.ts'
import type { Appointment } from '../appointment.ts'
import { closedSentences, closingOf, dayFacts, subjectOf, timeFacts } from '../letter.ts'
import { letters } from '../letters.ts'
import { endingOf, manageAddress, type Scene } from '../scene.ts'
import { placeInWords } from '../words.ts'
import { calendarText } from './icalendar.ts'

type Fields = Readonly<Record<string, string>>
type About = {
  appointment: Appointment
  fields: Fields
  token?: string
  /** The person's data are not erased but kept restricted, under a legal hold. */
  restricted?: boolean
  /** Where the receipt of it can be seen and checked. */
  receipt?: string | null
}

/** Calendars offer to accept and decline, and nobody hears of it: so the entry says where cancelling is done. Its address
 *  stands alone on a line, where no sentence gets into it. */
const descriptionOf = (url: string, language: Language): string => {
  const t = translator(language)
  return [t('appointments.calendar.description'), url, '', t('appointments.calendar.declining')].join('\n')
}

/** The calendar entry of an appointment. It names neither the person's concern nor their number. */
export const calendarOf = (
  scene: Scene,
  appointment: Appointment,
  options: {
    /** The booking's, so that what stays after its erasure has nothing in common with the entry in people's calendars. */
    reference: string
    method: 'REQUEST' | 'CANCEL' | 'PUBLISH'
    language: Language
    attendee: string | null
    url: string | null
  },
): string => {
  const { tenant } = scene.running
  const name = inLanguage(tenant.name, options.language)
  return calendarText({
    uid: `${options.reference}@${new URL(scene.deps.config.publicUrl).hostname}`,
    sequence: appointment.sequence,
    method: options.method,
    isTentative: appointment.displacedAt !== null,
    startsAt: appointment.startsAt,
    endsAt: appointment.endsAt,
    timeZone: tenant.timeZone,
    summary: translator(options.language)('appointments.calendar.summary', { name }),
    description: options.url ? descriptionOf(options.url, options.language) : '',
    location: placeInWords(scene, appointment, options.language),
    organizer: { name, email: tenant.mailFrom },
    attendee: options.attendee,
    url: options.url,
    stampedAt: scene.now,
  })
}

type Kind = 'booked' | 'moved' | 'link' | 'cancelled' | 'withdrawn' | 'erased' | 'reminder'

const isOver = (kind: Kind): boolean => kind === 'cancelled' || kind === 'withdrawn' || kind === 'erased'

/** How the mail ends that has no link any more. Without the reason of a legal hold: a mail says nothing that who reads over
 *  a shoulder need not know. */
const erasedOrNot = ({ deps, running }: Scene, { restricted }: About, language: Language): string => {
  const t = translator(language)
  const data = rights.data.href({ slug: running.tenant.slug, language }, {})
  return restricted
    ? t('appointments.mail.restricted', { url: deps.config.publicUrl + data })
    : t('appointments.mail.nowErased')
}

const letterOf = (scene: Scene, kind: Kind, about: About, language: Language, url: string | null): Letter => {
  const { appointment, fields, receipt } = about
  const t = translator(language)
  return {
    language,
    heading: t(`appointments.mail.${kind}.heading`),
    paragraphs: [
      t(`appointments.mail.${kind}.text`),
      ...(isOver(kind) ? [] : closedSentences(scene, appointment, language)),
    ],
    facts: [
      ...timeFacts(scene, appointment, language, !isOver(kind)),
      [t('appointments.reference'), fields.reference ?? ''],
    ],
    ...(url ? { action: { label: t('appointments.mail.manage'), url } } : {}),
    more: isOver(kind) ? [] : dayFacts(scene, appointment, fields, language),
    // A receipt names the time, too: it stands behind the `#` of its link.
    ...(receipt && mailsNameTimes(scene.running)
      ? { proof: { label: t('appointments.receipts.mail'), url: receipt } }
      : {}),
    closing: [
      ...(url
        ? [t('appointments.mail.keepLink'), t(`appointments.mail.${endingOf(scene.running)}Link`)]
        : [erasedOrNot(scene, about, language)]),
      ...closingOf(scene, language),
    ],
  }
}

const send = async (tx: TenantTx, scene: Scene, kind: Kind, about: About, recordId?: string): Promise<void> => {
  const { appointment, fields, token } = about
  if (!fields.email) return
  const language = spokenBy(scene.running, fields.language)
  const url = token ? manageAddress(scene, language, token) : null
  const method = isOver(kind) ? 'CANCEL' : 'REQUEST'
  const reference = fields.reference ?? ''
  const calendarFor = (attendee: string) =>
    calendarOf(scene, appointment, { reference, method, language, attendee, url })
  await queueMail(tx, scene.deps, {
    kind: letters[kind],
    about: appointment.id,
    ...(recordId === undefined ? {} : { recordId }),
    to: fields.email,
    subject: subjectOf(scene, `appointments.mail.${kind}`, appointment.startsAt, language),
    ...renderLetter(letterOf(scene, kind, about, language, url)),
    ...(mailsNameTimes(scene.running) ? { calendar: { method, content: calendarFor(fields.email) } } : {}),
  })
}

export const mailBooked = (tx: TenantTx, scene: Scene, about: About) => send(tx, scene, 'booked', about)
export const mailMoved = (tx: TenantTx, scene: Scene, about: About) => send(tx, scene, 'moved', about)
export const mailCancelled = (tx: TenantTx, scene: Scene, about: About, why: 'cancelled' | 'withdrawn' | 'erased') =>
  send(tx, scene, why, about)
/** A calendar that has the entry changes its link, too. */
export const mailLink = (tx: TenantTx, scene: Scene, about: About) => send(tx, scene, 'link', about)
/** `recordId`: the id that the appointment keeps for this mail's envelope. */
export const mailReminder = (tx: TenantTx, scene: Scene, about: About, recordId: string) =>
  send(tx, scene, 'reminder', about, recordId)
