import { setTimeout as pause } from 'node:timers/promises'
import { RefusedError } from '#platform/config.ts'
import { type LocalPostgres, showsProcesses, startLocalPostgres } from './local-postgres.ts'

/** Milliseconds between two looks; after a start that failed they grow. */
const lookEvery = showsProcesses ? 250 : 2000
/** How often it may end before we believe that it always will. */
const mostEnds = { count: 5, withinMinutes: 10 }

/** A local PostgreSQL that comes back when it ends under us: killed by somebody, or by a system short of memory. Whoever
 *  has its address goes on with it. Where it does not come back, or ends again and again, `onLost` is told once, and nothing
 *  is tried any more. @throws as `startLocalPostgres` */
export const keepLocalPostgres = async (options: {
  dataDir: string
  say: (line: string) => void
  onLost: (error: Error) => void
}): Promise<LocalPostgres> => {
  const { dataDir, say, onLost } = options
  let current = await startLocalPostgres({ dataDir, say })
  const ending = new AbortController()
  const ends: number[] = []
  let failures = 0
  let reason = 'it ended again and again'
  /** Whether it may be tried again. */
  const bringBack = async (): Promise<boolean> => {
    try {
      current = await startLocalPostgres({ dataDir, mayCreate: false })
      failures = 0
      say('PostgreSQL had ended, and was started again.')
      return true
    } catch (error) {
      failures++
      reason = error instanceof Error ? error.message : String(error)
      return !(error instanceof RefusedError)
    }
  }
  const watch = async (): Promise<void> => {
    for (;;) {
      const wait = pause(lookEvery * 2 ** failures, undefined, { signal: ending.signal, ref: false })
      await wait.catch(() => {})
      if (ending.signal.aborted) return
      if (current.isRunning()) continue
      const now = performance.now()
      ends.push(now)
      const recent = ends.filter((at) => now - at < mostEnds.withinMinutes * 60_000)
      if (recent.length > mostEnds.count || !(await bringBack()))
        return onLost(new RefusedError(`PostgreSQL ended, and could not be brought back: ${reason}`))
    }
  }
  const watching = watch()
  return {
    url: current.url,
    adopted: current.adopted,
    isRunning: () => current.isRunning(),
    stop: async () => {
      ending.abort()
      await watching
      await current.stop()
    },
  }
}
