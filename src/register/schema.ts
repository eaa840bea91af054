import { z } from 'zod'
import { languages } from '#platform/i18n/translate.ts'
import { parseEmailAddress } from '#platform/mail/address.ts'
import { openingSchemas } from './schema-opening.ts'

/**
 * The record of processing activities (Art. 30 GDPR) as this software enforces it.
 * Terms follow the GDPR's English text, then W3C DPV 2.3.
 */

export const Id = z.string().regex(/^[a-z][a-zA-Z0-9.-]*$/, 'a short id: letters, digits, dots, dashes')

const period = /^P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?$/

/** Beyond a hundred years a period is a slip of the pen, and far beyond no calendar can count it. */
const isCountable = (text: string): boolean => {
  try {
    const start = Temporal.PlainDateTime.from('2000-01-01')
    return Temporal.PlainDateTime.compare(start.add(text), start.add({ years: 100 })) <= 0
  } catch {
    return false
  }
}

/** ISO 8601 duration of at most a hundred years, of which at least one part is given. `P14` is none. */
export const Period = z
  .string()
  .regex(period, { error: 'an ISO 8601 period such as P14D, PT24H or PT0S', abort: true })
  .refine(isCountable, 'a period of at most 100 years (P100Y)')

/** A text for people: in German, which is decisive, and in the other languages its tenant lists. That each of those is
 *  there, and no other, says `load/check-languages.ts`. */
const Text = z.strictObject({
  de: z.string().min(1),
  en: z.string().min(1).optional(),
  ar: z.string().min(1).optional(),
})
export type Text = z.infer<typeof Text>

/** A term of a vocabulary, as a short IRI: `dpv:` and `pd:` of W3C DPV 2.3, `x:` our own (see `jsonld.ts`). */
const term = (prefixes: string) =>
  z.string().regex(new RegExp(`^(${prefixes}):[A-Z][A-Za-z0-9]*$`), `a term such as ${prefixes.split('|')[0]}:Name`)

/** How the person enters a field. `phone`: a phone number in whatever notation. `choice`: one of its `options`. `check`: a box to tick; the value is `yes`. `none`: not
 *  asked, the system knows it. */
const Input = z.enum(['text', 'name', 'date', 'email', 'phone', 'longText', 'choice', 'check', 'none'])

const Field = z.strictObject({
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
  /** Asked, and then of this necessity, only for services of this channel; without it, for all. */
  channel: z.enum(['inPerson', 'phone']).optional(),
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
   *  under a random key that is destroyed 90 minutes after the day. `device`: a cookie on the person's own device. `count`: raises a
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
})
export type Field = z.infer<typeof Field>

/** `trigger` happened + `period` passed = erased. Several rules: whichever falls due first. */
const Retention = z.strictObject({ id: Id, trigger: Id, period: Period, text: Text.optional() })
export type Retention = z.infer<typeof Retention>

const countryExpected = 'a country code of two capital letters such as DE'
const Country = z.string().regex(/^[A-Z]{2}$/, countryExpected)

/** A written basis for handing data over. `concluded`: ISO 8601 day. */
const Contract = z.strictObject({ kind: z.enum(['Art28', 'statutory']), concluded: z.iso.date(), text: Text })

const Address = z.strictObject({
  street: z.string().min(1),
  postalCode: z.string().regex(/^\d{5}$/, 'a German postal code of five digits'),
  city: z.string().min(1),
})

/** Whom a processor works with in turn: Art. 28(2) GDPR, § 80(1) SGB X. */
const SubProcessors = z.array(z.strictObject({ id: Id, name: Text, country: Country, task: Text }))

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
  subProcessors: SubProcessors.optional(),
})
export type Recipient = z.infer<typeof Recipient>

/** Something put on a person's device. Only what the service asked for cannot do without: § 25(2) No 2 TDDDG. There is no
 *  other ground, so there is nothing to ask for and no banner. */
