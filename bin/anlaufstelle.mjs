#!/usr/bin/env node
// The command line. Runs on the Node that npm installed with us, whichever Node was asked to run this file.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const ownNode = here('../node_modules/.bin/node')
const program = here('../dist/server/cli.js')

const runOnOwnNode = () => {
  // The channel carries nothing. It closes when this process is gone, even by kill -9, and then the child ends, too.
  const child = spawn(ownNode, process.argv.slice(1), { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    // Ctrl-C in a terminal reaches the child by itself; twice would mean "at once".
    process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal)))
  }
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

const isNewEnough = Number(process.versions.node.split('.')[0]) >= 26

if (!existsSync(program) || !(isNewEnough || existsSync(ownNode))) {
  console.error('Anlaufstelle is not built yet. Run "npm start" or "npm run build" first.')
  process.exitCode = 1
} else if (isNewEnough) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  process.channel?.unref() // or it would keep a command from ending
  await import(program)
} else runOnOwnNode()
