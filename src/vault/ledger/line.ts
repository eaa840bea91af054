import { z } from 'zod'
import { legalHoldReasons } from '../legal-hold.ts'

/* One line of the erasure ledger outside the database: what it says, and how it is written. */

const Instant = z.string().transform((text, context) => {
  try {
    return Temporal.Instant.from(text)
  } catch {
    context.addIssue({ code: 'custom', message: 'no instant' })
    return z.NEVER
  }
})

const common = { tenant: z.uuid(), id: z.uuid(), at: Instant }

const Erasure = z.object({
  kind: z.literal('erased').default('erased'), // a line of an erasure is written without it
  ...common,
  activity: z.string().min(1),
  rule: z.string().min(1),
  records: z.array(z.uuid()),
})

const ofOne = { ...common, record: z.uuid() }
const LegalHoldChange = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('held'), ...ofOne, cause: z.enum(legalHoldReasons) }),
  z.object({ kind: z.literal('restricted'), ...ofOne, cause: z.string().min(1) }),
  z.object({ kind: z.literal('released'), ...ofOne }),
])

const Line = z.union([LegalHoldChange, Erasure])

/** What was erased at once: by which rule of which activity, and the ids of the records. */
export type ErasureLine = z.output<typeof Erasure>

/** What a legal hold changed of one record: it was placed (`cause`: the reason), it restricted what should have been erased
 *  (`cause`: the trigger that should have), or it ended. */
export type LegalHoldLine = z.output<typeof LegalHoldChange>

const orderOfKinds: readonly LegalHoldLine['kind'][] = ['held', 'restricted', 'released']

/** In what order two changes happened. Of one instant, as the clock tells it, one that holds comes first: without it, nothing
 *  would restrict, nor be released. */
export const compareChanges = (one: LegalHoldLine, other: LegalHoldLine): number =>
  Temporal.Instant.compare(one.at, other.at) || orderOfKinds.indexOf(one.kind) - orderOfKinds.indexOf(other.kind)

export type LedgerLine = ErasureLine | LegalHoldLine

export const formatLine = (line: LedgerLine): string => {
  const { tenant, id } = line
  const at = line.at.toString()
  if (line.kind === 'erased') {
    const { activity, rule, records } = line
    return JSON.stringify({ tenant, id, activity, rule, records, at })
  }
  const cause = line.kind === 'released' ? undefined : line.cause
  return JSON.stringify({ kind: line.kind, tenant, id, record: line.record, cause, at })
}

/** Null when the text is no line of the ledger. */
export const parseLine = (text: string): LedgerLine | null => {
  try {
    return Line.parse(JSON.parse(text))
  } catch {
    return null
  }
}
