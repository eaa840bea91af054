/** Work that has failed in this process each time since then; `of` is whose it is, null where it is everybody's. */
export type Failure = { work: string; of: string | null; since: Temporal.Instant }

export type Failures = {
  /** Notes how a round of some work went; `failedAt` is null when it was done. */
  note(work: string, of: string | null, failedAt: Temporal.Instant | null): void
  /** What fails for longer than a passing trouble lasts. */
  list(now: Temporal.Instant): Failure[]
}

/** How long work that is tried twice a minute may fail before somebody is called: what passes by itself has passed by then. */
const patience = Temporal.Duration.from('PT5M')

/** Remembers failures for as long as the process runs. */
export const memoryFailures = (): Failures => {
  const first = new Map<string, Failure>()
  return {
    note: (work, of, failedAt) => {
      const key = `${work}\0${of ?? ''}`
      if (failedAt === null) first.delete(key)
      else if (!first.has(key)) first.set(key, { work, of, since: failedAt })
    },
    list: (now) => [...first.values()].filter(({ since }) => Temporal.Instant.compare(since.add(patience), now) <= 0),
  }
}
