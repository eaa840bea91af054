// What `npm run bench` runs: builds the benchmarks the way the server is built, then runs those that are named, or all.
import { spawnSync } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const env = { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH}` }
const run = (program, options) => spawnSync(program, options, { cwd: root, env, stdio: 'inherit' }).status ?? 1

const build = ['build', '--ssr', 'bench/run.ts', '--outDir', 'dist/bench', '--logLevel', 'warn']
process.exitCode = run('vite', build) || run('node', ['dist/bench/run.js', ...process.argv.slice(2)])
