import type { Source, Sourced } from './source.ts'

/** Rights of the person, which the legal bases decide (Art. 13(2)(b) and (c) GDPR). */
export const rights = [
  'access',
  'rectification',
  'erasure',
  'restriction',
  'withdrawal',
  'portability',
  'objection',
] as const
export type Right = (typeof rights)[number]

const checked = '2026-11-30'

const rightsOfSgbX: Source = {
  title: '§§ 83 and 84 SGB X as consolidated in March 2022 (bundestag/gesetze), compared with buzer.de, July 2024',
  url: 'https://buzer.de/s1.htm?a=84&g=SGB%2BX',
  secondary: true,
  asOf: '2024-07',
}

const gdpr: Source = {
  title: 'Regulation (EU) 2016/679, Art. 7(3) and 20, as commonly cited; its text on EUR-Lex was not at hand',
  url: 'https://eur-lex.europa.eu/eli/reg/2016/679/oj',
  secondary: true,
}

const limitOfObjection = '§ 84(5) SGB X'

type Entry = Sourced & { right: Right; norms: readonly string[] }

/** Rights whatever the legal basis; SGB X shapes them for social data. */
export const rightsAlways = [
  { right: 'access', norms: ['Art. 15 GDPR', '§ 83 SGB X'], source: rightsOfSgbX, checked },
  { right: 'rectification', norms: ['Art. 16 GDPR', '§ 84 SGB X'], source: rightsOfSgbX, checked },
  { right: 'erasure', norms: ['Art. 17 GDPR', '§ 84 SGB X'], source: rightsOfSgbX, checked },
  { right: 'restriction', norms: ['Art. 18 GDPR', '§ 84 SGB X'], source: rightsOfSgbX, checked },
] as const satisfies Entry[]

/** Rights that a legal basis brings along. Objection ends where § 84(5) SGB X says so. */
export const rightsByBasis = [
  {
    right: 'withdrawal',
    norms: ['Art. 7(3) GDPR'],
    bases: ['Art. 6(1)(a) GDPR', 'Art. 9(2)(a) GDPR'],
    source: gdpr,
    checked,
  },
  {
    right: 'portability',
    norms: ['Art. 20 GDPR'],
    bases: ['Art. 6(1)(a) GDPR', 'Art. 9(2)(a) GDPR', 'Art. 6(1)(b) GDPR'],
    source: gdpr,
    checked,
  },
  {
    right: 'objection',
    norms: ['Art. 21 GDPR', limitOfObjection],
    bases: ['Art. 6(1)(e) GDPR', 'Art. 6(1)(f) GDPR'],
    source: rightsOfSgbX,
    checked,
  },
] as const satisfies (Entry & { bases: readonly string[] })[]

/** The norms of a right for whoever rests on these legal bases. §§ 83 and 84 SGB X shape the rights in social data; where the
 *  general clause of the BDSG alone is the law of the task, as for the log of a page, they go by the GDPR alone, and § 36 BDSG
 *  limits objection, in the same words as § 84(5) SGB X. */
export const normsOfRight = ({ norms }: { norms: readonly string[] }, bases: readonly string[]): string[] => {
  const byBdsgAlone = bases.includes('§ 3 BDSG') && !bases.some((norm) => / SGB [IVX]+$/.test(norm))
  if (!byBdsgAlone) return [...norms]
  return norms.flatMap((norm) => (norm === limitOfObjection ? ['§ 36 BDSG'] : norm.endsWith(' SGB X') ? [] : [norm]))
}

/** Whether a norm demands that whoever uses a right is answered: Art. 12 and 15 to 22 GDPR. */
export const demandsAnswer = (norm: string): boolean => /^Art\. (12|1[5-9]|2[0-2])(?!\d).* GDPR$/.test(norm)

/** Whether one of these legal bases brings the right along. */
export const brings = ({ bases }: (typeof rightsByBasis)[number], norms: readonly string[]): boolean =>
  norms.some((norm) => bases.some((basis) => norm.startsWith(basis)))

/** All rights that follow from these legal bases. */
export const rightsFrom = (norms: readonly string[]): Right[] => [
  ...rightsAlways.map(({ right }) => right),
  ...rightsByBasis.filter((entry) => brings(entry, norms)).map(({ right }) => right),
]
