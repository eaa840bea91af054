import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { projectRoot } from '#apps/root.ts'
import { systemClock } from '#platform/clock.ts'
import type { Config } from '#platform/config.ts'
import { startLocalPostgres } from '#platform/db/local-postgres.ts'
import { startLocalMailbox } from '#platform/mail/local-mailbox.ts'
import { cpuOf, cpuOfPostgres, peakOf } from './postgres.ts'
import { printTable, say } from './print.ts'
import { freePort, runProgram } from './program.ts'
import { configIn, replaced, startServer } from './stage.ts'

const sizes = [4, 50, 400]
/** The tenants that are copied, one after the other. */
const templates = ['segeberg', 'musterstadt', 'viersen', 'duesseldorf']

/** What a start may cost, Node and PostgreSQL together: of so many tenants for the first time, in CPU seconds; again with
 *  nothing changed, as a multiple of one that checks nothing. */
const budget = { tenants: 400, seconds: 60, again: 1.5 }

/** So many tenants, each a copy of one that ships under a name and id of its own. */
const copyTenants = (count: number, dir: string): void => {
  mkdirSync(dir)
  cpSync(join(projectRoot, 'tenants/operator.yaml'), join(dir, 'operator.yaml'))
  for (let i = 0; i < count; i++) {
    const template = templates[i % templates.length] ?? ''
    const slug = `${template}-${i}`
    for (const part of ['tenant.yaml', 'activities'])
      cpSync(join(projectRoot, 'tenants', template, part), join(dir, slug, part), { recursive: true })
    const file = join(dir, slug, 'tenant.yaml')
    const id = `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`
    const named = replaced(readFileSync(file, 'utf8'), `slug: ${template}`, `slug: ${slug}`)
    writeFileSync(file, replaced(named, /^id: .*$/m, `id: ${id}`))
  }
}

type Cost = { node: number; postgres: number; peak?: number }

const startProgram = async (environment: Record<string, string>, postgres: () => number): Promise<Cost> => {
  const before = postgres()
  const program = await runProgram(environment)
  const cost = { node: cpuOf(program.pid), postgres: postgres() - before, peak: peakOf(program.pid) }
  await program.end()
  return cost
}

type Place = { config: Config; database: pg.ClientConfig }

/** The same without the doctor: what is published is taken for granted. */
const startUnchecked = async ({ config, database }: Place, postgres: () => number): Promise<Cost> => {
  const before = postgres()
  const server = await startServer(config, database)
  await server.work()
  const cost = { node: (await server.usage()).cpuMs / 1000, postgres: postgres() - before }
  await server.stop()
  return cost
}

/** Rounds of a worker who finds nothing to do, in milliseconds for each tenant. */
const measureSweep = async ({ config, database }: Place, postgres: () => number, count: number): Promise<Cost> => {
  const server = await startServer(config, database)
  await server.sweep() // the first one plans
  const rounds = 3
  const [usage, before] = [await server.usage(), postgres()]
  for (let i = 0; i < rounds; i++) await server.sweep()
  const per = (milliseconds: number): number => milliseconds / rounds / count
  const cost = { node: per((await server.usage()).cpuMs - usage.cpuMs), postgres: per((postgres() - before) * 1000) }
  await server.stop()
  return cost
}

const measure = async (count: number) => {
  await using opened = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'anlaufstelle-bench-'))
  opened.defer(() => rmSync(folder, { recursive: true, force: true }))
  chmodSync(folder, 0o711)
  const config = configIn(folder)
  copyTenants(count, config.tenantsDir)
  const local = opened.adopt(await startLocalPostgres({ dataDir: folder }), ({ stop }) => stop())
  const mailbox = opened.adopt(await startLocalMailbox(systemClock), ({ close }) => close())
  const admin = opened.adopt(new pg.Client(local.url), (client) => client.end())
  await admin.connect()
  const cpu = await cpuOfPostgres(admin)
  const postgres = () => (cpu() ?? Number.NaN) / 1000
  const { host, user, password, database } = local.url
  const environment = {
    DATA_DIR: folder,
    TENANTS_DIR: config.tenantsDir,
    SMTP_URL: mailbox.url,
    PORT: String(await freePort()), // the same each time: pages depend on their address
    DATABASE_URL: `postgres://${user}:${password}@localhost/${database}?host=${encodeURIComponent(host)}`,
  }
  const first = await startProgram(environment, postgres)
  const again = await startProgram(environment, postgres)
  const server = { config: { ...config, smtpUrl: mailbox.url }, database: local.url }
  const unchecked = await startUnchecked(server, postgres)
  return { first, again, unchecked, sweep: await measureSweep(server, postgres, count) }
}

/** What a start costs with few tenants and with many: the first, one with nothing changed, and one that checks nothing;
 *  and a round of the worker. False when a budget is exceeded. */
export const measureStart = async (): Promise<boolean> => {
  say('## start: CPU seconds of Node and PostgreSQL until every tenant is open')
  say()
  const rows: string[][] = []
  let isWithin = true
  for (const count of sizes) {
    const { first, again, unchecked, sweep } = await measure(count)
    const both = ({ node, postgres }: Cost, digits = 1) => `${node.toFixed(digits)} + ${postgres.toFixed(digits)}`
    const peak = Math.max(first.peak ?? 0, again.peak ?? 0)
    rows.push([String(count), both(first), both(again), both(unchecked), `${peak.toFixed(0)} MB`, both(sweep)])
    process.stderr.write(`${rows.at(-1)?.join('  ')}\n`) // the next one takes its time
    const sum = ({ node, postgres }: Cost): number => node + postgres
    // Where the system does not tell, nothing is exceeded.
    isWithin &&= !(sum(again) > budget.again * sum(unchecked))
    if (count === budget.tenants) isWithin &&= !(sum(first) > budget.seconds)
  }
  printTable(['tenants', 'the first', 'nothing changed', 'without any check', 'memory', 'a round, ms a tenant'], rows)
  return isWithin
}
