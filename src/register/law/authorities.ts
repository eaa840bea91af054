import type { Land } from '../schema.ts'

/** An authority that supervises data protection (Art. 51 GDPR). */
export type Authority = {
  name: string
  /** How its name is recognised where somebody wrote it. */
  called: RegExp
  street: string
  postalCode: string
  city: string
  postOfficeBox?: { box: string; postalCode: string }
  website: string
}

const federal: Authority = {
  name: 'the BfDI',
  called: /Bundesbeauftragte|Federal Commissioner|\bBfDI\b/i,
  street: 'Graurheindorfer Straße 153',
  postalCode: '53117',
  city: 'Bonn',
  website: 'https://www.bfdi.bund.de',
}

// Only what we are sure of. A Land that is missing gets a finding that says so.
const ofLand: Partial<Record<Land, Authority>> = {
  'DE-HE': {
    name: 'the commissioner of Hesse (HBDI)',
    called: /Hessisch.*Datenschutz|Hess.*Commissioner|\bHBDI\b/i,
    street: 'Gustav-Stresemann-Ring 1',
    postalCode: '65189',
    city: 'Wiesbaden',
    postOfficeBox: { box: '3163', postalCode: '65021' },
    website: 'https://datenschutz.hessen.de',
  },
  'DE-NI': {
    name: 'the commissioner of Lower Saxony (LfD)',
    called: /Niedersachsen|Lower Saxony/i,
    street: 'Prinzenstraße 5',
    postalCode: '30159',
    city: 'Hannover',
    website: 'https://www.lfd.niedersachsen.de',
  },
  'DE-NW': {
    name: 'the commissioner of North Rhine-Westphalia (LDI)',
    called: /Nordrhein-Westfalen|North Rhine-Westphalia|\bLDI\b/i,
    street: 'Kavalleriestraße 2-4',
    postalCode: '40213',
    city: 'Düsseldorf',
    website: 'https://www.ldi.nrw.de',
  },
  'DE-SH': {
    name: 'the Unabhängiges Landeszentrum für Datenschutz Schleswig-Holstein (ULD)',
    called: /Schleswig-Holstein|\bULD\b/i,
    street: 'Holstenstraße 98',
    postalCode: '24103',
    city: 'Kiel',
    website: 'https://www.datenschutzzentrum.de',
  },
}

/** Who supervises a Jobcenter: the BfDI a joint institution (§ 50(4) SGB II with § 9(1) BDSG), the Land's commissioner
 *  a municipal one. Null: that Land is not in the catalogue yet. */
export const authorityOf = (kind: 'gE' | 'zkT', land: Land): Authority | null =>
  kind === 'gE' ? federal : (ofLand[land] ?? null)

/** What the law says about it. */
export const supervision =
  '§ 50(4) SGB II with § 9(1) BDSG: the BfDI supervises a gE; the Land its municipal Jobcenters'

/** What to say, and what to do, where a Land's authority is missing from the catalogue. */
export const unknownAuthority = (land: Land): [message: string, remedy: string] => [
  `the commissioner of ${land} is not in the catalogue of authorities yet, so nothing was compared`,
  'compare name and address by hand',
]

/** Whether this is an authority of the catalogue. Asked where the right one is not in it. */
export const isOther = (name: string, website?: string): boolean =>
  [federal, ...Object.values(ofLand)].some(
    (each) => each.called.test(name) || (website !== undefined && isWebsiteOf(each, website)),
  )

type Printed = { street?: string | undefined; postalCode?: string | undefined; postOfficeBox?: string | undefined }

const comparable = (street: string): string =>
  street
    .toLowerCase()
    .replace(/str(?:\.|asse\b|aße\b)/g, 'str')
    .replace(/[^\p{L}\p{N}]/gu, '')

/** Whether a printed address, as far as there is one, is the authority's. */
export const isAddressOf = (authority: Authority, { street, postalCode, postOfficeBox }: Printed): boolean => {
  if (street !== undefined) {
    return (
      comparable(street) === comparable(authority.street) &&
      (postalCode === undefined || postalCode === authority.postalCode)
    )
  }
  const box = authority.postOfficeBox
  if (postOfficeBox === undefined || !box) return true
  return postOfficeBox.replace(/\D/g, '') === box.box && (postalCode === undefined || postalCode === box.postalCode)
}

/** Its postal address in one line. */
export const addressOf = ({ street, postalCode, city }: Authority): string => `${street}, ${postalCode} ${city}`

/** Whether a web address leads to the authority. */
export const isWebsiteOf = (authority: Authority, website: string): boolean => {
  const host = (url: string) => (URL.canParse(url) ? new URL(url).hostname.replace(/^www\./, '') : null)
  return host(website) === host(authority.website)
}
