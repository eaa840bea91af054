import type { Server as HttpServer, ServerResponse } from 'node:http'
import { Server as SocketServer } from 'node:net'
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises'

/** What every server of this process is told of its end, and how the end comes about. */
export type Stop = {
  /** Aborted from the moment of the signal on. Whatever streams to somebody ends then. */
  signal: AbortSignal
  /** Resolves when the process has to end. */
  asked: Promise<void>
  /** Ends the process as a signal does, for a reason that is reported at the end. */
  because: (error: Error) => void
  /** That reason; null after a signal. */
  reason: () => Error | null
}

/** Milliseconds within which two signals are one: Ctrl-C in a terminal reaches us, and npm passes it on once more. */
const sameSignal = 500

/** Listens for what ends a server. The first signal asks it to finish, a second one ends the process at once. */
export const listenForStop = (): Stop => {
  const ending = new AbortController()
  const signals = ['SIGINT', 'SIGTERM'] as const
  let heardAt: number | null = null
  let reason: Error | null = null
  const hear = (signal: NodeJS.Signals): void => {
    if (heardAt === null) {
      heardAt = performance.now()
      ending.abort()
    } else if (performance.now() - heardAt > sameSignal) {
      for (const each of signals) process.off(each, hear)
      process.kill(process.pid, signal)
    }
  }
  for (const each of signals) process.on(each, hear)
  return {
    signal: ending.signal,
    asked: new Promise((resolve) => ending.signal.addEventListener('abort', () => resolve())),
    because: (error) => {
      reason ??= error
      ending.abort()
    },
    reason: () => reason,
  }
}

/** In milliseconds. `notice`: how long the port stays open after the signal while anybody is connected, so that who asks
 *  `/readyz` learns of the stop before nobody answers any more; and how long half a request is waited for. `finish`: how
 *  long what is under way may take. Whatever ends this program by force has to wait longer than both. */
const usual = { notice: 1000, finish: 25_000 }
const look = 20

/** Resolves right after a short turn of the event loop, within 100 turns. Closing a port resets whoever connected since the
 *  turn began: they wait to be accepted. The more a turn has to do, the more people that can be. */
const shortTurn = async (): Promise<void> => {
  for (let turns = 0; turns < 100; turns++) {
    const begun = performance.now()
    await turn()
    if (performance.now() - begun < 0.5) return
  }
}

const connectionsOf = (server: HttpServer): Promise<number> =>
  new Promise((resolve) => server.getConnections((error, count) => resolve(error ? 0 : count)))

/** Watches the answers of a server, so that it can end without cutting one: `watch` each from its beginning, then `end`.
 *  From the signal on every answer is the last one on its connection. */
export const answers = (signal: AbortSignal, { notice, finish } = usual) => {
  const open = new Set<ServerResponse>()
  const makeLast = (response: ServerResponse): void => {
    if (!response.headersSent) response.setHeader('connection', 'close')
  }
  signal.addEventListener('abort', () => open.forEach(makeLast))
  return {
    watch: (response: ServerResponse): void => {
      open.add(response)
      response.once('close', () => open.delete(response))
      if (signal.aborted) makeLast(response)
    },
    /** Takes no new connections, answers what still comes on those there are, and resolves when all is answered. What
     *  takes too long is cut. */
    end: async (server: HttpServer): Promise<void> => {
      const begun = performance.now()
      while (performance.now() - begun < notice && (await connectionsOf(server)) > 0) await pause(look)
      await shortTurn()
      // Not the close of HTTP: it would also close connections on which somebody is just sending the next request.
      SocketServer.prototype.close.call(server)
      for (let busyAt = performance.now(); ; await pause(look)) {
        const now = performance.now()
        if (open.size > 0) busyAt = now
        else server.closeIdleConnections()
        const isQuiet = now - busyAt > notice || (await connectionsOf(server)) === 0
        if (isQuiet || now - begun > finish) break
      }
      server.closeAllConnections()
    },
  }
}
