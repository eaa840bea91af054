// A PostgreSQL made of Debian's programs, for `npm run test:interop` and those of its tests that need one to themselves.
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

// PostgreSQL refuses to run as root; Debian's package has made the user.
const account = () => {
  if (process.getuid?.() !== 0) return {}
  const idOf = (flag) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout)
  return { uid: idOf('-u'), gid: idOf('-g') }
}

// Nothing here has to survive a power cut.
const settings = { listen_addresses: '', max_connections: 300, fsync: 'off', logging_collector: 'off' }

const createData = (bin, data, passwordFile, as) => {
  const access = ['-U', 'postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`]
  const options = ['-D', data, ...access, '--encoding=UTF8', '--locale=C']
  const { status, stderr, error } = spawnSync(join(bin, 'initdb'), options, { ...as, cwd: '/', encoding: 'utf8' })
  if (status !== 0) throw new Error(`${error?.message ?? stderr}\nThe PostgreSQL for these checks could not be made.`)
}

export const makeCluster = async (bin) => {
  const folder = mkdtempSync('/tmp/anlaufstelle-interop-')
  const data = join(folder, 'data')
  const passwordFile = join(folder, 'password')
  const password = randomBytes(18).toString('base64url')
  const as = account()
  const options = Object.entries({ ...settings, unix_socket_directories: folder }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ])
  const note = join(data, 'postmaster.pid')
  const isReady = () => existsSync(note) && /\nready\s*$/.test(readFileSync(note, 'utf8'))
  let server = null
  // After an end by a signal there is no exit code.
  const isRunning = () => server !== null && server.exitCode === null && server.signalCode === null
  const stop = async () => {
    if (!isRunning()) return
    const ended = new Promise((resolve) => server.once('exit', resolve))
    server.kill('SIGINT')
    await ended
  }
  // Should this process be killed, somebody else ends it and removes its folder.
  const afterwards = join(import.meta.dirname, 'afterwards.mjs')
  const other = spawn(process.execPath, [afterwards, data, folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  other.unref()
  const remove = async () => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
    other.stdin.end()
  }
  const start = async () => {
    server = spawn(join(bin, 'postgres'), ['-D', data, ...options], {
      ...as,
      cwd: '/',
      detached: true, // Ctrl-C ends the tests first, then us, then this
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let words = ''
    server.stderr.on('data', (chunk) => {
      words = (words + chunk).slice(-4000)
    })
    for (let i = 0; i < 600 && isRunning() && !isReady(); i++) await sleep(50)
    if (isRunning() && isReady()) return
    await stop()
    throw new Error(`${words}\nPostgreSQL did not start; its words stand above.`)
  }
  try {
    writeFileSync(passwordFile, password, { mode: 0o600 })
    if (as.uid !== undefined) for (const path of [folder, passwordFile]) chownSync(path, as.uid, as.gid)
    chmodSync(folder, 0o711)
    createData(bin, data, passwordFile, as)
    await start()
  } catch (error) {
    await remove()
    throw error
  }
  const url = `postgres://postgres:${password}@localhost/postgres?host=${encodeURIComponent(folder)}`
  return { url, folder, start, stop, remove }
}
