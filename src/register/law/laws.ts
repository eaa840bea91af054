import type { Land } from '../schema-tenant.ts'
import type { Day, Source, Sourced } from './source.ts'

export type { Day } from './source.ts'

/** For what a norm is used. `authority.task`: an authority towards people it serves. `authority.contract`: an authority
 *  that is party to a contract, e.g. as employer. */
export type Use = 'authority.task' | 'authority.contract' | 'private'

export type Law = Sourced & {
  /** How its divisions are cited. */
  mark: 'Art.' | '§'
  /** Its name in German texts. */
  de: string
  /** First and last day in force under this name. */
  from: Day
  to?: Day
  /** No division has a higher number: a citation beyond it is invented. Letters behind a number ("67b") are not held
   *  against anything. */
  last: number
  /** The last point of a paragraph whose points are bases here, by article and paragraph: `6(1)` ends with `f`. */
  points?: Readonly<Record<string, string>>
  /** Whom it binds, where that is not everybody. */
  binds?: Bound
  /** Sections that ended before the rest of the law did, by their numbers; letters ended with them. */
  ended?: readonly Ended[]
  /** The name it goes by since the day after `to`. It is the same law, its sections have the same numbers. */
  renamed?: string
  /** Where its sections went, as far as that is known; elsewhere `instead` says what to do. */
  successor?: { law: string; sections: Readonly<Record<string, string>>; instead: string }
}

/** Federal bodies, and by § 50(4) SGB II joint institutions; or a Land's bodies, its municipal Jobcenters among them. `general`:
 *  whether it is their general act on data protection. */
type Bound = { whom: Land | 'federal'; general: boolean }

/** `to`: their last day. `instead`: what covers the matter now, by paragraph (`13(4)`) or section (`15a`, `15`); `otherwise`,
 *  where neither is listed. */
type Ended = { first: number; last: number; to: Day; instead: Readonly<Record<string, string>>; otherwise: string }

const checked = '2026-11-30'

/** Federal law as it was consolidated in March 2022. Whether a section that is cited has changed since, nobody could see there. */
export const consolidated = (path: string): Source => ({
  title: 'consolidated federal law, March 2022 (bundestag/gesetze); later changes not seen',
  url: `https://github.com/bundestag/gesetze/blob/master/${path}/index.md`,
  secondary: true,
  asOf: '2022-03',
})

const told = (title: string, url: string | null, asOf?: string): Source => ({
  title,
  url,
  secondary: true,
  ...(asOf === undefined ? {} : { asOf }),
})

const digitalServices = told(
  'CC-Verband on the DDG: promulgated on 13 May 2024, in force the day after, in place of the TMG',
  'https://cc-verband.de/themen/digitale-regulierung/ddg/',
)

const telecommunication = told(
  'buzer.de on the law of 23 June 2021 (BGBl. I p. 1982), in force on 1 December 2021; renamed by Art. 8 of the law of 6 May 2024 (BGBl. 2024 I No 149)',
  'https://buzer.de/gesetz/14754/index.htm',
)

/** For the data of people who use a service, whether kept or only arising, there is no law of their own any more. */
const withoutInventory =
  'cite Art. 6(1)(e) GDPR with the law of the task, and § 25 TDDDG for what is stored or read on a device'

const hesse = told('known from a published notice that cites it; its text was not at hand', null)

const german = (name: string, from: Day, last: number, source: Source, binds?: Bound): [string, Law] => [
  name,
  { mark: '§', de: name, from, last, source, checked, ...(binds ? { binds } : {}) },
]

/**
 * Laws that can be cited here. A change of law is a change of this table.
 *
 * Every entry names its source; the law gazettes themselves were not at hand, and no lawyer has checked it.
 *
 * `last` is exact, as far as these sources go, where its line says so; elsewhere the end was not certain, and the number
 * is rounded up, so that a section that may exist is not refused.
 */
