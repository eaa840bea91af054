/** How long something may fail, twice a minute, before somebody is called: what passes by itself has passed by then. */
const patience = Temporal.Duration.from('PT5M')

/** Work that comes round again and again: of a tenant, or null for that of the whole installation. */
export type Round = { tenant: string | null; work: string }

/** Rounds of this process that fail. */
export type Failures = {
  /** Notes how a round went; `failedAt` is null when it did its work. */
  note(round: Round, failedAt: Temporal.Instant | null): void
  /** What has failed each time since then, for longer than a passing trouble lasts. */
  list(now: Temporal.Instant): (Round & { since: Temporal.Instant })[]
}

export const inWords = ({ tenant, work }: Round): string => (tenant === null ? work : `${work} of ${tenant}`)

export const memoryFailures = (): Failures => {
  const first = new Map<string, Round & { since: Temporal.Instant }>()
  return {
    note: (round, failedAt) => {
      const key = inWords(round)
      if (failedAt === null) first.delete(key)
      else if (!first.has(key)) first.set(key, { ...round, since: failedAt })
    },
    list: (now) => [...first.values()].filter(({ since }) => Temporal.Instant.compare(since.add(patience), now) <= 0),
  }
}
