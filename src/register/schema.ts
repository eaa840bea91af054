import { z } from 'zod'
import { Cookie, KeptByPages } from './schema-device.ts'
import {
  Address,
  Contract,
  Country,
  countryExpected,
  HttpsUrl,
  Id,
  Period,
  SubProcessors,
  Text,
  term,
} from './schema-words.ts'

/**
 * The record of processing activities (Art. 30 GDPR) as this software enforces it.
 * Terms follow the GDPR's English text, then W3C DPV 2.3.
 */

/** How the person enters a field. `phone`: a phone number in whatever notation. `choice`: one of its `options`. `check`: a box to tick; the value is `yes`. `none`: not
 *  asked, the system knows it. */
const Input = z.enum(['text', 'name', 'date', 'email', 'phone', 'longText', 'choice', 'check', 'none'])

const fieldShape = {
  id: Id,
  label: Text,
  hint: Text.optional(),
  /** DPV personal data category, e.g. `pd:Name`. */
  dataCategory: term('pd|x'),
  input: Input,
  /** Of an input `choice`: what there is to choose from. The id is stored, people read the label. */
  options: z
    .array(z.strictObject({ id: Id, label: Text }))
    .min(2)
    .optional(),
  /** Of a birth date: that it may be known in part, without the day or without day and month, as on some identity papers. */
  partial: z.boolean().default(false),
  /** A heading in the form, in front of this field; it goes for the fields after it, too. */
  heading: Text.optional(),
  /** The token for the browser's autofill, e.g. `name`, `bday`, `email`. */
  autocomplete: z.string().optional(),
  maxLength: z.number().int().min(1).max(4000).default(200),
  /** A pattern the value has to match, with a text that says what is expected. */
  pattern: z.strictObject({ regex: z.string(), message: Text }).optional(),
  necessity: z.enum(['required', 'optional']),
  /** Another field of the form without which this one makes no sense: who gives this one is asked for that one, too. */
  needs: Id.optional(),
  /** Why it is needed. */
  reason: Text,
  /** What happens without it: Art. 13(2)(e) GDPR. */
  ifRefused: Text,
  /** Whether data of Art. 9 GDPR can occur in it. */
  specialCategory: z.enum(['no', 'possible']).default('no'),
  /** `vault`: sealed. `hash`: only a check value, nothing to read. `trail`: who looked at the record and when. `log`: a
   *  line of the access log. `memory`: never stored. `scrambled`: for limits, as a value
   *  under a random key that is destroyed 90 minutes after the day. `device`: on the person's own device. `count`: raises a
   *  number, in which no person is. `blob`: a file, sealed. `elsewhere`: with whoever executes the activity, never here. */
  store: z
    .enum(['vault', 'hash', 'blob', 'trail', 'log', 'memory', 'scrambled', 'device', 'count', 'elsewhere'])
    .default('vault'),
  /** Of files, and of nothing else: how large one may be; how many of them a record may have; how long after it was begun
   *  one that is not whole goes. */
  blob: z
    .strictObject({
      maxBytes: z
        .number()
        .int()
        .min(1)
        .max(100 * 1024 * 1024),
      most: z.number().int().min(1).max(100).default(1),
      unfinished: Period,
    })
    .optional(),
  /** Whether records can be found by this field's exact value, through a blind index. */
  lookup: z.boolean().default(false),
}

/** A key of a field by which a feature tells cases apart, e.g. how somebody is served, with the cases there are. */
export type Cases = { readonly key: string; readonly of: readonly string[] }

/** A field, with the keys of these cases. Whatever key says it, `when` is the case in which it is asked, and then of its
 *  necessity; without it, in all. */
const fieldSchema = (cases: readonly Cases[]) => {
  const keys: Readonly<Record<never, never>> = Object.fromEntries(
    cases.map(({ key, of }) => [key, z.enum(of).optional()]),
  )
  return z.strictObject({ ...fieldShape, ...keys }).transform((field) => {
    const [, when] = Object.entries(field).find(([key]) => cases.some((each) => each.key === key)) ?? []
    return { ...field, when: typeof when === 'string' ? when : undefined }
  })
}
export type Field = z.infer<ReturnType<typeof fieldSchema>>

/** `trigger` happened + `period` passed = erased. Several rules: whichever falls due first. */
const Retention = z.strictObject({ id: Id, trigger: Id, period: Period, text: Text.optional() })
export type Retention = z.infer<typeof Retention>

/** Where this program itself connects to, to reach a recipient, and what for; at most one for each use of a tenant. What
 *  proves there who we are is a file (`platform/secrets.ts`), here stands its name. */
