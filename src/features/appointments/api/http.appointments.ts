import type { z } from 'zod'
import type { Holder } from '#features/actor.ts'
import { consentHash } from '#features/consent/index.ts'
import type { ApiContext, BearerLink, NoParams } from '#features/feature.ts'
import { errorText } from '#features/fields.tsx'
import { termsOf } from '#features/terms/index.ts'
import type { TenantTx } from '#platform/db/db.ts'
import type { Fault, Refusal } from '#platform/http/api-problem.ts'
import type { Language } from '#platform/i18n/translate.ts'
import { isCapability } from '#platform/random.ts'
import { askedFields, type FieldError, inputName, parseFields, type Typed } from '#register/form.ts'
import { type Field, getActivity, spokenBy } from '#register/register.ts'
import { readNumeric } from '#shared/text/digits.ts'
import { decideMove } from '../appointment.ts'
import { bookHeld, cancelBooked, eraseBooked, moveBooked, withdrawBooked } from '../booking/booking.ts'
import { fullAtField } from '../booking/form.ts'
import { readKey } from '../booking/hold.ts'
import { placesOf } from '../booking/places.ts'
import { todayOf } from '../booking/times.ts'
import { type Concern, concernOf } from '../concern.ts'
import { calendarOf } from '../mails/mails.ts'
import { findOwn, type Own } from '../own/own.ts'
import { findAppointment } from '../own/sql.ts'
import { issueReceipt, lastDone } from '../receipts/receipt.ts'
import { activityId, endingOf, manageAddress } from '../scene.ts'
import { bookableOf } from '../tenant.ts'
import { asksTooMuch, noticeOf, readAvailability, tooMuch } from './http.choice.ts'
import { problemOf, tooManyOf } from './problem.ts'
import type * as schema from './schema.ts'

/* Booking, and everything about an appointment that stands. */

type Body = z.output<typeof schema.BookingBody>

/** A field's value as the form would have sent it: a day has three inputs there, and of one that is known in part the rest
 *  is zero. A program writes a day in one form only: another one may be another day where it comes from (03/08/1984), so it
 *  goes into all three, where it is none. */
const typedFrom = (fields: readonly Field[], given: Body['fields']): Typed =>
  Object.fromEntries(
    fields.flatMap((field) => {
      const value = Object.hasOwn(given, field.id) ? (given[field.id] ?? '') : ''
      const name = inputName(field)
      if (field.input !== 'date') return [[name, value]]
      const parts = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(readNumeric(value))
      const [, year = '', month = '00', day = '00'] = parts ?? ['', value, value, value]
      return [
        [`${name}.day`, day],
        [`${name}.month`, month],
        [`${name}.year`, year],
      ]
    }),
  )

const pointerTo = (...parts: string[]): string =>
  `#/${parts.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`

/** What is wrong, for who has no boxes in front of them: of a day, its form, unless it has that and is none. */
const detailOf = (context: ApiContext, error: FieldError): string => {
  const { field, faults, key } = error
  const isOfCalendar = faults?.every(({ kind }) => kind === 'noSuchDay' || kind === 'calendar')
  if (key !== 'dateMissing' && (!faults || isOfCalendar)) return errorText(error, context)
  return context.t(field.partial ? 'appointments.api.dayInPart' : 'appointments.api.day')
}

const faultOf = (context: ApiContext, error: FieldError): Fault => ({
  pointer: pointerTo('fields', error.field.id),
  code: error.key,
  detail: detailOf(context, error),
})

const undeclared = ({ t }: ApiContext, fields: readonly Field[], given: Body['fields']): Fault[] =>
  Object.keys(given)
    .filter((id) => !fields.some((field) => field.id === id))
    .map((id) => ({ pointer: pointerTo('fields', id), code: 'undeclared', detail: t('appointments.api.undeclared') }))

const unspoken = ({ t, running }: ApiContext, language: Language): Fault[] =>
  running.tenant.languages.includes(language)
    ? []
    : [
        {
          pointer: pointerTo('language'),
          code: 'unspoken',
          detail: t('appointments.api.unspoken', { languages: running.tenant.languages.join(', ') }),
        },
      ]

/** Who agrees says to what: the proof of a consent names the very text that was shown. */
const disagreements = (context: ApiContext, agreed: Body['agreed'], language: Language): Fault[] => {
  const { running, t } = context
  const terms = termsOf(running)
  const { consent } = getActivity(running, activityId)
  const inForce = [
    ['notice', noticeOf(context).hash, t('appointments.consent.noticeMissing')],
    ['consent', consent && consentHash(consent, language), t('appointments.consent.consentMissing')],
    ['terms', terms?.version, t('appointments.consent.termsMissing')],
  ] as const
  return inForce
    .filter(([what, right]) => agreed[what] !== right)
    .map(([what, , missing]) => {
      const isMissing = agreed[what] === undefined
      return {
        pointer: pointerTo('agreed', what),
        code: isMissing ? 'missing' : 'outdated',
        detail: isMissing ? missing : t('appointments.api.outdated'),
      }
    })
}

const readBooking = (
  context: ApiContext,
  { channel }: Concern,
  body: Body,
): { values: Record<string, string> } | Refusal => {
  const activity = getActivity(context.running, activityId)
  const fields = askedFields(activity, channel)
  const parsed = parseFields(activity, channel, typedFrom(fields, body.fields), todayOf(context))
  const errors = [
    ...undeclared(context, fields, body.fields),
    ...(parsed.ok ? [] : parsed.errors.map((error) => faultOf(context, error))),
    ...unspoken(context, body.language),
    ...disagreements(context, body.agreed, body.language),
  ]
  return parsed.ok && errors.length === 0 ? { values: parsed.values } : { problem: 'invalid', errors }
}

