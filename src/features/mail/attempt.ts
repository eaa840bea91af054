/** A mail that waits, as far as anybody knows. */
export type Queued = {
  /** Its envelope; null when that has been erased, as it is after 24 hours. */
  recordId: string | null
  /** Since when a server has been getting it. */
  handingOverAt: Temporal.Instant | null
  /** When a server had all of it and gave no answer. */
  unclearAt: Temporal.Instant | null
  /** Whether a server is getting an older mail about the same thing. */
  isBehind: boolean
}

/** How long whoever hands a mail over may still come back with the server's answer: ten minutes for it, and some for the
 *  bytes. After that they are dead, and nobody knows what the server did. */
const mayAnswer = Temporal.Duration.from({ minutes: 15 })

/** How long a server that gave no answer is left alone with the mail. Then it has either sent it on or lost it. */
const leftAlone = Temporal.Duration.from({ minutes: 30 })

export type Attempt =
  /** Now. */
  | { kind: 'send'; recordId: string }
  /** Not yet: somebody has it in hand, or something has to happen first. */
  | { kind: 'later' }
  /** Whoever handed it over has died, and left no word whether the server took it. */
  | { kind: 'unanswered'; recordId: string }
  /** Never: it is too old. */
  | { kind: 'expired' }

/** What a worker does with a mail it finds in the queue. */
export const decideAttempt = (
  { recordId, handingOverAt, unclearAt, isBehind }: Queued,
  now: Temporal.Instant,
): Attempt => {
  const hasPassed = (since: Temporal.Instant, time: Temporal.Duration) =>
    Temporal.Instant.compare(since.add(time), now) <= 0
  if (recordId === null) return { kind: 'expired' }
  if (handingOverAt) return hasPassed(handingOverAt, mayAnswer) ? { kind: 'unanswered', recordId } : { kind: 'later' }
  if (isBehind || (unclearAt && !hasPassed(unclearAt, leftAlone))) return { kind: 'later' }
  return { kind: 'send', recordId }
}

/** What follows when a server had all of a mail and gave no answer. It gets the mail once more, half an hour later, under
 *  the same Message-ID; after a second time nobody tries again, for the copies could go on for a day. One that a newer mail
 *  has overtaken is not tried again at all. */
export const decideUnclear = (
  before: Temporal.Instant | null,
  isOvertaken: boolean,
): 'again' | 'unclear' | 'superseded' => (isOvertaken ? 'superseded' : before ? 'unclear' : 'again')
