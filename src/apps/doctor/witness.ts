import type { Feature } from '#features/feature.ts'
import { faultText } from '#platform/fault-text.ts'
import { memoryPageCounts } from '#platform/http/page-counts.ts'
import { type AccessLine, accessText } from '#platform/log.ts'
import { metricsText } from '#platform/metrics.ts'
import type { RunningTenant } from '#register/register.ts'
import { countRequests } from '../metrics.ts'
import type { Difference } from './difference.ts'
import { compareCounts, compareLines, compareText, patternsOf } from './log.ts'

/** Takes what a server would write into logs, counts and metrics, word for word, and writes none of it. */
export const watchWritten = (features: readonly Feature[]) => {
  const lines = new Map<string, string[]>()
  const faults: string[] = []
  const pageCounts = memoryPageCounts()
  const requests = countRequests()
  return {
    pageCounts,
    requests,
    access: (slug: string, line: AccessLine): void => {
      const known = lines.get(slug) ?? []
      known.push(accessText(line))
      lines.set(slug, known)
    },
    fault: (where: string, error: unknown): void => void faults.push(faultText(where, error)),
    /** What was written for this tenant, since the one before, and should not have been. */
    compare: (running: RunningTenant): Difference[] => {
      const { slug } = running.tenant
      const patterns = patternsOf(running, features)
      return [
        ...compareLines(running, lines.get(slug) ?? [], patterns),
        ...compareCounts(running, pageCounts.take(slug).keys(), patterns),
        // Taken out, so that one tenant's faults are not those of the next.
        ...compareText('standard error', faults.splice(0).join('\n')),
        ...compareText('/metrics', metricsText(requests.read())),
      ]
    },
  }
}
