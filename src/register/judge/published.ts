import { z } from 'zod'
import { rights } from '../law/rights.ts'
import { Land } from '../schema-tenant.ts'
import { Id, Period } from '../schema-words.ts'

/**
 * `tenants/<slug>/published.yaml`: what the notice that a Jobcenter really publishes says, in our own short words and
 * with its faults. Nothing here is enforced. It is only judged, by the rules in `judge*.ts`, and so may hold what an
 * activity must never say.
 *
 * Every group of keys may carry `facts`, ids of statements somebody found in the notice. They decide nothing: a finding
 * copies those of the nearest group around the place it points at.
 */

const facts = z.array(z.string().regex(/^[A-Z]{2,5}-\d{3}$/, 'an id of a fact such as SEG-001')).optional()
const Words = z.string().min(1)
const group = <S extends z.ZodRawShape>(shape: S) => z.strictObject({ ...shape, facts })
const many = <S extends z.ZodType>(schema: S) => z.array(schema).default([])

/** What has no other home, one line each. */
const Remark = group({ text: Words })

/** A contact as it is printed, usable or not. People by their role, never by their name. */
const Contact = group({
  name: Words,
  representedBy: Words.optional(),
  street: Words.optional(),
  postOfficeBox: Words.optional(),
  postalCode: Words.optional(),
  city: Words.optional(),
  phone: Words.optional(),
  email: group({ printed: Words }).optional(),
  website: Words.optional(),
})
export type PrintedContact = z.infer<typeof Contact>

/** `named: false`: the notice speaks of a right to complain, but of nobody to complain to. */
const Authority = Contact.extend({ name: Words.optional(), named: z.literal(false).optional() }).refine(
  ({ name, named }) => (name === undefined) !== (named === undefined),
  "either 'name' or 'named: false'",
)

/** A norm as this project cites it (`Art. 6(1)(e) GDPR`), but with the mark and the law that the notice names. */
const Citation = group({ norm: Words, for: Words.optional() })

/** With a norm, or, where the notice names none, the ground in general words. */
const Basis = group({
  norm: Words.optional(),
  ground: z.enum(['consent', 'contract', 'law', 'legitimateInterest', 'businessInterest']).optional(),
  /** What it is said to carry, where that is not the whole activity. */
  for: Words.optional(),
  /** `contract`: the notice limits it to cases with a contract, e.g. with employers. `benefit`: the relation is statutory. */
  relation: z.enum(['benefit', 'contract']).optional(),
  /** "and/or", "otherwise": the reader cannot tell whether this basis applies or another one. */
  leftOpen: z.boolean().default(false),
}).refine(({ norm, ground }) => (norm === undefined) !== (ground === undefined), "either 'norm' or 'ground'")
export type PrintedBasis = z.infer<typeof Basis>

/** What something is good for, as the notice has it. */
const Serves = z.enum(['service', 'function', 'security', 'statistics', 'improvement', 'marketing'])

const Purpose = group({ text: Words, serves: Serves.default('service') })

const Field = group({
  id: Id,
  /** In what form it is said to be kept; without it, as it is. With `kept: never`, in no form at all. */
  form: z.enum(['full', 'shortened', 'anonymised']).optional(),
  /** A period of its own. `never`: said not to be stored. `session`: until the page or browser is closed. */
  kept: z.union([z.literal(['never', 'session']), Period]).optional(),
  required: z.boolean().optional(),
})

/** One of: `after` with `period`; `after` with the `criteria` that Art. 13(2)(a) GDPR allows instead; `unstated`. */
const Retention = group({
  /** What starts the period, e.g. `request`, `appointmentEnded`. */
  after: Id.optional(),
  period: Period.optional(),
  criteria: Words.optional(),
  /** The notice says that something is kept, or says nothing, but no period and no criteria. */
  unstated: z.boolean().default(false),
})

const Consent = group({
  /** What counts as consent. `reading`: that the notice was read. `use`: that the service is used. */
  givenBy: z.enum(['ownAct', 'reading', 'use', 'unstated']),
  /** What the person is said to give up with it. */
  waives: many(z.enum(['encryption', 'rights', 'secrecy'])),
  withdrawal: group({ ways: many(Words), effect: Words.optional() }).optional(),
})

const country = z
  .string()
  .regex(/^[A-Z]{2}$/, 'a country code of two capital letters such as DE')
  .optional()
const abroad = { country, transferBasis: Words.optional() }

const Recipient = group({
  name: Words,
  role: z.enum(['processor', 'thirdParty', 'authority', 'internalUnit', 'unstated']).default('unstated'),
  /** `commissioned`: said to work on behalf of the controller. `art28`: a contract is mentioned. */
  contract: z.enum(['art28', 'commissioned', 'none']).optional(),
  ...abroad,
})