const Cookie = z.strictObject({
  name: z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,39}$/, 'a name of letters, digits, dashes'),
  /** The field that it holds. */
  field: Id,
  /** The rule that ends it: its period is the cookie's lifetime. */
  rule: Id,
  /** `same`: the same value for everybody, so that it tells nobody apart. `own`: what its person has typed, sealed, so that
   *  this installation alone can read it. */
  content: z.enum(['same', 'own']).default('same'),
  /** Why the service cannot do without. Making it more pleasant is no reason. */
  strictlyNecessary: Text,
})
export type Cookie = z.infer<typeof Cookie>

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
export type Access = { readonly purpose: string; readonly actor: z.infer<typeof Actor> }

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

const HttpsUrl = z.url({ protocol: /^https$/, error: 'an address that begins with https://' })
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
export const Activity = z.strictObject({
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
  fields: z.array(Field).min(1),
  retention: z.array(Retention).min(1),
  remains: z.array(Remains).default([]),
  recipients: z.array(Recipient).default([]),
  consent: Consent.optional(),
  cookies: z.array(Cookie).default([]),
  /** Other activities that happen along with this one, e.g. the access log. */
  includes: z.array(Id).default([]),
})
export type Activity = z.infer<typeof Activity>

const Contact = Address.extend({
  name: Text,
  phone: z.string().optional(),
  email: z.email().optional(),
})
export type Contact = z.infer<typeof Contact>

const opening = openingSchemas(Text)

const Site = Address.extend({
  id: Id,
  name: Text,
  /** How to get there, in a line. */
  directions: Text.optional(),
  /** How to get in: steps or none, lift, toilet. */
  access: Text.optional(),
  /** What to do on arriving, e.g. where to report. */
  arrival: Text.optional(),
  ...opening.ofSite,
})
export type Site = z.infer<typeof Site>

const Service = z.strictObject({
  id: Id,
  title: Text,
  description: Text,
  channel: z.enum(['inPerson', 'phone']),
  /** What to bring besides an identity document, as a sentence. */
  bring: Text.optional(),
  /** Where it is offered; without it, at every site. */
  sites: z.array(Id).min(1).optional(),
  /** Length of the visit; a multiple of the tenant's step. */
  minutes: z.number().int().min(5).max(240),
  /** Starts are offered at every so many minutes of the day; a multiple of the tenant's step. */
  everyMinutes: z.number().int().min(5).max(240),
})
export type Service = z.infer<typeof Service>

/** Whoever operates the installation, and therefore processes data for every tenant on it: `tenants/operator.yaml`. */
export const Operator = Address.extend({
  name: Text,
  country: Country,
  subProcessors: SubProcessors.default([]),
  /** Hosts this program may connect to, by what for; whatever runs on its own machine needs no entry. */
  hosts: z.array(z.strictObject({ host: z.hostname(), for: z.enum(['mail', 'database']) })).default([]),
  /** For how long after an erasure a backup could still bring data back: how long keys are kept in backups. */
  backup: z.strictObject({ window: Period }),
})
export type Operator = z.infer<typeof Operator>
/** Land of Germany, ISO 3166-2. */
export const Land = z.enum([
  ...(['DE-BB', 'DE-BE', 'DE-BW', 'DE-BY', 'DE-HB', 'DE-HE', 'DE-HH', 'DE-MV'] as const),
  ...(['DE-NI', 'DE-NW', 'DE-RP', 'DE-SH', 'DE-SL', 'DE-SN', 'DE-ST', 'DE-TH'] as const),
])
export type Land = z.infer<typeof Land>

/** A stretch of addresses, no larger than a house can have: a larger one would be other people's, too. */
const Network = z
  .union([z.cidrv4(), z.cidrv6()], { error: 'a network such as 192.0.2.0/24 or 2001:db8:1::/48' })
  .refine((network) => Number(network.split('/')[1]) >= (network.includes(':') ? 32 : 16), {
    error: 'a network of one house: /16 or smaller, in IPv6 /32 or smaller',
  })

/** How much one connection may take, i.e. whoever shares an address. */
const allowance = {
  /** Times held at once. */
  holds: z.number().int().min(1).max(10_000),
  /** Appointments booked in a day, of those `bookingsWithoutEmail` without a mail address. */
  bookings: z.number().int().min(1).max(10_000),
  bookingsWithoutEmail: z.number().int().min(0).max(10_000),
  /** Of the times of a day at a site, in percent: what is held, and what was booked today. Three visits are always allowed. */
  shareOfDay: z.number().int().min(1).max(100),
}

