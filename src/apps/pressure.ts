import underPressure from '@fastify/under-pressure'
import type { FastifyInstance } from 'fastify'

/** The server is too busy to take this request on. */
class UnderPressure extends Error {
  readonly statusCode = 503
  readonly code = 'FST_UNDER_PRESSURE'
}

/**
 * Turns requests away while the event loop is late, each turn by `longestDelay` milliseconds on average, so that those
 * taken on are answered.
 *
 * The plugin calls a sample in which the loop came round less than twice an infinite delay. Its samples of a second made
 * a turn of 1.1 seconds infinite, and one such moment, as a machine without a free core has them, turned everybody away
 * for the next second. So a sample lasts long enough that such a turn is beyond the limit indeed, and one alone may have been
 * a machine that stood still: the second in a row counts.
 */
export const shedLoad = async (app: FastifyInstance, longestDelay: number): Promise<void> => {
  const sampleInterval = 2.5 * longestDelay
  let running = 0
  await app.register(underPressure, {
    maxEventLoopDelay: longestDelay,
    sampleInterval,
    pressureHandler: async (_request, _reply, _type, delay) => {
      if (delay !== Number.POSITIVE_INFINITY || running > 1) throw new UnderPressure()
    },
  })
  const timer = setInterval(() => {
    running = app.isUnderPressure() ? running + 1 : 0
  }, sampleInterval).unref()
  app.addHook('onClose', async () => clearInterval(timer))
}
