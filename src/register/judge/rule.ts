import type { Day } from '../law/laws.ts'
import type { Path } from '../load/yaml.ts'
import type { PrintedActivity, PrintedBasis, PrintedCookies, Published } from './published.ts'

/** A place in what a notice says that a rule objects to. */
export type Objection = { path: Path; message: string; remedy: string }

/** A rule of law about what a notice says. It knows no notice: `find` sees what is said, and the day it is judged for. */
export type Rule = {
  name: string
  /** What the law says, and where. */
  law: string
  find: (published: Published, on: Day) => Objection[]
}

/** Something said, with where it stands. */
export type At<T> = { path: Path; value: T }

/** The items of a list, each with its place. */
export const each = <T>(list: readonly T[], path: Path): At<T>[] =>
  list.map((value, index) => ({ path: [...path, index], value }))

/** The activities with the place where each stands. */
export const activitiesOf = ({ activities }: Published): At<PrintedActivity>[] => each(activities, ['activities'])

/** The cookies it speaks of together, group by group. */
export const groupsOf = ({ cookies }: Published): At<PrintedCookies>[] =>
  each(cookies?.groups ?? [], ['cookies', 'groups'])

/** Every legal basis the notice names, wherever. */
export const basesOf = (published: Published): At<PrintedBasis>[] => [
  ...activitiesOf(published).flatMap(({ path, value: { bases, cookies } }) => [
    ...each(bases, [...path, 'bases']),
    ...each(cookies?.bases ?? [], [...path, 'cookies', 'bases']),
  ]),
  ...groupsOf(published).flatMap(({ path, value: { bases } }) => each(bases, [...path, 'bases'])),
]

const norms: Record<NonNullable<PrintedBasis['ground']>, string> = {
  consent: 'Art. 6(1)(a) GDPR',
  contract: 'Art. 6(1)(b) GDPR',
  law: 'Art. 6(1)(c) GDPR',
  legitimateInterest: 'Art. 6(1)(f) GDPR',
  businessInterest: 'Art. 6(1)(f) GDPR',
}

/** The norm of a basis, or the one its general words amount to. */
export const normOf = ({ norm, ground }: PrintedBasis): string => norm ?? (ground ? norms[ground] : '')

const consents = ['Art. 6(1)(a) GDPR', 'Art. 9(2)(a) GDPR', '§ 25(1) TDDDG', '§ 25(1) TTDSG']

/** Whether any of these bases is consent. */
export const onConsent = (bases: readonly PrintedBasis[]): boolean =>
  bases.some((basis) => consents.includes(normOf(basis)))
