// Makes a fresh clone ready: packages, build and, with --browser, a browser for the tests.
// Plain JavaScript without dependencies, because it runs on the Node that is there, before ours is installed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findBrowser } from './browser.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const path = (...parts) => join(root, ...parts)
const say = (line) => process.stderr.write(`${line}\n`)

const fail = (...lines) => {
  say(lines.filter(Boolean).join('\n'))
  process.exit(1)
}

const readIfThere = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '')

const run = (command, options, stdio = 'pipe') => {
  const result = spawnSync(command, options, { cwd: root, stdio, encoding: 'utf8', maxBuffer: 2 ** 28 })
  const words = result.error?.message ?? [result.stdout, result.stderr].filter(Boolean).join('\n').trim()
  return { isDone: result.status === 0, words }
}

// npm says where it is to what it runs; started by hand, we look for it in PATH.
const npm = (options, stdio) => {
  const script = process.env.npm_execpath
  return script ? run(process.execPath, [script, ...options], stdio) : run('npm', options, stdio)
}

const filesBelow = (folder) =>
  readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)]))

const hashOf = (files) => {
  const hash = createHash('sha256')
  for (const file of files) {
    const content = readFileSync(file)
    hash.update(`${file.slice(root.length)}\n${content.length}\n`).update(content)
  }
  return hash.digest('hex')
}

const installPackages = () => {
  const mark = path('node_modules', '.lock-hash')
  const wanted = createHash('sha256')
    .update(readFileSync(path('package-lock.json')))
    .digest('hex')
  if (existsSync(path('node_modules', '.bin', 'node')) && readIfThere(mark).trim() === wanted) return
  say('Installing packages (once, about a minute) …')
  // Without --include, a setting of the machine (NODE_ENV=production) would leave the build tools out.
  const options = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']
  const { isDone } = npm(options, 'inherit')
  if (!isDone) fail('The packages could not be installed. npm says why above; when that is put right, start again.')
  if (!existsSync(path('node_modules', '.bin', 'node'))) {
    fail(
      `Node 26 comes as a package for Linux and macOS on x64 and arm64. There is none for ${process.platform}-${process.arch}.`,
      'On Windows, use the Windows Subsystem for Linux (WSL).',
    )
  }
  writeFileSync(mark, wanted)
}

const build = () => {
  const mark = path('dist', '.built')
  const sources = filesBelow(path('src')).filter((file) => !/\.test\.tsx?$/.test(file))
  const settings = ['vite.config.ts', 'package.json', 'package-lock.json'].map((file) => path(file))
  const wanted = hashOf([...sources, ...settings])
  if (existsSync(path('dist', 'server', 'cli.js')) && readIfThere(mark) === wanted) return
  say('Building …')
  rmSync(mark, { force: true })
  const { isDone, words } = npm(['run', '--silent', 'build'])
  if (!isDone) fail(words, 'The build failed; the reason stands above.')
  mkdirSync(path('dist'), { recursive: true })
  writeFileSync(mark, wanted)
}

const lastError = (words) =>
  words
    .split('\n')
    .filter((line) => line.startsWith('Error'))
    .pop()

const canUseApt = () => process.getuid?.() === 0 && existsSync('/etc/debian_version')

const installFromDebian = () => {
  say("Installing Debian's Chromium (once) …")
  process.env.DEBIAN_FRONTEND = 'noninteractive'
  const update = run('apt-get', ['update', '-q'])
  const install = run('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium', 'fonts-noto-core'])
  if (!install.isDone) say([update, install].map(({ words }) => words.split('\n').slice(-5).join('\n')).join('\n'))
}

const prepareBrowser = async () => {
  if (await findBrowser()) return
  say('Fetching a Chromium for the tests (once) …')
  const download = run(path('node_modules', '.bin', 'playwright-core'), ['install', 'chromium'])
  if (await findBrowser()) return
  if (canUseApt()) installFromDebian()
  if (await findBrowser()) return
  fail(
    download.isDone ? 'The fetched one does not run here; it may lack system libraries.' : lastError(download.words),
    'The tests need a Chromium or Chrome, and it could not be fetched.',
    'Install one (Debian and Ubuntu: apt-get install chromium), or set CHROMIUM_PATH to the program, and start again.',
  )
}

try {
  installPackages()
  build()
  if (process.argv.includes('--browser')) await prepareBrowser()
} catch (error) {
  fail(error.message)
}
