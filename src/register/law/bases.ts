import type { Land } from '../schema.ts'

/**
 * Which norms answer "what allows us to process?", and which do not. Sources: Art. 6(1) to (3), 9(2) and 10 GDPR, and the
 * second chapter of SGB X; see docs/decisions/0045-law-sourced-and-beside.md.
 */

/** What of the GDPR allows processing. All the rest of it defines, orders or forbids: it is a condition, not a basis. */
const allowing = /^Art\. (6\(1\)\([a-f]\)|9\(2\)\([a-j]\)|10) GDPR$/

/** Definitions, the form of consent, processors, rights: what the Social Code demands besides allowing. */
const conditionsOfSgbX = /^§ (67(?![a-z])|67b\((2|3)\)|8[0-5][a-c]?(?!\d)).* SGB X$/

/** Whether a norm allows nothing by itself, however it shapes what another one allows. */
export const allowsNothing = (norm: string): boolean =>
  norm.endsWith(' GDPR') ? !allowing.test(norm) : conditionsOfSgbX.test(norm)

const needsLaw = /^Art\. 6\(1\)\((c|e)\) GDPR$/

/** Whether a basis is none without a law beside it that lays down the duty or the task: Art. 6(3) GDPR. */
export const needsNationalLaw = (norm: string): boolean => needsLaw.test(norm)

/** Laws that give a Jobcenter no task: they say how services on the web behave. */
const withoutTask = /^§ .* (TDDDG|DDG|BITV 2\.0)$/

/** Whether a norm can be the law that Art. 6(3) GDPR asks for. */
export const givesTask = (norm: string): boolean =>
  norm.startsWith('§ ') && !withoutTask.test(norm) && !allowsNothing(norm)

/** Whom a general data protection act binds: the BDSG federal bodies and, by § 50(4) SGB II, joint institutions; that of a
 *  Land its municipal ones. */
const bound: ReadonlyMap<string, Land | 'federal'> = new Map<string, Land | 'federal'>([
  ['BDSG', 'federal'],
  ['HDSIG', 'DE-HE'],
  ['DSG NRW', 'DE-NW'],
  ['LDSG SH', 'DE-SH'],
])

/** The act that does not bind this Jobcenter, though the norm cites it; null if the norm is open to it. */
export const foreignAct = (norm: string, { kind, land }: { kind: 'gE' | 'zkT'; land: Land }): string | null => {
  const [act, whom] = [...bound].find(([name]) => norm.endsWith(` ${name}`)) ?? []
  if (act === undefined || whom === (kind === 'gE' ? 'federal' : land)) return null
  return act
}
