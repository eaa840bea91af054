import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { projectRoot } from '#apps/root.ts'

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Starts the built program as it is run; resolves when it says that it is ready. `flags`: Node's own. */
export const runProgram = async (environment: Record<string, string>, flags: readonly string[] = []) => {
  const child = spawn(process.execPath, [...flags, join(projectRoot, 'dist/server/cli.js'), 'serve'], {
    env: { PATH: process.env.PATH ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit')
  const ready = new Promise<void>((resolve) => {
    let heard = ''
    child.stdout.on('data', (chunk) => {
      heard += chunk
      if (heard.includes('Ready: ')) resolve()
    })
  })
  const ended = exit.then(() => {
    throw new Error('the server ended')
  })
  await Promise.race([ready, ended])
  ended.catch(() => {})
  return {
    pid: child.pid ?? 0,
    end: async (): Promise<void> => {
      child.kill('SIGTERM')
      await exit
    },
  }
}
