// What `npm run test:interop` runs: the feature tests once more, on Debian's PostgreSQL instead of the one that npm
// brought, checks against Debian's tools (test/interop), and the races of the benchmarks. Makes a PostgreSQL of its own
// and removes it again.
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const installations = '/usr/lib/postgresql'
const programs = ['initdb', 'postgres', 'pg_dump', 'pg_restore']
const oldest = 15
const python = '/usr/bin/python3' // the one that Debian's packages of Python libraries belong to

const fail = (...lines) => {
  console.error(lines.filter(Boolean).join('\n'))
  process.exit(1)
}

const run = (command, options, more = {}) => {
  const { status, stderr, error } = spawnSync(command, options, { encoding: 'utf8', ...more })
  return { isDone: status === 0, words: error?.message ?? (stderr ?? '').trim() }
}

/** The folder with the oldest PostgreSQL that the product supports: what works there works on newer ones. */
const findPostgres = () => {
  const versions = existsSync(installations) ? readdirSync(installations).map(Number) : []
  const folders = versions
    .filter((version) => version >= oldest)
    .sort((a, b) => a - b)
    .map((version) => join(installations, String(version), 'bin'))
  return folders.find((bin) => programs.every((program) => existsSync(join(bin, program)))) ?? null
}

const libraries = ['icalendar', 'rdflib']
const hasLibrary = (name) => run(python, ['-c', `import ${name}`]).isDone

const isRoot = process.getuid?.() === 0
const isDebian = existsSync('/etc/debian_version')

const install = (...packages) => {
  console.log(`Installing ${packages.join(', ')} from Debian (once) …`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const update = run('apt-get', ['update', '-q'], { env })
  const done = run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], { env })
  if (!done.isDone) fail(update.words, done.words, `Debian's ${packages.join(', ')} could not be installed.`)
}

const prepareTools = () => {
  const packages = [
    ...(findPostgres() ? [] : ['postgresql']),
    ...libraries.filter((name) => !hasLibrary(name)).map((name) => `python3-${name}`),
  ]
  if (packages.length === 0) return
  if (!isRoot || !isDebian) {
    fail(
      `Missing: ${packages.join(', ')}. On Debian or Ubuntu: sudo apt-get install ${packages.join(' ')}`,
      `Elsewhere these checks do not run: they look for PostgreSQL ${oldest} or newer (server and pg_dump) in ${installations}.`,
    )
  }
  // Debian's package starts a server of its own, which nobody here needs.
  const noCluster = '/etc/postgresql-common/createcluster.d/anlaufstelle-interop.conf'
  const isOurs = packages.includes('postgresql') && !existsSync(noCluster)
  if (isOurs) {
    mkdirSync(join(noCluster, '..'), { recursive: true })
    writeFileSync(noCluster, 'create_main_cluster = false\n')
  }
  try {
    install(...packages)
  } finally {
    if (isOurs) rmSync(noCluster)
  }
  if (!findPostgres()) fail(`Debian's PostgreSQL is older than ${oldest}; these checks need a newer Debian.`)
}

// PostgreSQL refuses to run as root; Debian's package has made the user.
const account = () => {
  const idOf = (flag) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout)
  return isRoot ? { uid: idOf('-u'), gid: idOf('-g') } : {}
}

const startCluster = async (bin) => {
  const folder = mkdtempSync('/tmp/anlaufstelle-interop-')
  const data = join(folder, 'data')
  const passwordFile = join(folder, 'password')
  const password = randomBytes(18).toString('base64url')
  const as = account()
  const remove = () => rmSync(folder, { recursive: true, force: true })
  writeFileSync(passwordFile, password, { mode: 0o600 })
  if (isRoot) for (const path of [folder, passwordFile]) chownSync(path, as.uid, as.gid)
  chmodSync(folder, 0o711)
  const access = ['-U', 'postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`]
  const created = run(join(bin, 'initdb'), ['-D', data, ...access, '--encoding=UTF8', '--locale=C'], {
    ...as,
    cwd: '/',
  })
  if (!created.isDone) {
    remove()
    fail(created.words, 'The PostgreSQL for these checks could not be made.')
  }
  // Nothing here has to survive a power cut.
  const settings = { listen_addresses: '', unix_socket_directories: folder, max_connections: 300, fsync: 'off' }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const server = spawn(join(bin, 'postgres'), ['-D', data, ...options, '-c', 'logging_collector=off'], {
    ...as,
    cwd: '/',
    detached: true, // Ctrl-C ends the tests first, then us, then this
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let words = ''
  server.stderr.on('data', (chunk) => {
    words = (words + chunk).slice(-4000)
  })
  const isReady = () =>
    existsSync(join(data, 'postmaster.pid')) && /\nready\s*$/.test(readFileSync(join(data, 'postmaster.pid'), 'utf8'))
  for (let i = 0; i < 600 && server.exitCode === null && !isReady(); i++) await sleep(50)
  const stop = async () => {
    if (server.exitCode === null) {
      const ended = new Promise((resolve) => server.once('exit', resolve))
      server.kill('SIGINT')
      await ended
    }
    remove()
  }
  if (!isReady()) {
    await stop()
    fail(words, 'PostgreSQL did not start; its words stand above.')
  }
  return { url: `postgres://postgres:${password}@localhost/postgres?host=${encodeURIComponent(folder)}`, folder, stop }
}

const runTests = (env, report) =>
  new Promise((resolve) => {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    const tests = spawn('vitest', ['run', ...reporters, ...process.argv.slice(2)], { stdio: 'inherit', cwd: root, env })
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => tests.kill(signal))
    tests.on('error', (error) => fail(error.message))
    tests.on('exit', (code) => resolve(code === 0))
  })

const bench = (...names) =>
  spawnSync(process.execPath, [join(root, 'scripts', 'bench.mjs'), ...names], { stdio: 'inherit' }).status === 0

prepareTools()
const bin = findPostgres()
const cluster = await startCluster(bin)
try {
  console.log(`\n── tests on ${bin}`)
  const report = join(cluster.folder, 'report.json')
  const isGreen = await runTests(
    {
      ...process.env,
      PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH}`,
      TEST_DATABASE_URL: cluster.url,
      TEST_POSTGRES_BIN: bin,
      TEST_PYTHON: python,
    },
    report,
  )
  if (existsSync(report)) {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'))
    console.log(`${numPassedTests} passed, ${numFailedTests} failed`)
  }
  // Three servers and a real disk: what no test can do in its process. With the name of a test, that test is all.
  const isExact = process.argv.length > 2 || bench('race', 'storm')
  process.exitCode = isGreen && isExact ? 0 : 1
} finally {
  await cluster.stop()
}
