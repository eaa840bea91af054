// Ends a PostgreSQL that was made for a test run, and removes its folder, when whoever made it is gone, however that
// ended. Its standard input is a pipe from there: the system closes it even after kill -9.
// Arguments: the data folder of that PostgreSQL, and the folder to remove.
import { existsSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const [data, folder] = process.argv.slice(2)

const postmaster = () => {
  const file = join(data, 'postmaster.pid')
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : null
}

// The number in a stale file can belong to anybody by now, so the command line must name our data. A zombie has none.
const isThere = (pid) => {
  try {
    if (existsSync('/proc/self/cmdline')) {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      return [data, realpathSync(data)].some((name) => command.includes(` -D ${name} `))
    }
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

for await (const _ of process.stdin);
const pid = postmaster()
if (pid && isThere(pid)) {
  process.kill(pid, 'SIGINT') // cuts every connection
  for (let i = 0; i < 600 && isThere(pid); i++) await sleep(50)
}
rmSync(folder, { recursive: true, force: true })
