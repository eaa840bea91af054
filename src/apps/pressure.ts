import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { FastifyInstance } from 'fastify'
import { isWatch } from './gate.ts'

/** The server is too busy to take this request on. */
class UnderPressure extends Error {
  readonly statusCode = 503
  readonly code = 'FST_UNDER_PRESSURE' // by which `problemOf` knows that nothing was done
}

/** How often the event loop is to come round, in milliseconds. */
const resolution = 10

/** The turns of the event loop in a sample: how many were measured, and how long they took on average, in nanoseconds. */
type Sample = { count: number; mean: number }

/**
 * How late the event loop has been in a row, after one more sample. From 2 on it is too late.
 *
 * A sample lasts so long that one in which no turn could be measured, as it takes two to do that, is beyond the limit
 * indeed. But one such sample alone may have been a machine that stood still: the second in a row counts.
 */
export const nextLate = (late: number, { count, mean }: Sample, longestDelay: number): number => {
  if (count === 0) return late + 1
  return mean / 1e6 - resolution > longestDelay ? late + 2 : 0
}

/** Turns visitors away while the event loop is late, each turn by `longestDelay` milliseconds on average, so that those
 *  taken on are answered. Whoever watches over the machine is answered all the same. */
export const shedLoad = (app: FastifyInstance, longestDelay: number): void => {
  const histogram = monitorEventLoopDelay({ resolution })
  histogram.enable()
  let late = 0
  const timer = setInterval(() => {
    late = nextLate(late, histogram, longestDelay)
    histogram.reset()
  }, 2.5 * longestDelay).unref()
  app.addHook('onRequest', async (request) => {
    if (late > 1 && !isWatch(request)) throw new UnderPressure()
  })
  app.addHook('onClose', async () => {
    clearInterval(timer)
    histogram.disable()
  })
}
