import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { projectRoot } from '#apps/root.ts'
import { systemClock } from '#platform/clock.ts'
import { startLocalPostgres } from '#platform/db/local-postgres.ts'
import { startLocalMailbox } from '#platform/mail/local-mailbox.ts'
import { cpuOf, memoryOfPostgres, shareOf } from './postgres.ts'
import { printTable, say } from './print.ts'
import { freePort, runProgram } from './program.ts'

const heaps: Record<string, string[]> = {
  'as it is': [],
  'young generation of 4 MB': ['--max-semi-space-size=4'],
  'young generation of 1 MB': ['--max-semi-space-size=1'],
  'V8 told to save memory in every way': ['--optimize-for-size'],
}
const requests = 500
/** Longer than an unused connection to the database is kept. */
const rest = 20_000

/** Asks for lists of times, each from an address of its own, so that no limit is in the way. */
const ask = async (origin: string): Promise<void> => {
  for (let i = 0; i < requests; i++) {
    const headers = { 'x-forwarded-for': `10.1.${i >> 8}.${i & 255}`, 'accept-encoding': 'br' }
    const answer = await fetch(`${origin}/segeberg/termin/zeit?leistung=beratung-vor-ort`, { headers })
    await answer.arrayBuffer()
    if (answer.status !== 200) throw new Error(`answered with ${answer.status}`)
  }
}

/** What a server with the tenants that ship needs at rest, after it had work to do, and what a smaller heap costs. */
export const measureMemory = async (): Promise<boolean> => {
  await using opened = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'anlaufstelle-bench-'))
  opened.defer(() => rmSync(folder, { recursive: true, force: true }))
  chmodSync(folder, 0o711)
  const local = opened.adopt(await startLocalPostgres({ dataDir: folder }), ({ stop }) => stop())
  const mailbox = opened.adopt(await startLocalMailbox(systemClock), ({ close }) => close())
  const admin = opened.adopt(new pg.Client(local.url), (client) => client.end())
  await admin.connect()
  const { host, user, password, database } = local.url
  const port = String(await freePort())
  const environment = {
    DATA_DIR: folder,
    TENANTS_DIR: join(projectRoot, 'tenants'),
    SMTP_URL: mailbox.url,
    PORT: port,
    TRUSTED_PROXY: '127.0.0.1',
    DATABASE_URL: `postgres://${user}:${password}@localhost/${database}?host=${encodeURIComponent(host)}`,
  }
  const rows: string[][] = []
  for (const [name, flags] of Object.entries(heaps)) {
    const program = await runProgram(environment, flags)
    await ask(`http://127.0.0.1:${port}`)
    const before = cpuOf(program.pid)
    await ask(`http://127.0.0.1:${port}`)
    const milliseconds = ((cpuOf(program.pid) - before) * 1000) / requests
    await pause(rest)
    const postgres = await memoryOfPostgres(admin)
    rows.push([
      name,
      `${shareOf(program.pid).toFixed(0)} MB`,
      milliseconds.toFixed(2),
      `${postgres.megabytes.toFixed(0)} MB`,
      String(postgres.processes),
    ])
    await program.end()
  }
  say('## memory: a server at rest, and CPU milliseconds for a list of times')
  say()
  printTable(['heap', 'Node', 'CPU ms', 'PostgreSQL', 'its processes'], rows)
  return true
}
