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
  /** Number of its last article, where we hold citations against it. */
  last?: number
  /** Where its sections went; `null`: nowhere, `instead` says what covers the matter now. */
  successor?: { law: string; sections: Readonly<Record<string, string | null>>; instead: string }
  /** When somebody last looked whether this entry is right. The entries here come from secondary sources; the law gazettes
   *  themselves were not at hand. */
  lastChecked: Day
}

const checked = '2026-11-22'
const german = (name: string, from: Day): [string, Law] => [name, { mark: '§', de: name, from, lastChecked: checked }]

/** Laws that can be cited here. A change of law is a change of this table. */
export const laws: ReadonlyMap<string, Law> = new Map<string, Law>([
  ['GDPR', { mark: 'Art.', de: 'DSGVO', from: '2018-05-25', last: 99, lastChecked: checked }],
  german('SGB I', '1976-01-01'),
  german('SGB II', '2005-01-01'),
  german('SGB III', '1998-01-01'),
  german('SGB X', '1981-01-01'),
  german('BDSG', '2018-05-25'),
  german('TDDDG', '2024-05-14'),
  german('DDG', '2024-05-14'),
  german('OZG', '2017-08-18'),
  german('BGG', '2002-05-01'),
  german('BITV 2.0', '2011-09-22'),
  german('VwVfG', '1977-01-01'),
  german('HinSchG', '2023-07-02'),
  german('HDSIG', '2018-05-25'),
  german('DSG NRW', '2018-05-25'),
  german('LDSG SH', '2018-05-25'),
  // Hesse: municipal code, and the act that carries out SGB II there.
  german('HGO', '1952-05-05'),
  german('OffensivG', '2005-01-01'),
  // Both ended on 14 May 2024, with Art. 37 of the law that brought the DDG.
  [
    'TTDSG',
    {
      mark: '§',
      de: 'TTDSG',
      from: '2021-12-01',
      to: '2024-05-13',
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
