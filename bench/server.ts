import type { AddressInfo } from 'node:net'
import pg from 'pg'
import { clientDir, compose } from '#apps/compose.ts'
import { features } from '#apps/features.ts'
import { publishTenants } from '#apps/publishing.ts'
import { eraseDue } from '#apps/retention.ts'
import { createServer } from '#apps/server.ts'
import { startWorker, sweep } from '#apps/worker.ts'
import type { Config } from '#platform/config.ts'
import type { Connection } from '#platform/db/db.ts'

/** The first argument of a process that is one of the servers under test. */
export const serverWord = 'server'

/** What the benchmark asks of a server process, one thing at a time. */
export type Order =
  | { kind: 'start'; config: Config; database: Connection }
  /** One round of the worker: makes the cells of the coming days. */
  | { kind: 'sweep' }
  /** Erases what is due of the tenant that is measured, as the worker does. */
  | { kind: 'erase'; tenantId: string }
  /** Works off the queue from now on. */
  | { kind: 'work' }
  | { kind: 'usage' }
  | { kind: 'stop' }

/** CPU time of the process, and by name how many statements it sent to PostgreSQL besides begin, set_config and commit. */
export type Usage = { cpuMs: number; statements: Record<string, number> }

const bracket = /^\s*(begin|start transaction|commit|rollback|select set_config\()/i
const writing =
  /\b(insert into|delete from|(?<!\b(?:for|key|do) )update)\s+(?!set\b|of\b|skip\b)((?:"?\w+"?\.)?"?\w+"?)/gi

/** Without its schema and quotes. */
const bare = (table = ''): string => table.replaceAll('"', '').replace(/.*\./, '')

/** What a statement is about: the tables it writes, or else the one it reads first. */
const nameOf = (text: string): string => {
  const writes = [...text.matchAll(writing)].map(
    ([, verb = '', table]) => `${verb.split(' ')[0]?.toLowerCase()} ${bare(table)}`,
  )
  if (writes.length > 0) return [...new Set(writes)].join(' + ')
  if (/pg_advisory\w*lock/.test(text)) return 'lock'
  const parts = new Set([...text.matchAll(/\b(\w+) as (?:materialized )?\(/g)].map(([, part]) => part))
  const tables = [...text.matchAll(/\b(?:from|join)\s+(?!lateral\b)((?:"?\w+"?\.)?"?\w+\b"?)(?!\()/gi)].map(
    ([, table]) => bare(table),
  )
  return `read ${tables.find((table) => !parts.has(table)) ?? '?'}`
}

// The product's own connections only: the queue looks for work on others, whether or not anybody books.
const countStatements = (): (() => Usage['statements']) => {
  const counts: Usage['statements'] = {}
  const client = pg.Client.prototype as unknown as {
    query: (this: { connectionParameters: { application_name?: string } }, ...given: unknown[]) => unknown
  }
  const { query } = client
  client.query = function (...given) {
    const [first] = given
    const text = typeof first === 'string' ? first : ((first as { text?: string } | undefined)?.text ?? '')
    if (this.connectionParameters.application_name === 'anlaufstelle' && !bracket.test(text)) {
      const name = nameOf(text)
      counts[name] = (counts[name] ?? 0) + 1
    }
    return query.apply(this, given)
  }
  return () => ({ ...counts })
}

const start = async (config: Config, database: Connection, statements: () => Usage['statements']) => {
  const { deps, close } = await compose(config, { database })
  await publishTenants(deps)
  const app = await createServer(deps, features, clientDir)
  await app.listen({ host: config.host, port: config.port })
  let worker: Awaited<ReturnType<typeof startWorker>> | null = null
  return {
    port: (app.server.address() as AddressInfo).port,
    sweep: () => sweep(deps, features),
    erase: (tenantId: string) => eraseDue(deps, tenantId),
    work: async () => {
      worker = await startWorker(deps, features)
    },
    usage: (): Usage => {
      const { user, system } = process.cpuUsage()
      return { cpuMs: (user + system) / 1000, statements: statements() }
    },
    stop: async () => {
      await app.close()
      await worker?.stop()
      await close()
    },
  }
}

/** Serves the product as `anlaufstelle serve` does, on a port of the system's choice, and answers the benchmark. */
export const runServer = (): void => {
  const statements = countStatements()
  let server: Awaited<ReturnType<typeof start>> | undefined
  const follow = async (order: Order): Promise<unknown> => {
    if (order.kind === 'start') {
      server = await start(order.config, order.database, statements)
      return server.port
    }
    if (!server) throw new Error('not started')
    return order.kind === 'erase' ? server.erase(order.tenantId) : server[order.kind]()
  }
  process.on('message', (order: Order) => {
    follow(order).then(
      (answer) => {
        process.send?.({ answer })
        if (order.kind === 'stop') process.disconnect?.()
      },
      (error: Error) => process.send?.({ error: error.stack ?? error.message }),
    )
  })
  process.on('disconnect', () => process.exit()) // the benchmark is gone
}
