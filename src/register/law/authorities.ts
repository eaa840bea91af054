import type { Land } from '../schema-tenant.ts'
import type { Source, Sourced } from './source.ts'

/** An authority that supervises data protection at public bodies (Art. 51 GDPR). */
export type Authority = Sourced & {
  /** In messages of this program. */
  name: string
  /** Its office, whoever holds it: what it calls itself changes with the person. */
  title: string
  /** How its name is recognised where somebody wrote it. */
  called: RegExp
  street: string
  postalCode: string
  city: string
  /** `not found`: it may have one, no source at hand says which. What is printed is then not compared. */
  postOfficeBox: { box: string; postalCode: string } | 'not found'
  website: string
}

const checked = '2026-11-30'

/** What somebody else prints of it, where the authority's own page was not at hand. */
const printed = (by: string): Source => ({
  title: `its address as ${by}; its own page was not at hand`,
  url: null,
  secondary: true,
})

const notices = printed('privacy notices of 2025 and 2026 print it alike')

const ownPage = (url: string): Source => ({ title: "the authority's own privacy notice", url, secondary: false })

const federal: Authority = {
  name: 'the BfDI',
  title: 'Die Bundesbeauftragte oder der Bundesbeauftragte für den Datenschutz und die Informationsfreiheit',
  called: /Bundesbeauftragte|Federal Commissioner|\bBfDI\b/i,
  street: 'Graurheindorfer Straße 153',
  postalCode: '53117',
  city: 'Bonn',
  postOfficeBox: 'not found',
  website: 'https://www.bfdi.bund.de',
  source: {
    title: "the BfDI's own privacy page, as archived, and privacy notices of 2025 and 2026",
    url: 'https://www.bfdi.bund.de',
    secondary: true,
  },
  checked,
}

