import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chownSync,
  closeSync,
  existsSync,
  fstatSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { RefusedError } from '#platform/config.ts'
import { findPlace, makeOwn, openFolder, type Place } from './local-postgres-place.ts'

/** A PostgreSQL of our own on this machine. It listens on a unix socket only, outlives the process that started it,
 *  and is found again by the next `startLocalPostgres` with the same folder. */
export type LocalPostgres = {
  /** How its superuser connects. The password is a secret: never print it. */
  readonly url: { host: string; user: string; password: string; database: string }
  /** True when it was running already, e.g. because its last user was killed. */
  readonly adopted: boolean
  /** Whether its process is there; says nothing about whether it answers. */
  isRunning(): boolean
  /** Shuts it down, cutting every connection, and resolves when it is gone. Does nothing when it is gone already.
   *  @throws when it is still there after 30 seconds. */
  stop(): Promise<void>
}

type Postmaster = { pid: number; socketDir: string; isReady: boolean }
type Launch = { pid: number | undefined; hasExited: boolean; logFrom: number }

const longestSocketPath = process.platform === 'linux' ? 107 : 103 // sizeof(sun_path) less its final zero
const socketDirs = '/tmp/anlaufstelle-'
const cleanEnvironment = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' }

/** Starts the PostgreSQL that npm installed, on data in `dataDir`/postgres, or adopts the one that still runs there.
 *  Any number of processes may call it at once. `settings` are postgresql.conf's; an adopted one keeps its old ones.
 *  `mayCreate: false` makes no data where there are none.
 *  @throws an Error whose message says what is wrong and what to do. */
export const startLocalPostgres = async (options: {
  dataDir: string
  settings?: Record<string, string>
  say?: (line: string) => void
  mayCreate?: boolean
}): Promise<LocalPostgres> => {
  const { dataDir, settings = {}, say = () => {}, mayCreate = true } = options
  const folder = openFolder(join(dataDir, 'postgres'))
  return locked(folder, async () => {
    const place = findPlace(folder)
    if (!mayCreate && !existsSync(place.data)) throw new RefusedError(`the data are gone from ${place.data}`)
    const password = keepPassword(place)
    if (!existsSync(place.data)) {
      say(`Creating the database in ${place.home} …`)
      createData(place, password)
    }
    const { postmaster, adopted } = await bringUp(place, settings)
    if (adopted) say('PostgreSQL was still running and is used again.')
    return {
      url: { host: postmaster.socketDir, user: 'postgres', password, database: 'postgres' },
      adopted,
      isRunning: () => isPostmaster(postmaster.pid, place.data),
      stop: () => locked(folder, () => shutDown(place, postmaster)),
    }
  })
}

// SQLite's lock on an empty file is the kernel's: it cannot go stale, however its holder dies.
const locked = async <T>(folder: string, work: () => Promise<T>): Promise<T> => {
  const lock = new DatabaseSync(join(folder, 'lock'), { timeout: 0 })
  try {
    for (let isOurs = false; !isOurs; ) {
      try {
        lock.exec('begin exclusive')
        isOurs = true
      } catch (error) {
        const sqliteBusy = 5
        if (!(error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy)) throw error
        await sleep(25)
      }
    }
    return await work()
  } finally {
    lock.close()
  }
}

const keepPassword = ({ folder, data }: Place): string => {
  const file = join(folder, 'password')
  if (!existsSync(file)) {
    if (existsSync(data)) throw new Error(`${file} is missing, and without it nobody gets into ${data}. Put it back.`)
    const fresh = `${file}.new`
    rmSync(fresh, { force: true })
    writeFileSync(fresh, randomBytes(24).toString('base64url'), { mode: 0o600, flush: true })
    renameSync(fresh, file)
  }
  return readFileSync(file, 'utf8')
}

