import { type Language, translator } from '#platform/i18n/translate.ts'
import { inLanguage } from '#register/register.ts'
import type { Appointment } from './appointment.ts'
import { concernOf } from './concern.ts'
import type { Scene } from './scene.ts'
import { bookableOf, type Site } from './tenant.ts'

/* What somebody needs to know for the day itself: the same on the page and in the mails. Beyond what follows from the
 * booking, only what the tenant's file says: nothing is promised in its name. */

export type OnTheDay = {
  /** Length of the visit. */
  minutes: number
  /** Where to come; null where we call. */
  site: Site | null
  /** What to bring besides an identity document, in sentences of the services. */
  bring: readonly string[]
  /** The number that is called; null where somebody comes, or gave none. */
  phone: string | null
  /** How the tenant calls, e.g. that no number is shown. */
  calls: string | null
}

type Booked = Pick<Appointment, 'startsAt' | 'endsAt' | 'siteId' | 'serviceIds'>
type Fields = Readonly<Record<string, string>>

export const onTheDay = (
  { running }: Pick<Scene, 'running'>,
  booked: Booked,
  fields: Fields,
  language: Language,
): OnTheDay => {
  const tenant = bookableOf(running)
  const concern = concernOf(tenant, booked)
  const byPhone = concern?.channel === 'phone'
  const texts = concern?.services.flatMap(({ bring }) => (bring ? [inLanguage(bring, language)] : [])) ?? []
  return {
    minutes: Math.round(booked.startsAt.until(booked.endsAt).total('minutes')),
    site: byPhone || !concern ? null : concern.site,
    bring: [...new Set(texts)],
    phone: byPhone ? (fields.phone ?? null) : null,
    calls: byPhone && tenant.calls ? inLanguage(tenant.calls, language) : null,
  }
}

const spoken = ['interpreterLanguage', 'interpreter'] as const

/** What the tenant does about an interpreter, for whoever asked for one. `inMail`: a mail can be read over a shoulder, and
 *  that somebody needs sign language says something about their health. */
export const interpreterSentence = (
  { running }: Pick<Scene, 'running'>,
  fields: Fields,
  language: Language,
  { inMail }: { inMail: boolean },
): string | null => {
  const { interpreter } = bookableOf(running)
  const asked = spoken.some((id) => fields[id]) || (!inMail && Boolean(fields.signLanguage))
  return asked && interpreter ? inLanguage(interpreter, language) : null
}

/** What the tenant's file says of a site, with its label. */
export const wayFacts = (site: Site, language: Language): [label: string, text: string][] => {
  const t = translator(language)
  return [
    [t('appointments.onTheDay.wayLabel'), site.directions] as const,
    [t('appointments.onTheDay.accessLabel'), site.access] as const,
    [t('appointments.onTheDay.arrivalLabel'), site.arrival] as const,
  ].flatMap(([label, text]) => (text ? [[label, inLanguage(text, language)]] : []))
}
