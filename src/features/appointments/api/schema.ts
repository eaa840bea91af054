import { z } from 'zod'
import { languages } from '#platform/i18n/translate.ts'

/* What programs send and get. Requests are strict: what is not declared is refused. Answers may gain properties. */

const Id = z.string().min(1).max(100)
const Text = z.record(z.string(), z.string().optional()).describe('A text by language; German is decisive')
const Channel = z.enum(['inPerson', 'phone'])
const Language = z.enum(languages)
const At = z.iso.datetime({ precision: 0 }).describe('An instant in UTC, e.g. 2026-11-24T08:00:00Z')
const Day = z.iso.date()
const HoldId = z.uuid()
const TimeZone = z.string().describe('Time zone of the tenant (IANA), e.g. Europe/Berlin')
/** With any offset, to the second: a start lies on the grid of the clock on the wall. */
const Start = z.iso
  .datetime({ precision: 0, offset: true })
  .describe('One of the free starts, e.g. 2026-11-24T08:00:00Z')

/** In the examples: not a time that anybody can book for long. */
const aStart = '2026-11-24T08:00:00Z'

const Days = {
  from: Day.optional().describe('First day, in the time zone of the tenant; today if it is missing'),
  days: z.coerce.number().int().min(1).max(31).default(7).describe('How many days from there on'),
}
export const AvailabilityQuery = z.strictObject({
  services: z.string().min(1).max(500).describe('Ids of services for one visit, separated by commas'),
  site: Id.optional().describe('Id of a site; needed where more than one offers all of the services'),
  ...Days,
})
export const OwnAvailabilityQuery = z.strictObject(Days)
export const FieldsQuery = z.strictObject({
  channel: Channel.describe('Of the services that are booked: whoever is called is asked for a phone number'),
})

export const HoldBody = z
  .strictObject({
    services: z.array(Id).min(1).max(10),
    site: Id.optional(),
    start: Start,
    replaces: HoldId.optional().describe(
      'Another hold that is given up for this one; its key comes as bearer. Its time counts as free.',
    ),
  })
  .meta({ examples: [{ services: ['beratung-vor-ort'], start: aStart }] })

export const BookingBody = z
  .strictObject({
    hold: HoldId,
    fields: z
      .record(z.string().max(100), z.string().max(8000))
      .describe(
        'What the person enters, by id of the field; days as YYYY-MM-DD, where a field says `partial` also as YYYY-MM or YYYY. ' +
          'It is read as on the pages: digits of every script, no invisible characters, phone numbers in any notation',
      ),
    language: Language.describe('In which the person was asked, and is written to'),
    agreed: z
      .strictObject({
        notice: z
          .string()
          .max(100)
          .optional()
          .describe('Hash of the privacy notice of which the person has taken note'),
        consent: z.string().max(100).optional().describe('Hash of the consent, in `language`, that the person gave'),
        terms: z.string().max(100).optional().describe('Version of the terms of use, for a tenant that has some'),
      })
      .default({})
      .describe('What the person was shown and agreed to, each by its hash or version; without it the answer is 422'),
  })
  .meta({
    examples: [
      {
        hold: '6f1e0c1e-6f4a-4a57-9a38-0d6f6f0b7c11',
        fields: { name: 'Erika Mustermann', birthDate: '1984-08-12' },
        language: 'de',
        agreed: { notice: '<hash of the notice>', consent: '<hash of the consent>', terms: '<version of the terms>' },
      },
    ],
  })

export const MoveBody = z.strictObject({ start: Start }).meta({ examples: [{ start: aStart }] })

const Address = { street: z.string(), postalCode: z.string(), city: z.string() }
export const Sites = z.object({
  timeZone: TimeZone,
  sites: z.array(
    z.object({
      id: Id,
      name: Text,
      ...Address,
      directions: Text.optional(),
      access: Text.optional(),
      openingHours: z
        .array(
          z.object({
            days: z.array(z.string()),
            from: z.string().describe('Time on the clock on the wall, e.g. 08:30'),
            to: z.string(),
            everyWeeks: z.int().optional().describe('Only in every so many weeks, from the week of `startingFrom` on'),
            startingFrom: Day.optional(),
            validFrom: Day.optional(),
            validUntil: Day.optional().describe('The last day on which these hours hold'),
          }),
        )
        .describe('The usual hours; holidays, closures and other exceptions show in `availability` only'),
    }),
  ),
})

