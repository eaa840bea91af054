import { consolidated } from './laws.ts'
import { readCitation } from './norms.ts'
import type { Source, Sourced } from './source.ts'

/** A norm that gives a Jobcenter a task, or lays a duty on it; whoever has a duty has its task, too. */
type Lays = Sourced & { norm: string; lays: 'task' | 'duty' }

const checked = '2026-12-01'

const union: Source = {
  title: 'Regulation (EU) 2016/679, chapters III and IV, as commonly cited; its text on EUR-Lex was not at hand',
  url: 'https://eur-lex.europa.eu/eli/reg/2016/679/oj',
  secondary: true,
}

const ofLand: Source = {
  title: 'the general clause of the act of the Land, as commonly cited; see the catalogue of laws',
  url: null,
  secondary: true,
}

const listed = (lays: Lays['lays'], source: Source, norms: readonly string[]): Lays[] =>
  norms.map((norm) => ({ norm, lays, source, checked }))

/**
 * The laws that Art. 6(3) GDPR asks for beside Art. 6(1)(c) and (e), as far as this project knows them. What is not listed
 * is not accepted: most sections lay down something, few of them a task or a duty. Whoever needs another adds it here, with
 * its source.
 */
export const tasksAndDuties: readonly Lays[] = [
  // To answer whoever uses a right, and to report what went wrong: law of the Union, Art. 6(3)(a).
  ...listed('duty', union, [
    ...['Art. 12(1) GDPR', 'Art. 12(2) GDPR', 'Art. 12(3) GDPR', 'Art. 12(4) GDPR'],
    ...[15, 16, 17, 18, 19, 20, 21, 22, 33, 34].map((article) => `Art. ${article} GDPR`),
  ]),
  // To explain, to advise, to inform.
  ...listed('duty', consolidated('s/sgb_1'), ['§ 13 SGB I', '§ 14 SGB I', '§ 15 SGB I']),
  // Advice, and the figures that go to the Federal Employment Agency.
  ...listed('duty', consolidated('s/sgb_2'), ['§ 14(2) SGB II', '§ 51b(1) SGB II']),
  // What the basic income support is there for, its benefits, who grants them, and the exchange between those who do.
  ...listed('task', consolidated('s/sgb_2'), [
    ...['§ 1 SGB II', '§ 4 SGB II', '§ 6 SGB II', '§ 6b SGB II', '§ 14 SGB II', '§ 15 SGB II', '§ 16 SGB II'],
    ...['§ 44b SGB II', '§ 50(1) SGB II', '§ 51b SGB II'],
  ]),
  // To collect, to process, to store and to hand over social data for the tasks of the Social Code.
  ...listed('task', consolidated('s/sgb_10'), [
    ...['§ 67a(1) SGB X', '§ 67b(1) SGB X', '§ 67c(1) SGB X', '§ 67c(2) SGB X', '§ 67d(1) SGB X', '§ 69(1) SGB X'],
  ]),
  // The general clauses; whom each binds says `laws.ts`.
  ...listed('task', consolidated('b/bdsg_2018'), ['§ 3 BDSG']),
  ...listed('task', ofLand, ['§ 3(1) HDSIG', '§ 3 DSG NRW', '§ 3 LDSG SH']),
]

/** Whether a citation means this norm: the same one, a part of it, or the whole section that it stands in. */
const means = (norm: string, listedNorm: string): boolean => {
  const [one, other] = [readCitation(norm), readCitation(listedNorm)]
  if (!one || !other || one.name !== other.name || one.section !== other.section || one.mark !== other.mark)
    return false
  return one.paragraph === '' || other.paragraph === '' || one.paragraph === other.paragraph
}

/** Whether a norm is the law that Art. 6(3) GDPR asks for beside Art. 6(1)(e): it gives a task. */
export const givesTask = (norm: string): boolean =>
  !norm.endsWith(' GDPR') && tasksAndDuties.some((one) => means(norm, one.norm))

/** Whether a norm is the law that Art. 6(3) GDPR asks for beside Art. 6(1)(c): it lays down a duty. */
export const laysDuty = (norm: string): boolean =>
  tasksAndDuties.some(({ norm: one, lays }) => lays === 'duty' && means(norm, one))
