import type { Context } from '#features/feature.ts'
import { isolate } from '#platform/i18n/direction.ts'
import { formatDay, formatTime, joinTexts } from '#platform/i18n/format.ts'
import { hourMark } from '#platform/i18n/hour-twice.ts'
import { type Language, translator } from '#platform/i18n/translate.ts'
import { addressLine } from '#register/papers/written-register.ts'
import { type Format, inLanguage } from '#register/register.ts'
import type { Appointment } from './appointment.ts'
import { type Concern, concernOf } from './concern.ts'
import type { Scene } from './scene.ts'
import { bookable, bookableOf } from './tenant.ts'

/* When, where and what for, in words: the same on pages, in mails, in calendars and on receipts. */

const beginsLatin = (text: string): boolean => /^\P{L}*\p{Script=Latin}/u.test(text)

type Place = Pick<Scene, 'running'>

/** Where the visit takes place, in words: an address, or that we call. */
export const placeInWords = (
  { running }: Place,
  booked: Pick<Appointment, 'siteId' | 'serviceIds'>,
  language: Language,
): string => {
  const tenant = bookableOf(running)
  const site = tenant.sites.find(({ id }) => id === booked.siteId)
  if (!site) return booked.siteId
  const t = translator(language)
  if (concernOf(tenant, booked)?.channel === 'phone') return t('appointments.byPhone')
  const [name, address] = [inLanguage(site.name, language), addressLine(site)]
  // Two texts in Latin letters with a comma of another script between them come out in odd order where a line ends.
  return beginsLatin(name)
    ? isolate(`${name}, ${address}`, language)
    : [name, isolate(address, language)].join(t('platform.listComma'))
}

/** Day and time by the clock of the tenant, as texts take them. */
export const dayAndTime = ({ running: { tenant } }: Place, at: Temporal.Instant, language: Language) => ({
  day: formatDay(at, language, tenant.timeZone),
  time: formatTime(at, language, tenant.timeZone),
})

/** What stands after a time that comes twice on its day, so that nobody comes an hour too early or too late; mostly nothing. */
export const markOf = ({ running: { tenant } }: Place, at: Temporal.Instant, language: Language): string =>
  hourMark(at, language, tenant.timeZone)

/** A time as a choice, e.g. "10:20". */
export const timeToChoose = ({ running: { tenant } }: Place, at: Temporal.Instant, language: Language): string =>
  formatTime(at, language, tenant.timeZone) + hourMark(at, language, tenant.timeZone)

/** Day and time as a fact, e.g. "Montag, 30. November 2026, 10:20 Uhr". */
export const whenInWords = (context: Pick<Context, 'running' | 'language' | 't'>, at: Temporal.Instant): string => {
  const { t, language } = context
  const { day, time } = dayAndTime(context, at, language)
  return [day, t('appointments.atTime', { time })].join(t('platform.listComma')) + markOf(context, at, language)
}

/** Day and time within a sentence, e.g. "Montag, 30. November 2026 um 10:20 Uhr". */
export const momentInWords = (scene: Place, at: Temporal.Instant, language: Language): string =>
  translator(language)('appointments.waiting.moment', dayAndTime(scene, at, language)) + markOf(scene, at, language)

/** What somebody wants an appointment for. */
export const concernInWords = (context: Context, { services }: Concern) =>
  servicesInWords(
    context,
    services.map(({ id }) => id),
  )

/** Where it would take place. */
export const wherever = (context: Context, { site, services }: Concern) =>
  placeInWords(context, { siteId: site.id, serviceIds: services.map(({ id }) => id) }, context.language)

/** Services in words, e.g. "Antrag abgeben und Beratung vor Ort". One that the tenant does not offer any more keeps its id. */
export const servicesInWords = (
  { running, language }: Pick<Context, 'running' | 'language'>,
  ids: readonly string[],
): string => {
  const services = bookable.of(running)?.services ?? []
  return joinTexts(
    ids.map((id) => {
      const service = services.find((each) => each.id === id)
      return service ? inLanguage(service.title, language) : id
    }),
    language,
  )
}

/** The services of a record, which keeps their ids. */
export const asServices: Format = (value, reader) => servicesInWords(reader, value.split(','))

/** The site of a record. One that is declared no more keeps its id. */
export const asSite: Format = (value, { running, language }) => {
  const site = running.tenant.sites.find(({ id }) => id === value)
  return site ? inLanguage(site.name, language) : value
}
