import type { ServerResponse } from 'node:http'

/** Whether nobody can get an answer any more. One that waits behind another on its connection is never told when that
 *  breaks: so the connection is asked. */
export const isOver = (answer: ServerResponse): boolean => answer.closed || answer.req.socket.destroyed

/** Runs something once when an answer is over, however that came about; at once where it is over already. */
export const whenOver = (answer: ServerResponse, run: () => void): void => {
  const { socket } = answer.req
  const over = () => {
    answer.off('close', over)
    socket.off('close', over)
    run()
  }
  answer.once('close', over)
  socket.once('close', over)
  if (isOver(answer)) over()
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