/** An appointment as a program sees it: what its page for people shows, and the calendar entry. */
const describe = async (tx: TenantTx, context: ApiContext, { appointment, record }: Own, token: string) => {
  const tenant = bookableOf(context.running)
  const { fields } = record
  const language = spokenBy(context.running, fields.language)
  const manage = manageAddress(context, language, token)
  const reference = fields.reference ?? ''
  const { status, startsAt, endsAt, siteId, serviceIds } = appointment
  return {
    reference,
    status: status === 'held' ? ('booked' as const) : status,
    timeZone: tenant.timeZone,
    start: startsAt.toString(),
    end: endsAt.toString(),
    services: [...serviceIds],
    site: siteId,
    channel: concernOf(tenant, appointment)?.channel ?? null,
    language,
    manage,
    calendar: calendarOf(context, appointment, { reference, method: 'PUBLISH', language, attendee: null, url: manage }),
    displaced: appointment.displacedAt !== null,
    receipt: (await issueReceipt(tx, context, lastDone(appointment, fields))).jws,
    fields: { ...fields },
  }
}

const wrongField = (context: ApiContext, error: FieldError): Refusal => ({
  problem: 'invalid',
  errors: [faultOf(context, error)],
})

/** The key of the hold that is booked. It has the token of the appointment to be. */
export const keyOfBooking: BearerLink<NoParams, { body: Body }, { token: string }> = {
  kind: 'link',
  name: 'holdKey',
  admit: async (context, { body }, go) => {
    const token = readKey(context, body.hold, context.bearer)
    return token === null ? { problem: 'unauthorized' as const } : go({ token })
  },
}

export const book = async (
  context: ApiContext<NoParams, Holder<{ token: string }>>,
  { body }: { body: Body },
): Promise<z.input<typeof schema.BookedAppointment> | Refusal> => {
  const { token } = context.actor.proves
  const held = await context.inTenant((tx) => findAppointment(tx, body.hold))
  const concern = held && concernOf(bookableOf(context.running), held)
  if (!concern) return { problem: 'gone' }
  const booking = readBooking(context, concern, body)
  if ('problem' in booking) return booking
  return context.inTenant(async (tx) => {
    const request = { holdId: body.hold, token, fields: booking.values, language: body.language }
    const outcome = await bookHeld(tx, context, request, placesOf(context))
    if (outcome.kind === 'caller-full') {
      const atField = fullAtField(context, outcome.of)
      return atField ? wrongField(context, atField) : tooManyOf(context, outcome.of)
    }
    if (outcome.kind !== 'booked') return { problem: problemOf[outcome.kind] }
    const own = await findOwn(tx, context, token)
    return own ? { ...(await describe(tx, context, own, token)), token } : { problem: 'gone' }
  })
}

/** The appointment of the bearer's token, locked in the transaction of the request: that one, and none beside it. */
type OwnFound = { own: Own; token: string; tx: TenantTx }

type OwnContext = ApiContext<NoParams, Holder<OwnFound>>

/** The token of one appointment. What is done with it is done in the transaction in which it was found. */
export const manageToken: BearerLink<NoParams, unknown, OwnFound> = {
  kind: 'link',
  name: 'manageToken',
  admit: async (context, _given, go) => {
    const { bearer: token } = context
    if (!isCapability(token)) return { problem: 'unauthorized' as const }
    return context.inTenant(async (tx) => {
      const own = await findOwn(tx, context, token)
      return own ? go({ own, token, tx }) : { problem: 'gone' as const }
    })
  },
}

/** The same for who asks for a list of times, which not everybody may have without end. */
export const manageTokenToAsk: typeof manageToken = {
  ...manageToken,
  admit: async (context, given, go) =>
    isCapability(context.bearer) && (await asksTooMuch(context)) ? tooMuch : manageToken.admit(context, given, go),
}

export const show = async (context: OwnContext) => {
  const { own, token, tx } = context.actor.proves
  return describe(tx, context, own, token)
}

export const showOwnAvailability = async (
  context: OwnContext,
  { query }: { query: z.output<typeof schema.OwnAvailabilityQuery> },
): Promise<z.input<typeof schema.Availability> | Refusal> => {
  const { own, tx } = context.actor.proves
  const { appointment } = own
  const concern = concernOf(bookableOf(context.running), appointment)
  const { kind } = decideMove(appointment, context.now)
  if (kind !== 'possible') return { problem: problemOf[kind] }
  if (!concern) return { problem: 'tooLate' }
  return readAvailability(tx, context, concern, query, appointment.id)
}

export const move = async (context: OwnContext, { body }: { body: z.output<typeof schema.MoveBody> }) => {
  const { own, token, tx } = context.actor.proves
  const start = Temporal.Instant.from(body.start)
  const { kind } = await moveBooked(tx, context, own, start, token, placesOf(context))
  if (kind === 'caller-full') return tooManyOf(context, 'day')
  if (kind !== 'moved') return { problem: problemOf[kind] }
  const moved = await findOwn(tx, context, token)
  return moved ? describe(tx, context, moved, token) : { problem: 'gone' as const }
}

export const cancel = async (context: OwnContext) => {
  const { own, tx } = context.actor.proves
  const outcome = await cancelBooked(tx, context, own)
  return outcome.kind === 'cancelled'
    ? { restricted: outcome.restricted, receipt: outcome.receipt.jws }
    : { problem: problemOf[outcome.kind] }
}

export const withdraw = async (context: OwnContext) => {
  const { own, tx } = context.actor.proves
  const end = endingOf(context.running) === 'withdraw' ? withdrawBooked : eraseBooked
  const { restricted, receipt } = await end(tx, context, own)
  return { restricted, receipt: receipt?.jws ?? null }
}
