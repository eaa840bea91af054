import type { Verdict } from './jws.ts'
import type { Receipt } from './receipt.ts'

/** What people are told about a receipt; the same in the browser and on the server. */
export type Outcome =
  | { name: 'valid'; receipt: Receipt; kid: string; retired: string | null }
  | { name: 'forged' }
  | { name: 'noReceipt'; why: 'empty' | 'tooLong' | 'form' | 'algorithm' | 'content' }
  /** Says that it is of another Jobcenter of this installation, which can check it. */
  | { name: 'elsewhere'; tenant: string }
  /** Signed with a key that is none of this Jobcenter's. `issuer`: where it says it comes from, unproven. */
  | { name: 'unknown'; issuer: string | null }
  | { name: 'unsupported' }

export const outcomes = ['valid', 'forged', 'noReceipt', 'elsewhere', 'unknown', 'unsupported'] as const

/** `others`: the other Jobcenters of this installation. An address that a receipt names by itself is never one to go to:
 *  anybody can write a receipt that names their own. */
export const outcomeOf = (verdict: Verdict, others: readonly string[]): Outcome => {
  switch (verdict.kind) {
    case 'valid':
      return { name: 'valid', receipt: verdict.receipt, kid: verdict.kid, retired: verdict.retired ?? null }
    case 'wrongSignature':
    case 'afterRetirement':
    case 'otherTenant':
      return { name: 'forged' }
    case 'unreadable':
      return { name: 'noReceipt', why: verdict.why }
    case 'unknownKey': {
      const tenant = others.find((other) => other === verdict.claims?.tenant)
      return tenant ? { name: 'elsewhere', tenant } : { name: 'unknown', issuer: verdict.claims?.issuer ?? null }
    }
    case 'unsupported':
      return { name: 'unsupported' }
    default:
      return verdict satisfies never
  }
}

export type Words = { acts: Record<Receipt['act'], string>; why: Record<string, string> }

/** What stands in the places of an outcome's text, as text; what is null has no place. */
export const slotsOf = (
  outcome: Outcome,
  words: Words,
  moment: (instant: string, timeZone: string) => string,
): Record<string, string | null> => {
  if (outcome.name === 'noReceipt') return { why: words.why[outcome.why] ?? null }
  if (outcome.name === 'unknown') return { issuer: outcome.issuer }
  if (outcome.name !== 'valid') return {}
  const { receipt, kid, retired } = outcome
  const at = (instant: string) => moment(instant, receipt.timeZone)
  return {
    act: words.acts[receipt.act],
    name: receipt.name,
    reference: receipt.reference,
    when: at(receipt.startsAt),
    former: receipt.movedFrom ? at(receipt.movedFrom) : null,
    place: receipt.place ?? null,
    service: receipt.services?.map(({ title }) => title).join(', ') ?? null,
    done: at(receipt.doneAt),
    issued: at(receipt.issuedAt),
    issuer: receipt.issuer,
    kid,
    retired: retired && at(retired),
  }
}
