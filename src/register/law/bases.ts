import type { Land } from '../schema-tenant.ts'
import { type Law, laws } from './laws.ts'
import { readCitation } from './norms.ts'

/**
 * Which norms answer "what allows us to process?", and which do not. Sources: Art. 6(1) to (3) and 9(2) GDPR, § 35 SGB I, and the
 * second chapter of SGB X; see docs/decisions/0045-law-sourced-and-beside.md.
 */

const pointOfSix = /^Art\. 6\(1\)\([a-f]\) GDPR$/

/** Whether it is a point of Art. 6(1) GDPR. One of them every activity needs: Art. 9(2) lifts a ban, § 25 TDDDG opens a
 *  device, a national law gives a task, and none of them makes processing lawful by itself. */
export const isPointOfSix = (norm: string): boolean => pointOfSix.test(norm)

/** What of the GDPR allows. All the rest of it defines, orders or forbids: it is a condition, not a basis. Art. 10 says who
 *  may process data on offences besides, not on what ground. */
const allowing = /^Art\. (6\(1\)\([a-f]\)|9\(2\)\([a-j]\)) GDPR$/

/** Secrecy, definitions, the form of consent, the purpose that others are bound to, processors, rights: what the Social Code
 *  demands besides allowing; and the limits of rights in the BDSG. */
const conditions: readonly RegExp[] = [
  /^§ 35(?![a-z\d]).* SGB I$/,
  /^§ (67(?![a-z])|67b\((2|3)\)|78(?!\d)|8[0-5][a-c]?(?!\d)).* SGB X$/,
  /^§ 3[2-7](?!\d).* BDSG$/,
]

/** Whether a norm allows nothing by itself, however it shapes what another one allows. */
export const allowsNothing = (norm: string): boolean =>
  norm.endsWith(' GDPR') ? !allowing.test(norm) : conditions.some((condition) => condition.test(norm))

/** Whether a basis is none without a law beside it, and what that law has to lay down: Art. 6(3) GDPR. */
export const neededBeside = (norm: string): 'duty' | 'task' | null =>
  norm === 'Art. 6(1)(c) GDPR' ? 'duty' : norm === 'Art. 6(1)(e) GDPR' ? 'task' : null

type Jobcenter = { kind: 'gE' | 'zkT'; land: Land }

const isBound = ({ binds }: Law, { kind, land }: Jobcenter): boolean =>
  binds === undefined || binds.whom === (kind === 'gE' ? 'federal' : land)

/** The act that does not bind this Jobcenter, though the norm cites it; null if the norm is open to it. */
export const foreignAct = (norm: string, jobcenter: Jobcenter): string | null => {
  const name = readCitation(norm)?.name ?? ''
  const law = laws.get(name)
  return law === undefined || isBound(law, jobcenter) ? null : name
}

/** The general data protection act that binds a Jobcenter; null where it is one of a Land that the catalogue lacks. */
export const ownAct = (jobcenter: Jobcenter): string | null =>
  [...laws].find(([, law]) => law.binds?.general && isBound(law, jobcenter))?.[0] ?? null
