import { setTimeout as sleep } from 'node:timers/promises'
import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely'
import pg from 'pg'
import type { Tables } from './tables.ts'

declare const tenantBrand: unique symbol

/** A transaction that sees one tenant's rows. Only `inTenant` makes one, so SQL without a tenant does not compile. */
export type TenantTx = Transaction<Tables> & { readonly tenantId: string; readonly [tenantBrand]: true }

/** Runs work in one transaction of a tenant that is settled already. @throws what the work throws, and undoes it then */
export type InTenant = <T>(work: (tx: TenantTx) => Promise<T>) => Promise<T>

/** A transaction of no tenant: row-level security shows it no tenant's rows, only what belongs to the installation itself,
 *  and what functions of the database count over all tenants. */
export type InstallationTx = Transaction<Pick<Tables, 'app.known_tenant' | 'app.web_node'>>

/** Connections of the pool: open ones, those without work, and callers that wait for one. */
export type PoolState = { open: number; idle: number; waiting: number }

export type Db = {
  /** Runs `work` in one transaction as this tenant and commits when it resolves. When PostgreSQL ends it for a
   *  deadlock or a serialisation failure, `work` runs again (three times at most), so it may only touch the database.
   *  @throws what `work` throws, after rolling back; the connection's error when the database is gone. */
  inTenant<T>(tenantId: string, work: (tx: TenantTx) => Promise<T>): Promise<T>
  /** Runs `work` in a transaction that belongs to no tenant, for what is asked of the whole installation. */
  inInstallation<T>(work: (tx: InstallationTx) => Promise<T>): Promise<T>
  /** Ids of all tenants that have ever run on this database. */
  knownTenants(): Promise<string[]>
  /** Runs `work` unless another process is at the same kind of work on this database: null then. */
  alone<T>(kind: keyof typeof locks, work: () => Promise<T>): Promise<T | null>
  /** Whether the database answers. */
  isAlive(): Promise<boolean>
  pool(): PoolState
  close(): Promise<void>
}

/** How to reach PostgreSQL: what `pg` takes, by URL or by parts. */
export type Connection =
  | { connectionString: string }
  | { host: string; user: string; password: string; database: string }

/** The role that runs the product: no ownership, no bypass of row-level security. */
export const appRole = 'anlaufstelle_app'

/** Numbers of PostgreSQL's advisory locks. The database drops one with the connection, however that ends. */
const locks = { rotation: 46_801, compaction: 46_802 }

const retryable = new Set(['40001', '40P01'])
const attempts = 3

const isRetryable = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && retryable.has(String(error.code))

// Every statement of the product reads by an index. PostgreSQL knows little of the values (statistics.ts), and would rather
// read a whole table than believe that few of its rows are due.
const planner = '-c enable_seqscan=off -c jit=off'

/** Opens the pool under which the product runs. Every connection takes the app role at once, whatever it logs in as. */
export const openDb = (connection: Connection, size = 10): Db => {
  const pool = new pg.Pool({
    ...connection,
    max: size,
    options: `-c role=${appRole} -c statement_timeout=15000 -c idle_in_transaction_session_timeout=30000 ${planner}`,
    connectionTimeoutMillis: 5000,
    application_name: 'anlaufstelle',
  })
  pool.on('error', () => {}) // an idle connection broke; the pool replaces it, and the next query reports a real outage
  // One that breaks between two statements of a transaction says so itself; unheard, that would end the program.
  pool.on('connect', (client) => client.on('error', () => {}))
  const kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  return {
    inTenant: async (tenantId, work) => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await kysely.transaction().execute(async (tx) => {
            await sql`select set_config('app.tenant_id', ${tenantId}, true)`.execute(tx)
            return work(Object.assign(tx, { tenantId }) as unknown as TenantTx)
          })
        } catch (error) {
          if (attempt === attempts || !isRetryable(error)) throw error
        }
      }
    },
    inInstallation: (work) => kysely.transaction().execute((tx) => work(tx as unknown as InstallationTx)),
    knownTenants: async () => (await kysely.selectFrom('app.known_tenant').select('id').execute()).map(({ id }) => id),
    alone: (kind, work) =>
      kysely.connection().execute(async (connection) => {
        const number = locks[kind]
        const { rows } = await sql<{ ours: boolean }>`select pg_try_advisory_lock(${number}) as ours`.execute(
          connection,
        )
        if (!rows[0]?.ours) return null
        try {
          return await work()
        } finally {
          await sql`select pg_advisory_unlock(${number})`.execute(connection)
        }
      }),
    isAlive: async () => {
      try {
        await sql`select 1`.execute(kysely)
        return true
      } catch {
        return false
      }
    },
    pool: () => ({ open: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    close: () => kysely.destroy(),
  }
}

/** Whether anybody but us has a connection to this PostgreSQL, in any database. A connection of our own that has just
 *  been closed counts for a moment, so it looks more than once. */
export const isInUse = async (owner: Connection): Promise<boolean> => {
  const client = new pg.Client(owner)
  await client.connect()
  try {
    for (let look = 0; look < 10; look++) {
      const { rowCount } = await client.query(
        `select from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() limit 1`,
      )
      if (rowCount === 0) return false
      await sleep(30)
    }
    return true
  } finally {
    await client.end()
  }
}
