import { type Letter, mailsNameTimes, queueMail, renderLetter } from '#features/mail/index.ts'
import { routes as rights } from '#features/rights/routes.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { isolate } from '#platform/i18n/direction.ts'
import { formatDay, formatTime } from '#platform/i18n/format.ts'
import { type Language, translator } from '#platform/i18n/translate.ts'
import { addressLine } from '#register/papers/record.ts'
import { inLanguage, spokenBy } from '#register/register.ts'
import type { Appointment } from '../appointment.ts'
import { concernOf } from '../concern.ts'
import { routes } from '../routes.ts'
import { endingOf, type Scene } from '../scene.ts'
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

const beginsLatin = (text: string): boolean => /^\P{L}*\p{Script=Latin}/u.test(text)

type Booked = Pick<Appointment, 'siteId' | 'serviceIds'>

/** Where the visit takes place, in words: an address, or that we call. */
export const placeInWords = ({ running: { tenant } }: Scene, booked: Booked, language: Language): string => {
  const site = tenant.sites.find(({ id }) => id === booked.siteId)
  if (!site) return booked.siteId
  const t = translator(language)
  if (concernOf(tenant, booked)?.channel === 'phone') return t('appointments.byPhone')
  const [name, address] = [inLanguage(site.name, language), addressLine(site)]
  // Two texts in Latin letters with a comma of another script between them come out in odd order where a line ends.
  return beginsLatin(name)
    ? isolate(`${name}, ${address}`, language)
    : [name, isolate(address, language)].join(t('common.listComma'))
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
    startsAt: appointment.startsAt,
    endsAt: appointment.endsAt,
    timeZone: tenant.timeZone,
    summary: translator(options.language)('appointments.calendar.summary', { name }),
    description: options.url ? translator(options.language)('appointments.calendar.description') : '',
    location: placeInWords(scene, appointment, options.language),
    organizer: { name, email: tenant.mailFrom },
    attendee: options.attendee,
    url: options.url,
    stampedAt: scene.now,
  })
}

const send = async (
  tx: TenantTx,
  scene: Scene,
  kind: 'booked' | 'moved' | 'cancelled' | 'withdrawn' | 'erased' | 'reminder',
  about: About,
  recordId?: string,
): Promise<void> => {
  const { appointment, fields, token, restricted } = about
  if (!fields.email) return
  const { tenant } = scene.running
  const language = spokenBy(scene.running, fields.language)
  const t = translator(language)
  const day = formatDay(appointment.startsAt, language, tenant.timeZone)
  const time = formatTime(appointment.startsAt, language, tenant.timeZone)
  const url = token
    ? scene.deps.config.publicUrl + routes.manage.href({ slug: tenant.slug, language }, { token })
    : null
  // Without the reason: a mail says nothing that who reads over a shoulder need not know.
  const ending = restricted
    ? t('appointments.mail.restricted', {
        url: scene.deps.config.publicUrl + rights.data.href({ slug: tenant.slug, language }, {}),
      })
    : t('appointments.mail.nowErased')
  const bring = concernOf(tenant, appointment)?.channel === 'inPerson'
  const gone = kind === 'cancelled' || kind === 'withdrawn' || kind === 'erased'
  const text = (key: string) => t(`appointments.mail.${kind}.${key}`)
  const namesTime = mailsNameTimes(scene.running)
  const facts: [string, string][] = [
    [t('appointments.day'), day],
    [t('appointments.time'), t('appointments.atTime', { time })],
    ...(gone ? [] : [[t('appointments.place'), placeInWords(scene, appointment, language)] as [string, string]]),
  ]
  const letter: Letter = {
    language,
    heading: text('heading'),
    paragraphs: [text('text'), ...(kind === 'reminder' && bring ? [t('appointments.manage.bring')] : [])],
    facts: [...(namesTime ? facts : []), [t('appointments.reference'), fields.reference ?? '']],
    ...(url ? { action: { label: t('appointments.mail.manage'), url } } : {}),
    // A receipt names the time, too: it stands behind the `#` of its link.
    ...(about.receipt && namesTime ? { proof: { label: t('receipts.mail'), url: about.receipt } } : {}),
    closing: [
      ...(url ? [t('appointments.mail.keepLink'), t(`appointments.mail.${endingOf(scene.running)}Link`)] : [ending]),
      t('appointments.mail.help', { phone: tenant.helpline.phone, hours: inLanguage(tenant.helpline.hours, language) }),
      inLanguage(tenant.name, language),
    ],
  }
  const method = gone ? 'CANCEL' : 'REQUEST'
  const calendarFor = () =>
    calendarOf(scene, appointment, {
      reference: fields.reference ?? '',
      method,
      language,
      attendee: fields.email ?? null,
      url,
    })
  await queueMail(tx, scene.deps, {
    kind: `appointment.${kind}`,
    about: appointment.id,
    ...(recordId === undefined ? {} : { recordId }),
    to: fields.email,
    subject: namesTime ? t(`appointments.mail.${kind}.subject`, { day, time }) : text('heading'),
    ...renderLetter(letter),
    ...(namesTime ? { calendar: { method, content: calendarFor() } } : {}),
  })
}

export const mailBooked = (tx: TenantTx, scene: Scene, about: About) => send(tx, scene, 'booked', about)
export const mailMoved = (tx: TenantTx, scene: Scene, about: About) => send(tx, scene, 'moved', about)
export const mailCancelled = (tx: TenantTx, scene: Scene, about: About, why: 'cancelled' | 'withdrawn' | 'erased') =>
  send(tx, scene, why, about)
/** `recordId`: the id that the appointment keeps for this mail's envelope. */
export const mailReminder = (tx: TenantTx, scene: Scene, about: About, recordId: string) =>
  send(tx, scene, 'reminder', about, recordId)