const ofLand: Readonly<Record<Land, Authority>> = {
  'DE-BB': {
    name: 'the commissioner of Brandenburg (LDA)',
    title: 'Die oder der Landesbeauftragte für den Datenschutz und für das Recht auf Akteneinsicht Brandenburg',
    called: /Brandenburg|\bLDA\b/i,
    street: 'Stahnsdorfer Damm 77',
    postalCode: '14532',
    city: 'Kleinmachnow',
    postOfficeBox: 'not found',
    website: 'https://www.lda.brandenburg.de',
    source: notices,
    checked,
  },
  'DE-BE': {
    name: 'the commissioner of Berlin (BlnBDI)',
    title: 'Berliner Beauftragte oder Beauftragter für Datenschutz und Informationsfreiheit',
    called: /\bBerlin|\bBlnBDI\b/i,
    street: 'Alt-Moabit 59-61',
    postalCode: '10555',
    city: 'Berlin',
    postOfficeBox: 'not found',
    website: 'https://www.datenschutz-berlin.de',
    source: notices,
    checked,
  },
  'DE-BW': {
    name: 'the commissioner of Baden-Württemberg (LfDI)',
    title: 'Die oder der Landesbeauftragte für den Datenschutz und die Informationsfreiheit Baden-Württemberg',
    called: /Baden-?W(ü|ue)rttemberg|\bLfDI BW\b/i,
    // Notices still name an older address, Lautenschlagerstraße 20.
    street: 'Heilbronner Straße 35',
    postalCode: '70191',
    city: 'Stuttgart',
    postOfficeBox: { box: '102932', postalCode: '70025' },
    website: 'https://www.baden-wuerttemberg.datenschutz.de',
    source: notices,
    checked,
  },
  'DE-BY': {
    // Not the Landesamt (BayLDA), which supervises companies.
    name: 'the commissioner of Bavaria for public bodies (BayLfD)',
    title: 'Die oder der Bayerische Landesbeauftragte für den Datenschutz',
    called: /^(?!.*(Landesamt|LDA\b|State Office)).*(\bBayer(n\b|isch)|\bBavaria|\bBayLfD\b)/i,
    street: 'Wagmüllerstraße 18',
    postalCode: '80538',
    city: 'München',
    postOfficeBox: { box: '221219', postalCode: '80502' },
    website: 'https://www.datenschutz-bayern.de',
    source: printed('notices of Bavarian universities print it'),
    checked,
  },
  'DE-HB': {
    name: 'the commissioner of Bremen (LfDI)',
    title: 'Die oder der Landesbeauftragte für Datenschutz und Informationsfreiheit der Freien Hansestadt Bremen',
    called: /\bBrem(en\b|isch)/i,
    street: 'Arndtstraße 1',
    postalCode: '27570',
    city: 'Bremerhaven',
    postOfficeBox: 'not found',
    website: 'https://www.datenschutz.bremen.de',
    source: ownPage('https://datenschutz.bremen.de/datenschutzerklaerung-7485'),
    checked: '2026-12-01',
  },
  'DE-HE': {
    name: 'the commissioner of Hesse (HBDI)',
    title: 'Die oder der Hessische Beauftragte für Datenschutz und Informationsfreiheit',
    called: /\bHess(en\b|isch|e\b|ian\b)|\bHBDI\b/i,
    street: 'Gustav-Stresemann-Ring 1',
    postalCode: '65189',
    city: 'Wiesbaden',
    postOfficeBox: { box: '3163', postalCode: '65021' },
    website: 'https://datenschutz.hessen.de',
    source: printed('published notices of Hessian Jobcenters print it'),
    checked,
  },
  'DE-HH': {
    name: 'the commissioner of Hamburg (HmbBfDI)',
    title: 'Die oder der Hamburgische Beauftragte für Datenschutz und Informationsfreiheit',
    called: /\bHamburg|\bHmbBfDI\b/i,
    street: 'Ludwig-Erhard-Straße 22',
    postalCode: '20459',
    city: 'Hamburg',
    postOfficeBox: 'not found',
    website: 'https://datenschutz-hamburg.de',
    source: notices,
    checked,
  },
  'DE-MV': {
    name: 'the commissioner of Mecklenburg-Vorpommern (LfDI)',
    title: 'Die oder der Landesbeauftragte für Datenschutz und Informationsfreiheit Mecklenburg-Vorpommern',
    called: /Mecklenburg|\bLfDI M-?V\b/i,
    street: 'Werderstraße 74a',
    postalCode: '19055',
    city: 'Schwerin',
    postOfficeBox: 'not found',
    website: 'https://www.datenschutz-mv.de',
    source: notices,
    checked,
  },
  'DE-NI': {
    name: 'the commissioner of Lower Saxony (LfD)',
    title: 'Die oder der Landesbeauftragte für den Datenschutz Niedersachsen',
    called: /Nieders(achsen|(ä|ae)chsisch)|Lower Saxony/i,
    street: 'Prinzenstraße 5',
    postalCode: '30159',
    city: 'Hannover',
    postOfficeBox: 'not found',
    website: 'https://www.lfd.niedersachsen.de',
    source: notices,
    checked,
  },
  'DE-NW': {
    name: 'the commissioner of North Rhine-Westphalia (LDI)',
    title: 'Landesbeauftragte oder Landesbeauftragter für Datenschutz und Informationsfreiheit Nordrhein-Westfalen',
    called: /Nordrhein-Westf(alen|(ä|ae)lisch)|North Rhine-Westphalia|\bLDI\b|\bNRW\b/i,
    street: 'Kavalleriestraße 2-4',
    postalCode: '40213',
    city: 'Düsseldorf',
    postOfficeBox: 'not found',
    website: 'https://www.ldi.nrw.de',
    source: notices,
    checked,
  },
  'DE-RP': {
    name: 'the commissioner of Rhineland-Palatinate (LfDI)',
    title: 'Die oder der Landesbeauftragte für den Datenschutz und die Informationsfreiheit Rheinland-Pfalz',
    called: /Rheinland-Pf(alz|(ä|ae)lzisch)|Rhineland-Palatinate/i,
    street: 'Hintere Bleiche 34',
    postalCode: '55116',
    city: 'Mainz',
    postOfficeBox: 'not found',
    website: 'https://www.datenschutz.rlp.de',
    source: notices,
    checked,
  },
  'DE-SH': {
    name: 'the Unabhängiges Landeszentrum für Datenschutz Schleswig-Holstein (ULD)',
    title: 'Unabhängiges Landeszentrum für Datenschutz Schleswig-Holstein',
    called: /Schleswig-Holstein|\bULD\b/i,
    street: 'Holstenstraße 98',
    postalCode: '24103',
    city: 'Kiel',
    postOfficeBox: { box: '7116', postalCode: '24171' },
    website: 'https://www.datenschutzzentrum.de',
    source: ownPage('https://www.datenschutzzentrum.de/datenschutzerklaerung/'),
    checked,
  },
  'DE-SL': {
    name: 'the Unabhängiges Datenschutzzentrum Saarland (UDS)',
    title: 'Unabhängiges Datenschutzzentrum Saarland',
    called: /\bSaarl(and|(ä|ae)ndisch)/i,
    street: 'Fritz-Dobisch-Straße 12',
    postalCode: '66111',
    city: 'Saarbrücken',
    postOfficeBox: 'not found',
    website: 'https://www.datenschutz.saarland.de',
    source: notices,
    checked,
  },
  'DE-SN': {
    name: 'the commissioner of Saxony (SDTB)',
    title:
      'Sächsische Datenschutz- und Transparenzbeauftragte oder Sächsischer Datenschutz- und Transparenzbeauftragter',
    called: /\bS(ä|ae)chsisch|\bSachsen\b(?![ -]Anhalt)|(?<!Lower )\bSaxon(y|ian)?\b(?![ -]Anhalt)|\bSDTB\b/i,
    // It moved in April 2025, from Devrientstraße.
    street: 'Maternistraße 17',
    postalCode: '01067',
    city: 'Dresden',
    postOfficeBox: { box: '110132', postalCode: '01330' },
    website: 'https://www.datenschutz.sachsen.de',
    source: ownPage('https://www.datenschutz.sachsen.de/datenschutzerklaerung.html'),
    checked: '2026-12-01',
  },
  'DE-ST': {
    name: 'the commissioner of Saxony-Anhalt (LfD)',
    title: 'Landesbeauftragte oder Landesbeauftragter für den Datenschutz Sachsen-Anhalt',
    called: /Sachsen[ -]Anhalt|Saxony[ -]Anhalt/i,
    // Notices still name an older address, Leiterstraße 9.
    street: 'Otto-von-Guericke-Straße 34a',
    postalCode: '39104',
    city: 'Magdeburg',
    postOfficeBox: { box: '1947', postalCode: '39009' },
    website: 'https://datenschutz.sachsen-anhalt.de',
    source: notices,
    checked,
  },
  'DE-TH': {
    name: 'the commissioner of Thuringia (TLfDI)',
    title: 'Die oder der Thüringer Landesbeauftragte für den Datenschutz und die Informationsfreiheit',
    called: /Th(ü|ue)ring|\bThuringian?\b|\bTLfDI\b/i,
    street: 'Häßlerstraße 8',
    postalCode: '99096',
    city: 'Erfurt',
    postOfficeBox: 'not found',
    website: 'https://www.tlfdi.de',
    source: notices,
    checked,
  },
}