/** How many appointments one connection may book in a day for one mail address. */
const maxPerContact = z.number().int().min(1).max(1000)

/** A place where many people share an address, e.g. terminals in a lobby, a library, a shelter. What is left out is as for
 *  everybody. */
const SharedPlace = z.strictObject({
  id: Id,
  networks: z.array(Network).min(1),
  ...z.object({ ...allowance, maxPerContact }).partial().shape,
})

/** Limits against whoever takes more than they need; see `docs/decisions/0038`. */
const CallerLimits = z.strictObject({
  holds: allowance.holds.default(30),
  bookings: allowance.bookings.default(20),
  bookingsWithoutEmail: allowance.bookingsWithoutEmail.default(10),
  shareOfDay: allowance.shareOfDay.default(25),
  places: z.array(SharedPlace).default([]),
})

/** A Jobcenter: `tenants/<slug>/tenant.yaml`. */
export const Tenant = z.strictObject({
  id: z.uuid(),
  slug: z.string().regex(/^[a-z][a-z0-9-]{1,40}$/),
  name: Text,
  shortName: z.string().min(1),
  kind: z.enum(['gE', 'zkT']),
  /** Decides who supervises a `zkT`. */
  land: Land,
  timeZone: z.string().min(1),
  /** The languages that its pages, mails and papers speak. */
  languages: z
    .array(z.enum(languages))
    .refine((listed) => listed.includes('de'), "a list with 'de', as the German text is decisive")
    .refine((listed) => new Set(listed).size === listed.length, 'a list that names each language once'),
  /** A reference tenant shows a banner: demonstration, no offer of this authority. */
  demonstration: z.boolean().default(true),
  fictional: z.boolean().default(false),
  controller: Contact.extend({ representedBy: Text }),
  dataProtectionOfficer: Contact,
  supervisoryAuthority: Contact.extend({ website: HttpsUrl }),
  /** The contract with whoever operates the installation. */
  operator: z.strictObject({ contract: Contract }),
  /** Where processors may work; without it, wherever the law lets social data be (`law/countries.ts`). */
  processorCountries: z.array(Country).min(1).optional(),
  helpline: z.strictObject({ phone: z.string(), hours: Text }),
  /** How people are called for an appointment by phone, e.g. that no number is shown: a sentence. */
  calls: Text.optional(),
  /** What is done for whoever asks for an interpreter: a sentence. Without it, nothing is promised. */
  interpreter: Text.optional(),
  mailFrom: z
    .email()
    .refine(
      (address) => parseEmailAddress(address) === address,
      'an address in lower case such as termine@example.org',
    ),
  effectiveFrom: z.iso.date(),
  /** Terms of use to agree to before booking, for a tenant that has some; goes with the activity `web.terms`. */
  terms: z.strictObject({ version: z.string().regex(/^[\w.-]{1,20}$/), points: z.array(Text).min(1) }).optional(),
  sites: z.array(Site).min(1),
  /** Of all sites at once. */
  closures: z.array(opening.Closure).default([]),
  holidays: opening.Holidays,
  services: z.array(Service).min(1),
  booking: z.strictObject({
    /** Minutes of one cell of capacity. */
    stepMinutes: z.number().int().min(5).max(60),
    /** How long before its start an appointment has to be booked; 0: until it begins. */
    leadHours: z.number().int().min(0).optional(),
    /** The same in hours in which the site is open: at 2, nobody books at night for the first two hours of the morning.
     *  One of the two is declared; both may be. */
    leadOpeningHours: z.number().int().min(1).optional(),
    windowDays: z.number().int().min(1).max(365),
    holdMinutes: z.number().int().min(2).max(60),
    /** How long before an appointment its reminder goes out, to those who want one. */
    remindHoursBefore: z.number().int().min(1).max(336).default(48),
    /** How long a time that became free is kept for somebody who waits, in minutes of the day: nights do not count. */
    offerMinutes: z.number().int().min(30).max(1440).default(120),
    /** How many services somebody may ask for in one visit; their minutes add up. */
    maxServices: z.number().int().min(1).max(10).default(1),
    maxPerContact: maxPerContact.default(5),
  }),
  limits: CallerLimits.prefault({}),
})
export type Tenant = z.infer<typeof Tenant>
