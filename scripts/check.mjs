// What `npm test` runs: every check in order, up to the first that fails. With arguments, only the tests they name.
// `npm run promises` is the same run; it also writes docs/promises.md, which says what the tests showed.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const env = { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH}` }
const chosen = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'anlaufstelle-check-'))
const report = join(folder, 'report.json')

const checks = [
  { name: 'format and lint', command: ['biome', 'check', '.'], remedy: '"npm run format" puts most of it right.' },
  { name: 'types', command: ['tsc'], remedy: 'The lines above name file and place.' },
  {
    name: 'types of what runs in a browser, where there is no Node',
    command: ['tsc', '--project', 'tsconfig.browser.json'],
    remedy: 'The lines above name file and place.',
  },
  { name: 'unused code', command: ['knip'], remedy: 'Remove what nothing uses.' },
]
// Only a run of all tests can say what is shown and what is not.
const reporters = ['default', 'json', ...(chosen.length === 0 ? ['./test/facts/reporter.ts'] : [])]
const tests = {
  name: 'tests',
  command: [
    'vitest',
    'run',
    ...reporters.map((each) => `--reporter=${each}`),
    `--outputFile.json=${report}`,
    ...chosen,
  ],
  remedy: 'Run one file alone with "npm test -- path/to/file.test.ts".',
}

let running = null
let isStopped = false
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    isStopped = true
    running?.kill(signal)
  })
}

const run = (program, options) =>
  new Promise((resolve) => {
    running = spawn(program, options, { stdio: 'inherit', cwd: root, env })
    running.on('error', (error) => resolve({ status: 1, error }))
    running.on('exit', (status) => resolve({ status }))
  })

const passes = async ({ name, command, remedy }) => {
  const [program, ...options] = command
  console.log(`\n── ${name}`)
  const begun = performance.now()
  const { status, error } = await run(program, options)
  const seconds = ((performance.now() - begun) / 1000).toFixed(1)
  if (status === 0) console.log(`   ${name}: fine, ${seconds} s`)
  else console.error(`\n${name}: failed after ${seconds} s. ${error?.message ?? remedy}`)
  return status === 0
}

const counts = () => {
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, 'utf8'))
  const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : ''
  return `${numPassedTests} passed, ${numFailedTests} failed${skipped}`
}

try {
  let isGreen = true
  for (const check of chosen.length > 0 ? [tests] : [...checks, tests]) {
    isGreen = isGreen && !isStopped && (await passes(check))
  }
  if (isGreen) console.log(counts())
  process.exitCode = isGreen ? 0 : 1
} finally {
  rmSync(folder, { recursive: true })
}
