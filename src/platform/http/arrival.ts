import type { IncomingMessage } from 'node:http'

/** How long a request may take to arrive, in milliseconds: its head (`head`); a small body, and each stretch of a large one
 *  (`body`); the largest body as a whole (`longest`). Half a minute is enough for the largest form at four kilobytes a
 *  second. How often Node looks at heads is `look`. */
export const arrival = { head: 15_000, body: 30_000, longest: 3_600_000, look: 5_000 }

/** Bytes that have to come of a large body within each stretch: whoever sends at one kilobyte a second gets through. */
const leastOfStretch = 30_000

/** Calls `cut` once for a request whose body does not come: a small one that is not whole in time, a large one of which too
 *  little came in a stretch. A reader here that takes
 *  less from the connection, e.g. to a slow disk, has its sender cut, too.
 *  @param times in milliseconds, as in `arrival` */
export const watchArrival = (
  request: IncomingMessage,
  { isLarge, times = arrival }: { isLarge: boolean; times?: Pick<typeof arrival, 'body'> },
  cut: () => void,
): void => {
  const { headers } = request
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return
  // What is put in without a connection, as the doctor and tests do, is whole; there is nothing to cut.
  if (!('bytesRead' in request.socket)) return
  let seen = request.socket.bytesRead
  const watch = setInterval(() => {
    const came = request.socket.bytesRead - seen
    seen += came
    if (isLarge && came >= leastOfStretch && !request.complete) return
    clearInterval(watch)
    if (!request.complete) cut()
  }, times.body).unref()
  for (const event of ['end', 'close'] as const) request.once(event, () => clearInterval(watch))
}
