import type { Sourced } from './source.ts'

/** EU and EEA: wherever else data go is a third country of the GDPR (Art. 44). */
const eea = new Set(
  'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK'.split(' '),
)

/** What makes countries stand equal to Germany where social data are processed. */
export const equated: Sourced & { countries: ReadonlySet<string> } = {
  /** States of EU and EEA, and Switzerland: § 35(7) SGB I. */
  countries: new Set([...eea, 'CH']),
  source: {
    title: '§ 35(7) SGB I as consolidated in March 2022 (bundestag/gesetze)',
    url: 'https://github.com/bundestag/gesetze/blob/master/s/sgb_1/index.md',
    secondary: true,
    asOf: '2022-03',
  },
  checked: '2026-11-30',
}

/** Whether it is a state of EU or EEA. Switzerland is none: its decision has to be named (Art. 13(1)(f) GDPR). */
export const isInEea = (country: string): boolean => eea.has(country)

/**
 * States outside EU and EEA for which there is an adequacy decision (Art. 45 GDPR), with its number: § 80(2) SGB X itself
 * lets social data be processed there.
 *
 * Left out are decisions that cover only some recipients (Canada, Japan, Korea, the United States), and the one on the
 * United Kingdom, renewed on 19 December 2025, which ends on 27 December 2031: an end that nothing here would notice.
 */
export const adequacy: Sourced & { decisions: ReadonlyMap<string, string> } = {
  decisions: new Map([
    ['AD', '2010/625'],
    ['AR', '2003/490'],
    ['BR', '2026/179'],
    ['CH', '2000/518'],
    ['FO', '2010/146'],
    ['GG', '2003/821'],
    ['IL', '2011/61'],
    ['IM', '2004/411'],
    ['JE', '2008/393'],
    ['NZ', '2013/65'],
    ['UY', '2012/484'],
  ]),
  source: {
    title:
      'activemind.legal on the review of January 2024, which left these decisions in force, their numbers as commonly cited; europalov.no on Decision (EU) 2026/179 of 26 January 2026 on Brazil; what else changed after January 2024 was not seen',
    url: 'https://europalov.no/rettsakt/beskyttelse-av-personopplysninger-ved-datautveksling-med-brasil/id-34841',
    secondary: true,
    asOf: '2024-01',
  },
  checked: '2026-12-01',
}

/** Whether a processor of social data may work there: § 80(2) SGB X. */
export const allowsSocialData = (country: string): boolean =>
  equated.countries.has(country) || adequacy.decisions.has(country)

/** The number of the adequacy decision that covers a country; null where there is none, or none is needed. */
export const adequacyDecision = (country: string): string | null => adequacy.decisions.get(country) ?? null

/** What is said of a country where none may, after the `name` of whoever is there, and what helps. */
export const outside = (name: string, country: string): [message: string, remedy: string] => [
  `${name} ${country} is outside EU and EEA`,
  'choose one in the EU, the EEA, Switzerland or a state with an adequacy decision for all recipients and without an end (§ 80(2) SGB X, § 35(7) SGB I)',
]
