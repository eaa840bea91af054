import { type ChildProcess, spawn } from 'node:child_process'
import { createServer, Socket } from 'node:net'
import { vi } from 'vitest'
import { runCommand } from '#apps/command-line.ts'
import type { Person } from './person.ts'
import { person } from './person.ts'

/** A port on which nobody listens at this moment. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })

type Environment = Record<string, string>

const start = (args: readonly string[], environment: Environment): ChildProcess =>
  spawn(process.execPath, ['bin/anlaufstelle.mjs', ...args], {
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'], // as a wrapper on an older Node starts it
  })

const listen = (child: ChildProcess) => {
  const heard = { out: '', err: '' }
  child.stdout?.on('data', (chunk) => {
    heard.out += chunk
  })
  child.stderr?.on('data', (chunk) => {
    heard.err += chunk
  })
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'nothing'))
  })
  return { heard, ended }
}

export type Ended = { code: number | string; out: string; err: string }

/** Runs a command to its end, as a person would at a terminal. @throws when it is still running after two minutes. */
export const run = async (args: readonly string[], environment: Environment = {}): Promise<Ended> => {
  const child = start(args, environment)
  const { heard, ended } = listen(child)
  const limit = setTimeout(() => child.kill('SIGKILL'), 120_000)
  const code = await ended
  clearTimeout(limit)
  if (code === 'SIGKILL') throw new Error(`${args.join(' ')} did not end: ${heard.out}${heard.err}`)
  return { code, ...heard }
}

/** Runs a command to its end in this process: what it prints and its exit code, without the time that a new process takes.
 *  Where connections may lead is put back afterwards. Not for one that serves, as it hears signals. */
export const runHere = async (args: readonly string[], environment: Environment = {}): Promise<Ended> => {
  const heard = { out: '', err: '' }
  const listening = ([name, stream]: readonly [keyof typeof heard, NodeJS.WriteStream]) =>
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      heard[name] += chunk
      return true
    })
  const spies = (
    [
      ['out', process.stdout],
      ['err', process.stderr],
    ] as const
  ).map(listening)
  const { connect } = Socket.prototype
  try {
    const code = await runCommand(args, environment)
    return { code, ...heard }
  } finally {
    Socket.prototype.connect = connect
    for (const spy of spies) spy.mockRestore()
  }
}

const servers = new Set<ChildProcess>()

/** Kills every server that a failed test left behind. */
export const endAllServers = (): void => {
  for (const child of servers) child.kill('SIGKILL')
}

/** A server in a process of its own, ready for requests. @throws with what it said when it ends instead. */
export const startServer = async (environment: Environment) => {
  // People of these tests have addresses of their own, which this machine passes on.
  const child = start(['serve'], { TRUSTED_PROXY: '127.0.0.1', ...environment })
  const { heard, ended } = listen(child)
  servers.add(child)
  ended.then(() => servers.delete(child))
  const ready = new Promise<'ready'>((resolve) => {
    child.stdout?.on('data', () => {
      if (heard.out.includes('Ready: ')) resolve('ready')
    })
  })
  if ((await Promise.race([ready, ended])) !== 'ready') throw new Error(`the server ended: ${heard.out}${heard.err}`)
  return {
    heard,
    /** The exit code, or the signal's name, when it has ended. */
    ended,
    /** Sends a signal and resolves with the exit code, or the signal's name when it ended by it. */
    end: (signal: NodeJS.Signals): Promise<number | string> => {
      child.kill(signal)
      return ended
    },
    /** Resolves with the exit code after whoever started it is gone. */
    orphan: (): Promise<number | string> => {
      // Node counts a channel that was left on purpose as open, so there is no 'close' to wait for.
      const gone = new Promise<number | string>((resolve) => {
        child.once('exit', (code, signal) => resolve(code ?? signal ?? 'nothing'))
      })
      child.disconnect()
      return gone
    },
  }
}

/** A person whose browser asks a server over the network. */
export const personAt = (port: number, headers: Record<string, string> = {}): Person => {
  const inject = async (request: {
    method: string
    url: string
    headers: Record<string, string>
    payload?: string
  }) => {
    const { host: _, origin: __, ...sent } = request.headers
    const response = await fetch(`http://127.0.0.1:${port}${request.url}`, {
      method: request.method,
      headers: sent,
      redirect: 'manual',
      ...(request.payload === undefined ? {} : { body: request.payload }),
    })
    const all = Object.fromEntries(response.headers)
    return { statusCode: response.status, headers: all, body: await response.text() }
  }
  return person({ app: { inject } } as unknown as Parameters<typeof person>[0], headers)
}
