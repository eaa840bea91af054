import type { ServerResponse } from 'node:http'

/** Runs something once when an answer is over, however that came about; at once where it is over already. */
export const whenOver = (answer: ServerResponse, run: () => void): void => {
  if (answer.closed) run()
  else answer.once('close', run)
}

/** How long a reader may take nothing while something waits for it, in milliseconds. */
const longestStall = 60_000

/** Ends an answer whose reader has stopped reading: what it holds open is there for others, too. What is written in one
 *  piece counts as taken when all of it is, so that an answer is best written in small ones. */
export const cutStalled = (answer: ServerResponse, stall = longestStall): void => {
  const { socket } = answer.req // one that waits behind another answer has none of its own yet
  const taken = () => socket.bytesWritten - socket.writableLength
  let [last, since] = [taken(), performance.now()]
  const watch = setInterval(() => {
    if (answer.writableLength === 0 || taken() !== last) [last, since] = [taken(), performance.now()]
    else if (performance.now() - since >= stall) answer.destroy()
  }, stall / 6)
  watch.unref()
  whenOver(answer, () => clearInterval(watch))
}
