import { AsyncLocalStorage } from 'node:async_hooks'
import { isIP, Socket } from 'node:net'

/** A host beyond this machine that somebody declares. */
type Host = { host: string }

/** A host that the operator declares, and what for. */
export type OperatorHost = Host & { for: 'mail' | 'database' }

/** A connection to a host that nobody declared. It names the host, nothing of what would have been sent. */
export class UndeclaredHostError extends Error {
  readonly host: string

  constructor(host: string) {
    super(`nobody declares the host ${host}`)
    this.host = host
  }
}

/** Whether a host is this machine: a name or address of the loopback interface, or the path of a socket. */
export const isThisMachine = (host: string): boolean =>
  host.startsWith('/') ||
  host === 'localhost' ||
  host.endsWith('.localhost') ||
  host === '::1' ||
  (isIP(host) === 4 && host.startsWith('127.'))

const bare = (host: string): string => host.replace(/^\[(.*)\]$/, '$1').toLowerCase()

/** The host of an address such as `smtp://mail.example:587`; null where it names none, as for a socket. */
export const hostOf = (url: string): string | null => {
  const parsed = new URL(url)
  return bare(parsed.searchParams.get('host') ?? parsed.hostname) || null
}

/** Whether a host may be connected to. */
export const isDeclared = (host: string, destinations: readonly Host[]): boolean =>
  isThisMachine(bare(host)) || destinations.some((destination) => destination.host.toLowerCase() === bare(host))

/** Where a call of `Socket.connect` leads; null for a socket in the file system. It takes options, or port and host, and
 *  Node calls it with the two already put into a list. */
const targetOf = (given: readonly unknown[]): string | null => {
  const [first, second] = Array.isArray(given[0]) ? given[0] : given
  if (typeof first === 'object' && first !== null) {
    const { path, host } = first as { path?: unknown; host?: unknown }
    return path ? null : String(host ?? 'localhost')
  }
  if (typeof first === 'string' && !/^\d+$/.test(first)) return null
  return typeof second === 'string' ? second : 'localhost'
}

const further = new AsyncLocalStorage<Host>()

/** Does work that may connect to one more host; so may whatever it starts, and nothing else that this process does
 *  meanwhile. A connection that stays open in a pool of the whole process would serve others, too: work closes its own. */
export const connectingTo = <T>(host: Host, work: () => T): T => further.run(host, work)

/**
 * From now on this process connects to its own machine and to declared hosts only, whatever code asks for it: everything
 * in Node that opens a TCP connection (TLS, HTTP, `fetch`, `pg`, nodemailer) does it through `Socket.connect`.
 * What is turned away is reported and fails as if the host did not answer. Returns how to end it.
 *
 * It does not cover
 * - other processes (`child_process`, `cluster`), and threads (`worker_threads`), whose `Socket` is another one,
 * - UDP (`dgram`), QUIC, and the look-up of names (`dns`, also the one before a connection): a name can carry data,
 * - what reaches the system past `Socket.connect`: `process.binding` and what is behind it, native addons, WebAssembly
 *   with WASI, and code that keeps an earlier `connect` or puts back its own,
 * - ports and paths: a declared host may be reached at any port, sockets in the file system are all let through,
 * - what others connect to us, and what they get.
 *
 * None of it is used: test/architecture.test.ts keeps our own sources to the listed places, packages come in exact
 * versions. Whoever operates the server can add a packet filter, which knows none of these gaps (docs/operating.md).
 */
export const guardOutbound = (
  destinations: readonly OperatorHost[],
  report: (error: UndeclaredHostError) => void,
): (() => void) => {
  const connect = Socket.prototype.connect
  Socket.prototype.connect = function (this: Socket, ...given: unknown[]) {
    const host = targetOf(given)
    const more = further.getStore()
    if (host === null || isDeclared(host, more ? [...destinations, more] : destinations))
      return Reflect.apply(connect, this, given) as Socket
    const error = new UndeclaredHostError(host)
    report(error)
    return this.destroy(error)
  } as typeof connect
  return () => {
    Socket.prototype.connect = connect
  }
}
