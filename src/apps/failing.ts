import type { RunningTenant } from '#register/register.ts'

/** How long a sweep may fail, twice a minute, before somebody is called: what passes by itself has passed by then. */
const patience = Temporal.Duration.from('PT5M')

const firstFailures = new WeakMap<RunningTenant, Map<string, Temporal.Instant>>()

/** Notes how a sweep of this process went; `failedAt` is null when it did its work. */
export const noteSweep = (running: RunningTenant, name: string, failedAt: Temporal.Instant | null): void => {
  const failures = firstFailures.get(running) ?? new Map<string, Temporal.Instant>()
  firstFailures.set(running, failures)
  if (failedAt === null) failures.delete(name)
  else if (!failures.has(name)) failures.set(name, failedAt)
}

export type Failing = { tenant: string; sweep: string; since: Temporal.Instant }

/** Sweeps that have failed in this process each time since then, for longer than a passing trouble lasts. */
export const listFailing = (tenants: Iterable<RunningTenant>, now: Temporal.Instant): Failing[] =>
  [...tenants].flatMap((running) =>
    [...(firstFailures.get(running) ?? [])]
      .filter(([, since]) => Temporal.Instant.compare(since.add(patience), now) <= 0)
      .map(([sweep, since]) => ({ tenant: running.tenant.slug, sweep, since })),
  )