export const Services = z.object({
  maxServices: z.int().describe('So many fit into one visit at most'),
  services: z.array(
    z.object({
      id: Id,
      title: Text,
      description: Text,
      channel: Channel,
      minutes: z.int(),
      sites: z.array(Id).describe('Where it is offered'),
    }),
  ),
})

export const Availability = z.object({
  timeZone: TimeZone,
  minutes: z.int().describe('Length of the visit'),
  first: At.nullable().describe('The next free start of all, also beyond the days asked for'),
  starts: z.array(At),
})

export const Fields = z.object({
  fields: z.array(
    z.object({
      id: Id,
      label: Text,
      hint: Text.optional(),
      input: z.enum(['text', 'name', 'date', 'email', 'longText', 'choice', 'check']),
      format: z.literal('phone').optional().describe('A phone number, in any notation'),
      partial: z
        .literal(true)
        .optional()
        .describe('A birth date that may be known in part: without the day, or without day and month'),
      options: z
        .array(z.object({ id: Id, label: Text }))
        .optional()
        .describe('The values of a choice'),
      value: z.string().optional().describe('The value of a box that is ticked; not ticked, it is left out'),
      needs: Id.optional().describe('Another field that cannot be left out when this one is given'),
      necessity: z.enum(['required', 'optional']),
      maxLength: z.int().optional().describe('In code points of Unicode, of the text as it is read; a day has none'),
      pattern: z.string().optional().describe('Regular expression (ECMAScript, flag u) for the whole value'),
      patternMessage: Text.optional(),
      specialCategory: z.boolean().describe('Whether data of Art. 9 GDPR can occur in it'),
      reason: Text,
      ifRefused: Text,
    }),
  ),
})

export const Consent = z.object({
  notice: z.object({ hash: z.string(), effectiveFrom: Day, url: Text }),
  consent: z
    .object({
      version: z.string(),
      languages: z.array(
        z.object({
          language: Language,
          purpose: z.string(),
          refusal: z.string(),
          withdrawal: z.string(),
          text: z.string().describe('What the person agrees to; purpose, refusal and withdrawal are shown with it'),
          hash: z.string(),
        }),
      ),
    })
    .nullable()
    .describe('Null where the booking does not rest on consent'),
  terms: z.object({ version: z.string(), points: z.array(Text) }).nullable(),
})

export const Hold = z.object({
  id: HoldId,
  start: At,
  until: At.describe('After that too it can be booked, as long as nobody else takes the time'),
  key: z.string().describe('Whoever has it may book, extend or give up this hold: keep it secret'),
})
export const ExtendedHold = z.object({ id: HoldId, until: At })

/** A compact JWS; its contents are those of docs/receipts.md. */
const Receipt = z.string()

export const Appointment = z.object({
  reference: z.string().describe('To be said over the phone; it opens nothing'),
  status: z.enum(['booked', 'cancelled', 'past']),
  timeZone: TimeZone,
  start: At,
  end: At,
  services: z.array(Id),
  site: Id,
  channel: Channel.nullable().describe('null where the tenant does not offer the services any more'),
  language: Language,
  manage: z.url().describe('The page of this appointment for people. It holds the token: whoever has it may cancel.'),
  calendar: z.string().describe('The appointment as iCalendar (RFC 5545)'),
  displaced: z.boolean().describe('true: the site is closed at this time since; the appointment has to be moved'),
  receipt: Receipt.describe('The signed receipt of what was last done to it'),
  fields: z.record(z.string(), z.string()).describe('What is stored of it, by id of the field'),
})
export const BookedAppointment = Appointment.extend({
  token: z.string().describe('The bearer for everything about this appointment: keep it secret'),
})

export const Ended = z.object({
  restricted: z
    .boolean()
    .describe('true: the data are not erased but kept locked, because the law says so; the person can ask why'),
  receipt: Receipt.nullable().describe(
    'The signed receipt of the cancellation, to be kept: nobody can issue it again. null where the appointment was over before',
  ),
})
