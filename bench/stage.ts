import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { prepareDatabase } from '#apps/compose.ts'
import { projectRoot } from '#apps/root.ts'
import { systemClock } from '#platform/clock.ts'
import type { Config } from '#platform/config.ts'
import { startLocalPostgres } from '#platform/db/local-postgres.ts'
import { startLocalMailbox } from '#platform/mail/local-mailbox.ts'
import { type Order, serverWord, type Usage } from './server.ts'

/** The tenant that is booked at, and its one site. */
export const slug = 'segeberg'
export const tenantId = '9c3bc0ab-982f-4e76-90d3-a21bbfece880'

export type Server = {
  origin: string
  sweep: () => Promise<void>
  erase: () => Promise<void>
  work: () => Promise<void>
  usage: () => Promise<Usage>
  stop: () => Promise<void>
}

export const startServer = async (config: Config, database: pg.ClientConfig): Promise<Server> => {
  const child: ChildProcess = fork(process.argv[1] ?? '', [serverWord])
  const exit = once(child, 'exit')
  // Whoever stops the benchmark stops the server; the benchmark finds it gone and tidies up.
  const end = () => child.kill()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, end)
    child.once('exit', () => process.off(signal, end))
  }
  const ask = async (order: Order): Promise<unknown> => {
    const answer = once(child, 'message')
    child.send(order)
    const ended = exit.then(() => {
      throw new Error('a server process ended')
    })
    const [{ answer: value, error }] = (await Promise.race([answer, ended])) as [{ answer?: unknown; error?: string }]
    if (error) throw new Error(error)
    return value
  }
  const port = await ask({ kind: 'start', config, database: database as Extract<Order, { kind: 'start' }>['database'] })
  return {
    origin: `http://127.0.0.1:${port}`,
    sweep: () => ask({ kind: 'sweep' }) as Promise<void>,
    erase: () => ask({ kind: 'erase', tenantId }) as Promise<void>,
    work: () => ask({ kind: 'work' }) as Promise<void>,
    usage: () => ask({ kind: 'usage' }) as Promise<Usage>,
    stop: async () => {
      if (child.connected) await ask({ kind: 'stop' })
      await exit
    },
  }
}

/** The settings of a server whose data and tenants are in this folder. */
export const configIn = (folder: string): Config => ({
  port: 0,
  host: '127.0.0.1',
  dataDir: folder,
  tenantsDir: join(folder, 'tenants'),
  keyFile: join(folder, 'master.key'),
  secretsDir: join(folder, 'secrets'),
  ledgerFile: join(folder, 'erasures.jsonl'),
  publicUrl: 'http://anlaufstelle.test',
  databaseUrl: 'postgres://given-otherwise',
  databaseOwnerUrl: null,
  tls: null,
  smtpUrl: null,
  trustedProxies: ['127.0.0.1'], // so that each client can have an address of its own
  metricsToken: null,
  metricsPort: null,
})

/** The product as it runs for real: PostgreSQL with fsync on, server processes of their own, a mail server.
 *  `edit` changes a copy of the tenant's file; `using` it tidies up. */
export const openStage = async (options: { servers: number; edit?: (tenantFile: string) => string }) => {
  await using opened = new AsyncDisposableStack() // tidies up, in reverse, if this function does not come to its end
  const folder = mkdtempSync(join(tmpdir(), 'anlaufstelle-bench-'))
  opened.defer(() => rmSync(folder, { recursive: true, force: true }))
  chmodSync(folder, 0o711) // PostgreSQL does not run as root, and has to get to its data in here
  const tenantsDir = join(folder, 'tenants')
  cpSync(join(projectRoot, 'tenants'), tenantsDir, { recursive: true })
  const tenantFile = join(tenantsDir, slug, 'tenant.yaml')
  const { edit = (text: string) => text } = options
  const original = readFileSync(tenantFile, 'utf8')
  writeFileSync(tenantFile, edit(original))

  const postgres = opened.adopt(await startLocalPostgres({ dataDir: folder }), ({ stop }) => stop())
  await prepareDatabase(postgres.url)
  const mailbox = opened.adopt(await startLocalMailbox(systemClock), ({ close }) => close())
  const admin = opened.adopt(new pg.Client(postgres.url), (client) => client.end())
  await admin.connect()
  const config: Config = { ...configIn(folder), smtpUrl: mailbox.url }
  const servers: Server[] = []
  for (let i = 0; i < options.servers; i++) {
    servers.push(opened.adopt(await startServer(config, postgres.url), ({ stop }) => stop()))
  }
  const all = opened.move()
  return {
    servers,
    /** Stops the first server and starts one with the tenant's file changed in another way. */
    restart: async (change: (tenantFile: string) => string): Promise<Server> => {
      await servers.shift()?.stop()
      writeFileSync(tenantFile, change(original))
      const next = all.adopt(await startServer(config, postgres.url), ({ stop }) => stop())
      servers.unshift(next)
      return next
    },
    folder,
    /** How its owner and the product reach the database. */
    place: { owner: postgres.url, connection: postgres.url },
    /** A superuser's connection, past row-level security. */
    admin,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

export type Stage = Awaited<ReturnType<typeof openStage>>

/** Replaces a piece of a tenant's file. @throws when the file does not have it, so that no benchmark measures another
 *  case than it says. */
export const replaced = (text: string, piece: string | RegExp, by: string): string => {
  const changed = text.replace(piece, by)
  if (changed === text) throw new Error(`the tenant's file has no ${piece}`)
  return changed
}