const createData = (place: Place, password: string): void => {
  const fresh = join(place.home, 'data.new') // renamed when whole: a killed initdb leaves half a database
  const passwordFile = join(place.home, 'initdb-password')
  for (const leftover of [fresh, passwordFile]) rmSync(leftover, { recursive: true, force: true })
  makeOwn(place, fresh)
  try {
    writeFileSync(passwordFile, password, { mode: 0o600, flag: 'wx' })
    if (place.account) chownSync(passwordFile, place.account.uid, place.account.gid)
    const access = ['-U', 'postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`]
    const text = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
    const { status, stderr, error } = spawnSync(join(place.bin, 'initdb'), ['-D', fresh, ...access, ...text], {
      ...place.account,
      cwd: '/',
      env: cleanEnvironment,
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`PostgreSQL could not create its database: ${(error?.message ?? stderr).trim()}`)
  } finally {
    rmSync(passwordFile, { force: true })
  }
  renameSync(fresh, place.data)
}

// A killed postmaster is in the way for a while: as a zombie until process 1 reaps it, or by children that have not
// noticed yet. PostgreSQL knows best when it is safe, so we ask again as long as it refuses for that reason.
const predecessorIsLeaving = /lock file "postmaster\.pid" already exists|is still in use/

const bringUp = async (place: Place, settings: Record<string, string>) => {
  const logFile = join(place.home, 'postgres.log')
  let socketDir: string | null = null
  let launch: Launch | null = null
  for (const deadline = performance.now() + 60_000; performance.now() < deadline; ) {
    const postmaster = readPostmaster(place)
    if (postmaster?.isReady) return { postmaster, adopted: postmaster.pid !== launch?.pid }
    if (launch?.hasExited) {
      const reason = readFileSync(logFile).subarray(launch.logFrom).toString().trim()
      if (!predecessorIsLeaving.test(reason)) throw new Error(`PostgreSQL did not start (${logFile}):\n${reason}`)
      launch = null
      await sleep(250)
    }
    if (!postmaster && !launch) {
      socketDir ??= openSocketDir(place)
      launch = launchPostgres(place, logFile, { unix_socket_directories: `"${socketDir}"`, ...settings })
    }
    await sleep(20)
  }
  throw new Error(`PostgreSQL was not ready within a minute. ${logFile} says why.`)
}

const openSocketDir = (place: Place): string => {
  const near = join(place.home, 'run')
  if (Buffer.byteLength(join(near, '.s.PGSQL.5432')) <= longestSocketPath) return makeOwn(place, near)
  // One that was killed left its note behind: whoever was connected looks for it in the same folder.
  const last = notedIn(place)[4] ?? ''
  return makeOwn(place, isOurs(place, last) ? last : mkdtempSync(socketDirs))
}

const isOurs = ({ account }: Place, folder: string): boolean => {
  const found = folder.startsWith(socketDirs) ? lstatSync(folder, { throwIfNoEntry: false }) : undefined
  return found?.isDirectory() === true && found.uid === (account?.uid ?? process.getuid?.())
}

// Write-ahead log that is needed no more is removed, not kept for reuse with what it holds.
// The log keeps neither statements nor details, because those can repeat what a person typed.
const defaults = {
  listen_addresses: '',
  max_connections: '100',
  fsync: 'on',
  jit: 'off',
  wal_recycle: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
}

const launchPostgres = (place: Place, logFile: string, settings: Record<string, string>): Launch => {
  const options = Object.entries({ ...defaults, ...settings }).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const log = openSync(logFile, 'a', 0o600)
  const launch: Launch = { pid: undefined, hasExited: false, logFrom: fstatSync(log).size }
  const child = spawn(join(place.bin, 'postgres'), ['-D', place.data, ...options], {
    ...place.account,
    cwd: '/',
    env: cleanEnvironment,
    detached: true, // Ctrl-C in the terminal must not reach it: the server drains first
    stdio: ['ignore', log, log],
  })
  child.on('exit', () => {
    launch.hasExited = true
  })
  child.on('error', (error) => {
    writeFileSync(logFile, `${error.message}\n`, { flag: 'a' })
    launch.hasExited = true
  })
  child.unref()
  closeSync(log)
  launch.pid = child.pid
  return launch
}

// Lines of postmaster.pid: process, data, start, port, socket folder, address, shared memory, status.
const notedIn = ({ data }: Place): string[] => readIfThere(join(data, 'postmaster.pid')).split('\n')

const readPostmaster = (place: Place): Postmaster | null => {
  const lines = notedIn(place)
  const pid = Number(lines[0])
  if (!pid || !isPostmaster(pid, place.data)) return null
  return { pid, socketDir: lines[4] ?? '', isReady: lines[7]?.trim() === 'ready' }
}

/** Whether the system shows its processes as files. Elsewhere looking for one costs a process. */
export const showsProcesses = existsSync('/proc/self/cmdline')

// The number in a stale file can belong to anybody by now, so the command line must name our data. A zombie has none.
const isPostmaster = (pid: number, data: string): boolean => {
  const command = showsProcesses
    ? readIfThere(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')
    : spawnSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout
  return command.includes(` -D ${data} `)
}

// Processes and their files vanish between any look and the next.
const readIfThere = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

const shutDown = async ({ data }: Place, { pid, socketDir }: Postmaster): Promise<void> => {
  if (!isPostmaster(pid, data)) return
  process.kill(pid, 'SIGINT')
  for (const deadline = performance.now() + 30_000; isPostmaster(pid, data); await sleep(20)) {
    if (performance.now() > deadline) throw new Error(`PostgreSQL (process ${pid}) did not stop within 30 seconds.`)
  }
  if (basename(socketDir) !== 'run' && existsSync(socketDir)) rmdirSync(socketDir)
}
