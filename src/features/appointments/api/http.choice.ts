import type { z } from 'zod'
import { consentHash } from '#features/consent/index.ts'
import type { ApiContext } from '#features/feature.ts'
import { termsOf } from '#features/terms/index.ts'
import { routes as website } from '#features/website/routes.ts'
import type { TenantTx } from '#platform/db/db.ts'
import type { Refusal } from '#platform/http/api-problem.ts'
import { uuid } from '#platform/random.ts'
import { askedFields, ticked } from '#register/form.ts'
import { type Field, getActivity, inLanguage } from '#register/register.ts'
import { todayOf } from '../booking/times.ts'
import { findFirstStart, listFreeStarts } from '../capacity/starts.ts'
import { type Concern, chooseConcern, partOf, sitesOf } from '../concern.ts'
import { activityId } from '../scene.ts'
import { bookableOf } from '../tenant.ts'
import type * as schema from './schema.ts'

/* What there is to choose from, and what will be asked. */

/** Lists of free times one caller may ask for in a minute: each may look through a month at two hundred desks. */
const listsPerMinute = 120

export const showSites = async ({ running }: ApiContext): Promise<z.input<typeof schema.Sites>> => ({
  timeZone: running.tenant.timeZone,
  sites: bookableOf(running).sites.map(({ id, name, street, postalCode, city, directions, access, openingHours }) => ({
    id,
    name,
    street,
    postalCode,
    city,
    ...(directions ? { directions } : {}),
    ...(access ? { access } : {}),
    openingHours: openingHours.map(({ desks: _, ...hours }) => hours), // how many serve is nobody's business
  })),
})

export const showServices = async ({ running }: ApiContext): Promise<z.input<typeof schema.Services>> => {
  const tenant = bookableOf(running)
  return {
    maxServices: tenant.booking.maxServices,
    services: tenant.services.map((service) => {
      const { id, title, description, channel, minutes } = service
      return { id, title, description, channel, minutes, sites: sitesOf(tenant, [service]).map((site) => site.id) }
    }),
  }
}

/** What was chosen, or why it is none. `where` says what the request calls its parts. */
export const readConcern = (
  { running, t }: ApiContext,
  chosen: { services: readonly string[]; site?: string | undefined },
  where: (part: 'services' | 'site') => { pointer: string } | { parameter: string },
): Concern | Refusal => {
  const tenant = bookableOf(running)
  const concern = chooseConcern(tenant, chosen.services, chosen.site)
  if (typeof concern !== 'string') return concern
  const detail = t(`appointments.services.${concern}`, { count: tenant.booking.maxServices })
  return { problem: 'invalid', errors: [{ ...where(partOf(concern)), code: concern, detail }] }
}

/** Whether this caller asks for too many lists. In a transaction of its own: nobody waits for the list to be made, and one
 *  that fails counts, too. */
export const asksTooMuch = ({ deps, caller, now, inTenant }: ApiContext): Promise<boolean> => {
  const labels = { availability: { most: listsPerMinute } }
  const place = { id: uuid(deps.random), labels, until: now.add({ minutes: 1 }) }
  return inTenant(async (tx) => (await deps.limits.take(tx, caller.counted, place)).kind === 'full')
}
export const tooMuch: Refusal = { problem: 'tooMany', retryAfter: 60 }

type Days = z.output<typeof schema.OwnAvailabilityQuery>

/** The free times of some days. One statement where they begin today, as the first of them is the first of all then. */
export const readAvailability = async (
  tx: TenantTx,
  context: ApiContext,
  concern: Concern,
  { from, days }: Days,
  own: string | null = null,
): Promise<z.input<typeof schema.Availability>> => {
  const first = todayOf(context)
  const day = from === undefined ? first : Temporal.PlainDate.from(from)
  const starts = await listFreeStarts(tx, context, concern, day, days, own)
  const fromStart = Temporal.PlainDate.compare(day, first) <= 0 ? starts[0] : undefined
  const next = fromStart ?? (await findFirstStart(tx, context, concern, own))
  const { timeZone } = context.running.tenant
  return { timeZone, minutes: concern.minutes, first: next?.toString() ?? null, starts: starts.map(String) }
}

export const showAvailability = async (
  context: ApiContext,
  { query }: { query: z.output<typeof schema.AvailabilityQuery> },
): Promise<z.input<typeof schema.Availability> | Refusal> => {
  const chosen = { services: query.services.split(','), site: query.site }
  const concern = readConcern(context, chosen, (parameter) => ({ parameter }))
  if ('problem' in concern) return concern
  if (await asksTooMuch(context)) return tooMuch
  return context.inTenant((tx) => readAvailability(tx, context, concern, query))
}

/** Inputs of which the length is limited. */
const typed: readonly string[] = ['text', 'name', 'email', 'phone', 'longText']

const fieldOf = (field: Field, channel: string): z.input<typeof schema.Fields>['fields'][number] => {
  const { id, label, hint, input, options, partial, needs, pattern, reason, ifRefused } = field
  return {
    id,
    label,
    reason,
    ifRefused,
    ...(hint ? { hint } : {}),
    // What programs of the first version know as text stays text.
    input: input === 'none' || input === 'phone' ? 'text' : input,
    ...(input === 'phone' ? { format: 'phone' as const } : {}),
    ...(partial ? { partial } : {}),
    ...(options ? { options } : {}),
    ...(input === 'check' ? { value: ticked } : {}),
    ...(needs ? { needs } : {}),
    necessity: field.when === channel ? 'required' : field.necessity,
    ...(typed.includes(input) ? { maxLength: field.maxLength } : {}),
    ...(pattern ? { pattern: `^(?:${pattern.regex})$`, patternMessage: pattern.message } : {}),
    specialCategory: field.specialCategory === 'possible',
  }
}

export const showFields = async (
  { running }: ApiContext,
  { query: { channel } }: { query: z.output<typeof schema.FieldsQuery> },
): Promise<z.input<typeof schema.Fields>> => ({
  fields: askedFields(getActivity(running, activityId), channel).map((field) => fieldOf(field, channel)),
})

/** The notice that is in force.
 *  @throws for a tenant that has not been prepared. */
export const noticeOf = ({ deps, running }: ApiContext) => {
  const notice = deps.inForce.get(running.tenant.slug)
  if (!notice) throw new Error(`tenant ${running.tenant.slug} is not prepared`)
  return notice
}

export const showConsent = async (context: ApiContext): Promise<z.input<typeof schema.Consent>> => {
  const { running, deps } = context
  const { slug } = running.tenant
  const { consent } = getActivity(running, activityId)
  const terms = termsOf(running)
  const urls = running.tenant.languages.map((language) => [
    language,
    deps.config.publicUrl + website.notice.href({ slug, language }, {}),
  ])
  return {
    notice: { ...noticeOf(context), url: Object.fromEntries(urls) },
    consent: consent
      ? {
          version: consent.version,
          languages: running.tenant.languages.map((language) => ({
            language,
            purpose: inLanguage(consent.purpose, language),
            refusal: inLanguage(consent.refusal, language),
            withdrawal: inLanguage(consent.withdrawal, language),
            text: inLanguage(consent.text, language),
            hash: consentHash(consent, language),
          })),
        }
      : null,
    terms: terms ? { version: terms.version, points: terms.points } : null,
  }
}