const Recipients = group({
  /** `nobody`: said to be passed on to nobody. `only`: to nobody but those named. */
  claim: z.enum(['nobody', 'only']).optional(),
  named: many(Recipient),
})

/** Somebody who stores, hosts or handles the data according to another place of the notice. */
const Operator = group({ name: Words, does: z.enum(['stores', 'hosts', 'handles']), ...abroad })

/** A server that a page contacts, besides the one it came from. `of`: to whom the notice says it belongs. */
const Host = group({ host: Words, of: Words.optional(), ...abroad })

/** A way of data from one place to another. */
const Transport = group({
  what: Words,
  by: z.enum(['web', 'mail', 'call', 'other']),
  encryption: z.enum(['endToEnd', 'tls', 'none', 'unstated']),
  /** What it is weakened to when the better encryption fails. */
  fallsBackTo: z.enum(['tls', 'none']).optional(),
  /** Whether the person is shown which one is in use. */
  shown: z.boolean().default(false),
})

/** What the notice says in the place about one activity on its cookies. */
const OwnCookies = group({
  set: z.boolean(),
  serves: Serves.default('function'),
  essential: z.boolean().optional(),
  bases: many(Basis),
})

const Activity = group({
  id: Id,
  title: Words,
  /** The notice says that what is kept concerns nobody any more. */
  anonymous: z.boolean().default(false),
  purposes: many(Purpose),
  bases: many(Basis),
  /** Norms it names besides its legal bases. */
  cites: many(Citation),
  fields: many(Field),
  retention: many(Retention),
  consents: many(Consent),
  recipients: Recipients.optional(),
  operators: many(Operator),
  hosts: many(Host),
  transports: many(Transport),
  cookies: OwnCookies.optional(),
  features: many(Remark),
  statements: many(Remark),
})
export type PrintedActivity = z.infer<typeof Activity>

const Cookie = group({
  name: Words,
  lifetime: z.union([z.literal(['session', 'unstated']), Period]).optional(),
  provider: Words.optional(),
})

/** Cookies of which the notice speaks together. */
const CookieGroup = group({
  text: Words,
  /** The activity that they belong to, by its id. */
  activity: Id.optional(),
  serves: Serves,
  /** Whether the notice calls them strictly necessary. */
  essential: z.boolean().optional(),
  bases: many(Basis),
  cookies: many(Cookie),
  /** Lifetime of all of them, where it is not given for each. */
  retention: many(Retention),
})
export type PrintedCookies = z.infer<typeof CookieGroup>

const Cookies = group({
  /** `none`: said to set none. `complete`: the list is said to hold all. */
  claim: z.enum(['none', 'complete']).optional(),
  groups: many(CookieGroup),
})

/** What a section, or a part of one, is about. */
const Topic = z.enum([
  'controller',
  'dataProtectionOfficer',
  'logs',
  'service',
  'recipients',
  'rights',
  'complaint',
  'cookies',
  'externalMedia',
  'statistics',
  'security',
  'other',
])

const Section = group({
  /** As printed: `3`, or `3.a` for a part of it. */
  number: Words,
  /** What its heading promises. */
  announces: z.array(Topic).min(1),
  /** What its text then treats; without it, the same. */
  describes: z.array(Topic).optional(),
})

/** "see 7.a": from the number of one section to that of another, for something. */
const Reference = group({ from: Words, to: Words, about: Topic })

const Right = z.enum([...rights, 'complaint'])

export const Published = group({
  notice: group({
    title: Words,
    /** The day or month it bears. */
    date: z.union([z.literal('undated'), z.string().regex(/^\d{4}-(0[1-9]|1[0-2])(-\d{2})?$/)], {
      error: "'undated', a day such as 2026-12-01 or a month such as 2026-12",
    }),
    /** When it was read for this file. */
    readOn: z.iso.date(),
  }),
  name: Words,
  kind: z.enum(['gE', 'zkT']),
  /** ISO 3166-2. */
  land: Land,
  /** Norms that the notice as a whole invokes. */
  cites: many(Citation),
  controller: Contact,
  dataProtectionOfficer: Contact.optional(),
  supervisoryAuthority: Authority.optional(),
  rights: group({ named: many(group({ right: Right })) }),
  sections: many(Section),
  references: many(Reference),
  transports: many(Transport),
  activities: z.array(Activity).min(1),
  cookies: Cookies.optional(),
  features: many(Remark),
  statements: many(Remark),
})
export type Published = z.infer<typeof Published>
