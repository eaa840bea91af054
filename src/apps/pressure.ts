import type { FastifyInstance } from 'fastify'
import { isWatch } from './gate.ts'

/** The server is too busy to take this request on. */
class UnderPressure extends Error {
  readonly statusCode = 503
  readonly code = 'FST_UNDER_PRESSURE' // by which `problemOf` knows that nothing was done
}

/** How long the turns of the event loop in a sample took, in milliseconds. */
type Sample = readonly number[]

/** How late the event loop has been in a row, after one more sample. From 2 on it is too late. A single turn that takes too
 *  long may have been a machine that stood still: then the second sample in a row counts, otherwise the first. */
export const nextLate = (late: number, turns: Sample, longestDelay: number): number => {
  const mean = turns.reduce((sum, turn) => sum + turn, 0) / turns.length
  if (mean <= longestDelay) return 0
  return late + Math.min(2, turns.filter((turn) => turn > longestDelay).length)
}

/** Turns visitors away while the event loop is late, each turn by `longestDelay` milliseconds on average, so that those
 *  taken on are answered. Whoever watches over the machine is answered all the same. */
export const shedLoad = (app: FastifyInstance, longestDelay: number): void => {
  let late = 0
  let turns: number[] = []
  let [begun, last] = [performance.now(), performance.now()]
  const timer = setInterval(() => {
    const now = performance.now()
    turns.push(now - last)
    last = now
    if (now - begun < 2.5 * longestDelay) return
    late = nextLate(late, turns, longestDelay)
    turns = []
    begun = now
  }, longestDelay / 20).unref()
  app.addHook('onRequest', async (request) => {
    if (late > 1 && !isWatch(request)) throw new UnderPressure()
  })
  app.addHook('onClose', async () => clearInterval(timer))
}
