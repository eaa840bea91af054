/** An ISO 8601 day. Days of this form compare as text. */
export type Day = string

/** For what a norm is used. `authority.task`: an authority towards people it serves. `authority.contract`: an authority
 *  that is party to a contract, e.g. as employer. */
export type Use = 'authority.task' | 'authority.contract' | 'private'

export type Law = {
  /** How its divisions are cited. */
  mark: 'Art.' | '§'
  /** Its name in German texts. */
  de: string
  /** First and last day in force. */
  from: Day
  to?: Day
  /** No division has a higher number: a citation beyond it is invented. Letters behind a number ("67b") are not held
   *  against anything. */
  last: number
  /** The last point of a paragraph whose points are bases here, by article and paragraph: `6(1)` ends with `f`. */
  points?: Readonly<Record<string, string>>
  /** Where its sections went; `null`: nowhere, `instead` says what covers the matter now. */
  successor?: { law: string; sections: Readonly<Record<string, string | null>>; instead: string }
  /** When somebody last looked whether this entry is right. */
  lastChecked: Day
}

const checked = '2026-11-22'
const german = (name: string, from: Day, last: number): [string, Law] => [
  name,
  { mark: '§', de: name, from, last, lastChecked: checked },
]

/**
 * Laws that can be cited here. A change of law is a change of this table.
 *
 * It was compiled on 22 and 23 November 2026 from secondary sources (supervisory authorities' pages, commentaries,
 * consolidated texts up to March 2022); the law gazettes themselves were not at hand, and no lawyer has checked it.
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
      lastChecked: checked,
    },
  ],
  german('SGB I', '1976-01-01', 80),
  german('SGB II', '2005-01-01', 100),
  german('SGB III', '1998-01-01', 500),
  german('SGB X', '1981-01-01', 120), // exact
  german('BDSG', '2018-05-25', 90),
  german('TDDDG', '2024-05-14', 30), // exact
  german('DDG', '2024-05-14', 40),
  german('OZG', '2017-08-18', 20),
  german('BGG', '2002-05-01', 30),
  german('BITV 2.0', '2011-09-22', 20),
  german('VwVfG', '1977-01-01', 110),
  german('HinSchG', '2023-07-02', 42), // exact
  german('HDSIG', '2018-05-25', 100),
  german('DSG NRW', '2018-05-25', 80),
  german('LDSG SH', '2018-05-25', 80),
  // Hesse: municipal code, and the act that carries out SGB II there.
  german('HGO', '1952-05-05', 170),
  german('OffensivG', '2005-01-01', 30),
  // Both ended on 14 May 2024, with Art. 37 of the law that brought the DDG.
  [
    'TTDSG',
    {
      mark: '§',
      de: 'TTDSG',
      from: '2021-12-01',
      to: '2024-05-13',
      last: 30, // exact
      successor: {
        law: 'TDDDG',
        sections: { '2': '2', '19': '19', '25': '25' },
        instead: 'look up the section in the TDDDG, which took its place',
      },
      lastChecked: checked,
    },
  ],
  [
    'TMG',
    {
      mark: '§',
      de: 'TMG',
      from: '2007-03-01',
      to: '2024-05-13',
      last: 20,
      successor: {
        law: 'DDG',
        sections: { '5': '5', '13': null, '15': null },
        instead: 'cite Art. 13 GDPR; this section has no successor in the DDG',
      },
      lastChecked: checked,
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

/** The day as of which the catalogue as a whole was checked: its newest check. Law is judged as of it where nobody
 *  names a day, so that what runs does not change overnight. */
export const lawAsOf: Day =
  [...laws.values()]
    .map(({ lastChecked }) => lastChecked)
    .sort()
    .at(-1) ?? checked

/** Laws in force that nobody has looked at for more than twelve months. */
export const staleLaws = (
  on: Day,
  catalogue: ReadonlyMap<string, Law> = laws,
): { name: string; lastChecked: Day }[] => {
  const yearAgo = Temporal.PlainDate.from(on).subtract({ months: 12 }).toString()
  return [...catalogue].flatMap(([name, { to, lastChecked }]) =>
    to === undefined && lastChecked < yearAgo ? [{ name, lastChecked }] : [],
  )
}
