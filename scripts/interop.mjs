// What `npm run test:interop` runs: the feature tests once more, on Debian's PostgreSQL instead of the one that npm
// brought, checks against others' tools (test/interop), and the races of the benchmarks. Makes a PostgreSQL of its own
// and removes it again.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeCluster } from './cluster.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const installations = '/usr/lib/postgresql'
const programs = ['initdb', 'postgres', 'pg_dump', 'pg_restore']
const oldest = 15
const nginx = '/usr/sbin/nginx'
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

/** Linters of OpenAPI documents, and their packages. They come from npm for these checks alone: with all they bring along
 *  they are larger than what everybody has to install. */
const linters = { redocly: '@redocly/cli@2.77.0', spectral: '@stoplight/spectral-cli@6.16.3' }

/** The folder that has them, named by their versions. Nothing of theirs runs while they are installed. */
const prepareLinters = () => {
  const packages = Object.values(linters)
  const folder = join(root, 'node_modules', '.cache', 'linters', packages.join('_').replaceAll(/[@/]/g, '-'))
  const bin = join(folder, 'node_modules', '.bin')
  if (Object.keys(linters).every((name) => existsSync(join(bin, name)))) return bin
  console.log(`Installing ${packages.join(', ')} from npm (once) …`)
  mkdirSync(folder, { recursive: true })
  const options = ['--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock']
  const done = run('npm', ['install', ...options, ...packages])
  if (!done.isDone) fail(done.words, 'The linters of the description of the API could not be installed.')
  return bin
}

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
    ...(existsSync(nginx) ? [] : ['nginx']),
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
  // The same goes for the web server, where there is somebody who has started it.
  if (packages.includes('nginx')) run('systemctl', ['disable', '--now', 'nginx'])
  if (!findPostgres()) fail(`Debian's PostgreSQL is older than ${oldest}; these checks need a newer Debian.`)
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
const lintersBin = prepareLinters()
const bin = findPostgres()
const cluster = await makeCluster(bin).catch((error) => fail(error.message))
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
      TEST_NGINX: nginx,
      TEST_LINTERS: lintersBin,
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
  await cluster.remove()
}
