import { z } from 'zod'

const Instant = z.string().transform((text, context) => {
  try {
    return Temporal.Instant.from(text)
  } catch {
    context.addIssue({ code: 'custom', message: 'no instant' })
    return z.NEVER
  }
})

const Line = z.object({
  tenant: z.uuid(),
  id: z.uuid(),
  activity: z.string().min(1),
  rule: z.string().min(1),
  records: z.array(z.uuid()),
  at: Instant,
})

/** What was erased at once: by which rule of which activity, and the ids of the records. */
export type LedgerLine = z.output<typeof Line>

export const formatLine = ({ tenant, id, activity, rule, records, at }: LedgerLine): string =>
  JSON.stringify({ tenant, id, activity, rule, records, at: at.toString() })

/** Null when the text is no line of the ledger. */
export const parseLine = (text: string): LedgerLine | null => {
  try {
    return Line.parse(JSON.parse(text))
  } catch {
    return null
  }
}