/** All of them: the federal one and one of each Land. */
export const authorities: readonly Authority[] = [federal, ...Object.values(ofLand)]

/** Who supervises a Jobcenter: the BfDI a joint institution (§ 50(4) SGB II with § 9(1) BDSG), the Land's commissioner
 *  for public bodies a municipal one. */
export const authorityOf = (kind: 'gE' | 'zkT', land: Land): Authority => (kind === 'gE' ? federal : ofLand[land])

/** What the law says about it. */
export const supervision =
  '§ 50(4) SGB II with § 9(1) BDSG: the BfDI supervises a gE; the Land its municipal Jobcenters'

/** What a name says in whatever language, e.g. `BfDI`: this authority, another one, or nothing that is known here. */
export const whoIsCalled = (authority: Authority, name: string): 'this' | 'other' | 'unknown' => {
  if (authority.called.test(name)) return 'this'
  return authorities.some(({ called }) => called.test(name)) ? 'other' : 'unknown'
}

type Printed = {
  street?: string | undefined
  postalCode?: string | undefined
  postOfficeBox?: string | undefined
  city?: string | undefined
}

const comparable = (text: string): string =>
  text
    .toLowerCase()
    .replace(/str(?:\.|asse\b|aße\b)/g, 'str')
    .replace(/[^\p{L}\p{N}]/gu, '')

/** Whether a printed address, as far as there is one, is the authority's. Where its post office box is not known, neither the
 *  box nor its postal code is compared. */
export const isAddressOf = (authority: Authority, { street, postalCode, postOfficeBox, city }: Printed): boolean => {
  const box = authority.postOfficeBox
  const known = box === 'not found' ? null : box
  const codes = [
    ...(street !== undefined || postOfficeBox === undefined ? [authority.postalCode] : []),
    ...(postOfficeBox !== undefined && known ? [known.postalCode] : []),
  ]
  return (
    (street === undefined || comparable(street) === comparable(authority.street)) &&
    (city === undefined || comparable(city) === comparable(authority.city)) &&
    (postOfficeBox === undefined || !known || postOfficeBox.replace(/\D/g, '') === known.box) &&
    (postalCode === undefined || (postOfficeBox !== undefined && !known) || codes.includes(postalCode))
  )
}

/** Its postal address in one line. */
export const addressOf = ({ street, postalCode, city }: Authority): string => `${street}, ${postalCode} ${city}`

/** Its post office box in one line; null where none is known. */
export const boxOf = ({ postOfficeBox, city }: Authority): string | null =>
  postOfficeBox === 'not found' ? null : `Postfach ${postOfficeBox.box}, ${postOfficeBox.postalCode} ${city}`

/** Whether a web address leads to the authority; on paper it may stand without `https://`. */
export const isWebsiteOf = (authority: Authority, website: string): boolean => {
  const host = (printed: string) => {
    const url = printed.includes('://') ? printed : `https://${printed}`
    return URL.canParse(url) ? new URL(url).host.replace(/^www\./, '') : null
  }
  return host(website) === host(authority.website)
}