export const laws: ReadonlyMap<string, Law> = new Map<string, Law>([
  [
    'GDPR',
    {
      mark: 'Art.',
      de: 'DSGVO',
      from: '2018-05-25',
      last: 99, // exact
      points: { '6(1)': 'f', '9(2)': 'j' },
      source: told(
        'Regulation (EU) 2016/679, Art. 99(2), as it is commonly cited; its text on EUR-Lex was not at hand',
        'https://eur-lex.europa.eu/eli/reg/2016/679/oj',
      ),
      checked,
    },
  ],
  german('SGB I', '1976-01-01', 71, consolidated('s/sgb_1')), // exact
  // Changed by its 13th law of change on 1 July 2026, which gave the benefit another name. No section that is cited here moved.
  german(
    'SGB II',
    '2005-01-01',
    100,
    told(
      'gegen-hartz.de on the changes of 1 July 2026; before that, consolidated federal law of March 2022',
      'https://www.gegen-hartz.de/news/alle-jetzt-beschlossenen-sgb-ii-aenderungen-beim-buergergeld-ab-1-juli-2026',
      '2022-03',
    ),
  ),
  german('SGB III', '1998-01-01', 500, consolidated('s/sgb_3')),
  german('SGB X', '1981-01-01', 120, consolidated('s/sgb_10')), // exact
  german('BDSG', '2018-05-25', 86, consolidated('b/bdsg_2018'), { whom: 'federal', general: true }), // exact
  german('TDDDG', '2024-05-14', 30, telecommunication), // exact
  german('DDG', '2024-05-14', 40, digitalServices),
  german('OZG', '2017-08-18', 20, consolidated('o/ozg')),
  german('BGG', '2002-05-01', 30, consolidated('b/bgg')),
  german('BITV 2.0', '2011-09-22', 20, consolidated('b/bitv_2_0')),
  german('VwVfG', '1977-01-01', 110, consolidated('v/vwvfg')),
  german(
    'HinSchG', // exact
    '2023-07-02',
    42,
    told('the text as anwaltliche-meldestelle.de prints it', 'https://www.anwaltliche-meldestelle.de'),
  ),
  german(
    'HDSIG',
    '2018-05-25',
    100,
    told(
      'the text of 3 May 2018 as lexaris.io prints it',
      'https://lexaris.io/book/version/documentflat/head/1325822',
      '2018-05-03',
    ),
    { whom: 'DE-HE', general: true },
  ),
  german('DSG NRW', '2018-05-25', 80, told('commonly known; its text was not at hand', null), {
    whom: 'DE-NW',
    general: true,
  }),
  german(
    'LDSG SH',
    '2018-05-25',
    80,
    told(
      'the text of 2 May 2018 (GVOBl. p. 162) as umwelt-online.de prints it',
      'https://www.umwelt-online.de/recht/allgemei/laender/sh/dsg18.htm',
      '2018-05-02',
    ),
    { whom: 'DE-SH', general: true },
  ),
  // Hesse: municipal code, and the act that carries out SGB II there.
  german('HGO', '1952-05-05', 170, hesse, { whom: 'DE-HE', general: false }),
  german('OffensivG', '2005-01-01', 30, hesse, { whom: 'DE-HE', general: false }),
  [
    'TTDSG',
    {
      mark: '§',
      de: 'TTDSG',
      from: '2021-12-01',
      to: '2024-05-13',
      last: 30, // exact
      renamed: 'TDDDG',
      source: telecommunication,
      checked,
    },
  ],
  [
    'TMG',
    {
      mark: '§',
      de: 'TMG',
      from: '2007-03-01',
      to: '2024-05-13',
      last: 16, // exact
      // Its part on data protection went with the law that brought the TTDSG, and its fines became § 11.
      ended: [
        {
          first: 12,
          last: 16,
          to: '2021-11-30',
          instead: {
            '12': 'cite Art. 6(1) GDPR with the law of the task',
            '13': 'cite Art. 13 GDPR for what people are told, § 19 TDDDG for how a service has to be built',
            '13(1)': 'cite Art. 13 GDPR',
            '13(2)': 'cite Art. 7 GDPR',
            '13(3)': 'cite Art. 7(3) GDPR',
            ...Object.fromEntries([4, 5, 6, 7].map((paragraph) => [`13(${paragraph})`, 'cite § 19 TDDDG'])),
            '13(8)': 'cite Art. 15 GDPR',
            '14': withoutInventory,
            '15': withoutInventory,
            '15a': 'cite § 22 TDDDG',
            '15b': 'cite § 23 TDDDG',
            '15c': 'cite § 24 TDDDG',
            '16': 'look up the fines in the DDG and the TDDDG',
          },
          otherwise: 'look up what covers the matter now, in the GDPR or the TDDDG',
        },
      ],
      successor: {
        law: 'DDG',
        sections: { '5': '5' },
        instead: 'look up what covers the matter now, in the DDG or the Digital Services Act',
      },
      source: digitalServices,
      checked,
    },
  ],
])

type Restriction = {
  kind: 'legitimateInterest' | 'contract'
  usableBy: readonly Use[]
  message: string
  remedy: string
}

/** Norms that not everybody may rest on. All others are open to every use. */
export const restricted: ReadonlyMap<string, Restriction> = new Map<string, Restriction>([
  [
    'Art. 6(1)(f) GDPR',
    {
      kind: 'legitimateInterest',
      usableBy: ['authority.contract', 'private'],
      message: 'Art. 6(1)(f) is closed to authorities performing their tasks (Art. 6(1) GDPR, second subparagraph)',
      remedy: "cite 'Art. 6(1)(e) GDPR'",
    },
  ],
  [
    'Art. 6(1)(b) GDPR',
    {
      kind: 'contract',
      usableBy: ['authority.contract', 'private'],
      message: 'Art. 6(1)(b) needs a contract with the person; benefits rest on statute, not on contract',
      remedy: "cite 'Art. 6(1)(e) GDPR' or 'Art. 6(1)(c) GDPR' with the norm of the Social Code",
    },
  ],
])

const endedEarly = ({ ended = [] }: Law, section: string): Ended | null => {
  const number = Number.parseInt(section, 10)
  return ended.find(({ first, last }) => first <= number && number <= last) ?? null
}

/** The last day of one of its sections, e.g. `15a`; null: it is in force. */
export const lastDayOf = (law: Law, section: string): Day | null => endedEarly(law, section)?.to ?? law.to ?? null

/** What to cite instead of a section that ended before the rest of the law did; null: it did not. */
export const insteadOf = (law: Law, section: string, paragraph: string): string | null => {
  const early = endedEarly(law, section)
  if (!early) return null
  const { instead, otherwise } = early
  return instead[`${section}${paragraph}`] ?? instead[section] ?? otherwise
}

/** The day as of which the catalogue as a whole was checked: its newest check. Law is judged as of it where nobody
 *  names a day, so that what runs does not change overnight. */
export const lawAsOf: Day = [...laws.values()].reduce(
  (newest, law) => (law.checked > newest ? law.checked : newest),
  '',
)
