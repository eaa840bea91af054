import { z } from 'zod'
import { languages } from '#platform/i18n/translate.ts'
import { parseEmailAddress } from '#platform/mail/address.ts'
import { Closure, Holidays, openingSchema } from './schema-opening.ts'
import { Address, Contract, Country, HttpsUrl, Id, Period, SubProcessors, Text } from './schema-words.ts'

/* Who runs the installation, and for whom: `operator.yaml` and `tenant.yaml`. */

const Contact = Address.extend({
  name: Text,
  phone: z.string().optional(),
  email: z.email().optional(),
})
export type Contact = z.infer<typeof Contact>

/** Keys that features add. What they hold, no type here says: the feature that reads them knows (`addition.ts`). */
type Added = { readonly tenant: Unnamed; readonly site: Unnamed; readonly hours: Unnamed }
type Unnamed = Readonly<Record<never, never>>

const siteSchema = ({ site, hours }: Added) =>
  Address.extend({
    id: Id,
    name: Text,
    /** How to get there, in a line. */
    directions: Text.optional(),
    /** How to get in: steps or none, lift, toilet. */
    access: Text.optional(),
    /** What to do on arriving, e.g. where to report. */
    arrival: Text.optional(),
    ...openingSchema(hours),
    ...site,
  })
export type Site = z.infer<ReturnType<typeof siteSchema>>

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

/** A Jobcenter: `tenants/<slug>/tenant.yaml`, with the keys that the features of this tenant add. */
export const tenantSchema = (added: Added) =>
  z.strictObject({
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
    /** A reference tenant shows a banner: demonstration, nothing of this authority. */
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
    mailFrom: z
      .email()
      .refine(
        (address) => parseEmailAddress(address) === address,
        'an address in lower case such as termine@example.org',
      ),
    effectiveFrom: z.iso.date(),
    sites: z.array(siteSchema(added)).min(1),
    /** Of all sites at once. */
    closures: z.array(Closure).default([]),
    holidays: Holidays,
    ...added.tenant,
  })
export type Tenant = z.infer<ReturnType<typeof tenantSchema>>
