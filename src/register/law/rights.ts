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

/** Rights whatever the legal basis; SGB X shapes them for social data. */
export const rightsAlways = [
  { right: 'access', norms: ['Art. 15 GDPR', '§ 83 SGB X'] },
  { right: 'rectification', norms: ['Art. 16 GDPR', '§ 84 SGB X'] },
  { right: 'erasure', norms: ['Art. 17 GDPR', '§ 84 SGB X'] },
  { right: 'restriction', norms: ['Art. 18 GDPR', '§ 84 SGB X'] },
] as const satisfies { right: Right; norms: readonly string[] }[]

/** Rights that a legal basis brings along. */
export const rightsByBasis = [
  { right: 'withdrawal', norms: ['Art. 7(3) GDPR'], bases: ['Art. 6(1)(a) GDPR', 'Art. 9(2)(a) GDPR'] },
  {
    right: 'portability',
    norms: ['Art. 20 GDPR'],
    bases: ['Art. 6(1)(a) GDPR', 'Art. 9(2)(a) GDPR', 'Art. 6(1)(b) GDPR'],
  },
  { right: 'objection', norms: ['Art. 21 GDPR'], bases: ['Art. 6(1)(e) GDPR', 'Art. 6(1)(f) GDPR'] },
] as const satisfies { right: Right; norms: readonly string[]; bases: readonly string[] }[]

/** Whether one of these legal bases brings the right along. */
export const brings = ({ bases }: (typeof rightsByBasis)[number], norms: readonly string[]): boolean =>
  norms.some((norm) => bases.some((basis) => norm.startsWith(basis)))

/** All rights that follow from these legal bases. */
export const rightsFrom = (norms: readonly string[]): Right[] => [
  ...rightsAlways.map(({ right }) => right),
  ...rightsByBasis.filter((entry) => brings(entry, norms)).map(({ right }) => right),
]