const Destination = z.strictObject({
  for: z.enum(['identity', 'inbox', 'scanner', 'sms', 'tiles']),
  host: z.hostname(),
  secret: z
    .string()
    .regex(/^[a-z][a-z-]{0,23}$/, 'the name of a file, of at most 24 small letters and dashes')
    .optional(),
})
export type Destination = z.infer<typeof Destination>

const Recipient = z.strictObject({
  id: Id,
  name: Text,
  address: Address.optional(),
  role: z.enum(['processor', 'thirdParty', 'dataSubject', 'internalUnit']),
  /** ISO 3166-1 alpha-2. `chosenByPerson`: wherever the person keeps it, e.g. the own mailbox; we cannot know. */
  country: z.union([Country, z.literal('chosenByPerson')], { error: countryExpected }),
  contract: Contract.optional(),
  /** Ids of fields; `all`: of every field of the activity, also of one that is added later. */
  fields: z.union([z.literal('all'), z.array(Id).min(1)], { error: "'all' or a list of ids of fields" }),
  transport: z.enum(['tls', 'smtp', 'local']),
  destination: Destination.optional(),
  subProcessors: SubProcessors.optional(),
})
export type Recipient = z.infer<typeof Recipient>

/** Who opens a record: its person, by a link or a code; or the program, to write a mail to them. */
const Actor = z.enum(['person', 'mail'])

/** `dpv`: the nearest purpose of DPV, e.g. `dpv:RecordManagement`. `opens`: who opens a stored record for this purpose;
 *  without it, nobody does. */
const Purpose = z.strictObject({
  id: Id,
  dpv: term('dpv|x'),
  text: Text,
  opens: z.array(Actor).min(1).optional(),
})

/** Why somebody looks into a record, by the id of a purpose of its activity, and who. */
export type LookReason = { readonly purpose: string; readonly actor: z.infer<typeof Actor> }

const Consent = z.strictObject({
  version: z.string().min(1),
  /** Activities of `includes` that rest on this consent, too, such as the mails about what was agreed to. */
  covers: z.array(Id).default([]),
  /** § 67b(2) SGB X: the text names the purpose, what happens on refusal, and that it can be withdrawn. */
  text: Text,
  purpose: Text,
  refusal: Text,
  withdrawal: Text,
})
export type Consent = z.infer<typeof Consent>

/** What is left when a record has been erased, without a person in it. `period`: how long after the erasure it is kept;
 *  only where the software erases it then. `from: month`: how long after the end of the month that it is about. */
const Remains = z.strictObject({
  id: Id,
  text: Text,
  period: Period.optional(),
  from: z.literal('month').optional(),
})
export type Remains = z.infer<typeof Remains>

const Cited = z.strictObject({ norm: z.string().min(3), text: Text })

/** One processing activity: one YAML file, one paragraph of the notice, one kind of vault record. */
export const activitySchema = (cases: readonly Cases[]) =>
  z.strictObject({
    id: Id,
    version: z.string().min(1),
    title: Text,
    /** One plain sentence for the top of the notice and for the page itself. */
    summary: Text,
    /** Who executes it, where this software does not: everything about it is kept there, nothing here. */
    executedBy: z.strictObject({ name: Text, url: HttpsUrl }).optional(),
    purposes: z.array(Purpose).min(1),
    /** Whose data they are: Art. 30(1)(c) GDPR. */
    dataSubjects: z.array(Text).min(1),
    /** What allows it. Beside Art. 6(1)(c) and (e) GDPR stands the law that lays down the duty or the task: Art. 6(3). */
    legalBasis: z.array(Cited).min(1),
    /** What the law demands of it besides, without allowing anything: what consent is, in what time to answer. */
    conditions: z.array(Cited).default([]),
    fields: z.array(fieldSchema(cases)).min(1),
    retention: z.array(Retention).min(1),
    remains: z.array(Remains).default([]),
    recipients: z.array(Recipient).default([]),
    consent: Consent.optional(),
    cookies: z.array(Cookie).default([]),
    /** What scripts of our pages keep on the device. */
    device: z.array(KeptByPages).default([]),
    /** Who reads of it, each in a notice of their own: whoever uses the services, or whoever works here. */
    notice: z.enum(['citizens', 'staff']).default('citizens'),
    /** Other activities that happen along with this one, e.g. the access log. */
    includes: z.array(Id).default([]),
  })
export type Activity = z.infer<ReturnType<typeof activitySchema>>
