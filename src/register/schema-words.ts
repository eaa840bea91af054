import { z } from 'zod'

/* What the schemas of activities, tenants and of what features add to them are made of. */

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
export const Text = z.strictObject({
  de: z.string().min(1),
  en: z.string().min(1).optional(),
  ar: z.string().min(1).optional(),
})
export type Text = z.infer<typeof Text>

/** A term of a vocabulary, as a short IRI: `dpv:` and `pd:` of W3C DPV 2.3, `x:` our own (see `jsonld.ts`). */
export const term = (prefixes: string) =>
  z.string().regex(new RegExp(`^(${prefixes}):[A-Z][A-Za-z0-9]*$`), `a term such as ${prefixes.split('|')[0]}:Name`)

export const countryExpected = 'a country code of two capital letters such as DE'
export const Country = z.string().regex(/^[A-Z]{2}$/, countryExpected)

/** A written basis for handing data over. `concluded`: ISO 8601 day. */
export const Contract = z.strictObject({ kind: z.enum(['Art28', 'statutory']), concluded: z.iso.date(), text: Text })

export const Address = z.strictObject({
  street: z.string().min(1),
  postalCode: z.string().regex(/^\d{5}$/, 'a German postal code of five digits'),
  city: z.string().min(1),
})

/** Whom a processor works with in turn: Art. 28(2) GDPR, § 80(1) SGB X. */
export const SubProcessors = z.array(z.strictObject({ id: Id, name: Text, country: Country, task: Text }))

export const HttpsUrl = z.url({ protocol: /^https$/, error: 'an address that begins with https://' })
