import type { ServerResponse } from 'node:http'

/** How long a reader may take nothing while something waits for it, in milliseconds. */
const longestStall = 60_000

/** Ends an answer whose reader has stopped reading: what it holds open is there for others, too. What is written in one
 *  piece counts as taken when all of it is, so that an answer is best written in small ones. */
export const cutStalled = (answer: ServerResponse, stall = longestStall): void => {
  const { socket } = answer
  if (!socket) return
  const taken = () => socket.bytesWritten - socket.writableLength
  let [last, since] = [taken(), performance.now()]
  const watch = setInterval(() => {
    if (answer.writableLength === 0 || taken() !== last) [last, since] = [taken(), performance.now()]
    else if (performance.now() - since >= stall) answer.destroy()
  }, stall / 6)
  watch.unref()
  answer.once('close', () => clearInterval(watch))
}
