import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { fromKysely, type JobResult, type JobWithMetadata, PgBoss } from 'pg-boss'
import type { DeclaredTables } from '#platform/db/columns.ts'
import { appRole, type Connection, type TenantTx } from '#platform/db/db.ts'
import { forgetStatistics } from '#platform/db/statistics.ts'
import { isUuid } from '#platform/random.ts'

/** A job carries ids only, and nothing but a UUID is one: its payload lies in a table without row-level security. */
export type JobIds = { tenantId: string; id: string }

export type Job<D> = {
  name: string
  /** Whether several may run at once in one process, as each mostly waits for somebody else; otherwise one after the
   *  other. */
  sideBySide?: boolean
  /** Runs at least once; must be safe to run twice. Throwing means: again later, with growing pauses. */
  run: (deps: D, ids: JobIds) => Promise<void>
}

/** Thrown by a job whose time has not come, e.g. because a mail server does not answer: again later, and no fault. */
export class RetryLater extends Error {}

export type Jobs = {
  /** Puts a job into the queue as part of the caller's transaction: no commit, no job.
   *  @throws TypeError if `id` is no UUID; the message does not say what it was. */
  enqueue(tx: TenantTx, name: string, id: string): Promise<void>
  /** Starts to work off the given jobs in this process. */
  work<D>(jobs: readonly Job<D>[], deps: D, onError: (name: string, error: unknown) => void): Promise<void>
  /** How many jobs of each kind wait, run, wait for another try, or have failed for good. */
  counts(): Promise<{ name: string; state: string; count: number }[]>
  /** Takes no more jobs and waits ten seconds for those in hand; what is not done by then is given back. */
  stop(): Promise<void>
  /** Resolves when nothing is in hand any more, whatever became of it: then the database can be closed. */
  settled(): Promise<void>
}

const schema = 'jobs'
const base = {
  schema,
  schedule: false,
  persistQueueStats: false,
  persistWarnings: false,
  // Seconds between two looks for jobs of workers that have died.
  superviseIntervalSeconds: 10,
  monitorIntervalSeconds: 10,
} as const

// A notification wakes the worker once, however many jobs came with it. So it takes several, and goes on at once as long
// as there are that many. Retries come without a notification; for them it looks every five seconds.
const fetching = {
  batchSize: 5,
  burstWhenBatchFull: true,
  perJobResults: true,
  includeMetadata: true,
  heartbeatRefreshSeconds: 5,
  pollingIntervalSeconds: 2,
  notifyPollingIntervalSeconds: 5,
} as const

/** Of jobs side by side, this many times a batch are in hand at once. */
const turns = 5

/** Milliseconds after which a job side by side gives its turn to others. It goes on aside, and its outcome counts; the queue
 *  asks after it with growing pauses. No more than `mostAside` go on so at a time. */
const patience = 10_000
const mostAside = 500

/** Installs pg-boss's tables and the queues, as the owner of the database, and lets the app role use them. */
export const installJobs = async (
  owner: Connection,
  names: readonly string[],
  tables: DeclaredTables,
): Promise<void> => {
  const boss = new PgBoss({ ...owner, ...base, supervise: false, max: 2 })
  boss.on('error', () => {})
  await boss.start()
  try {
    for (const name of names) {
      // Pauses of 10 s, 20 s, 40 s … up to an hour: about as long as a mail envelope lives (24 h).
      const options = {
        retryLimit: 30,
        retryDelay: 10,
        retryBackoff: true,
        retryDelayMax: 3600,
        notify: true,
        deleteAfterSeconds: 86_400,
        // A process that is alive says so three times as often. What a killed one had in hand runs again after this time,
        // the wait for the next look, and one pause: within a minute.
        heartbeatSeconds: 15,
        // Longer than a mail may take from beginning to end.
        expireInSeconds: 2400,
      }
      if (await boss.getQueue(name)) await boss.updateQueue(name, options)
      else await boss.createQueue(name, options)
    }
  } finally {
    await boss.stop({ graceful: false })
  }
  const client = new pg.Client(owner)
  await client.connect()
  try {
    await client.query(`
      grant usage on schema ${schema} to ${appRole};
      grant select, insert, update, delete on all tables in schema ${schema} to ${appRole};
      grant execute on all functions in schema ${schema} to ${appRole};
      grant usage on all sequences in schema ${schema} to ${appRole}`)
    await forgetStatistics(client, tables) // pg-boss makes its tables itself, and anew with a new version
  } finally {
    await client.end()
  }
}

/** What is in hand in this process, by the job's id. */
type InHand = Map<string, Promise<JobResult>>

/** Each job reports for itself, without the error's words: what is kept of a failed one lies in the open. */
const workOff = <D>(job: Job<D>, deps: D, report: (name: string, error: unknown) => void, inHand: InHand) => {
  const run = async ({ id, data }: JobWithMetadata<JobIds>): Promise<JobResult> => {
    try {
      await job.run(deps, data)
      return { id, status: 'completed' }
    } catch (error) {
      if (!(error instanceof RetryLater)) report(job.name, error)
      return { id, status: 'failed' }
    } finally {
      inHand.delete(id)
    }
  }
  const attempt = (one: JobWithMetadata<JobIds>): Promise<JobResult> => {
    const running = run(one)
    inHand.set(one.id, running)
    return running
  }
  const attemptAside = async (one: JobWithMetadata<JobIds>): Promise<JobResult> => {
    const later: JobResult = { id: one.id, status: 'failed' }
    if (inHand.has(one.id)) return later
    const running = attempt(one)
    if (inHand.size > mostAside) return running
    const ending = new AbortController()
    const tooLong = pause(patience, later, { signal: ending.signal, ref: false })
    tooLong.catch(() => {}) // not too long, then
    return Promise.race([running, tooLong]).finally(() => ending.abort())
  }
  return async (batch: JobWithMetadata<JobIds>[]): Promise<JobResult[]> => {
    if (job.sideBySide) return Promise.all(batch.map(attemptAside))
    const results: JobResult[] = []
    for (const each of batch) results.push(await attempt(each))
    return results
  }
}

/** Connects to the queues that `installJobs` made. */
export const openJobs = async (connection: Connection, onError: (error: unknown) => void): Promise<Jobs> => {
  const boss = new PgBoss({
    ...connection,
    ...base,
    options: `-c role=${appRole}`,
    migrate: false,
    createSchema: false,
    useListenNotify: true,
    max: 4,
  })
  // What goes wrong in a worker arrives as a copy that is no Error any more.
  boss.on('error', (error) => onError(error instanceof Error ? error : Object.assign(new Error(), error)))
  await boss.start()
  const inHand: InHand = new Map()
  return {
    enqueue: async (tx, name, id) => {
      if (!isUuid(id) || !isUuid(tx.tenantId)) throw new TypeError('a job carries UUIDs only')
      await boss.send(name, { tenantId: tx.tenantId, id }, { db: fromKysely(tx) })
    },
    work: async (jobs, deps, report) => {
      for (const job of jobs) {
        const localConcurrency = job.sideBySide ? turns : 1
        await boss.work(job.name, { ...fetching, localConcurrency }, workOff(job, deps, report, inHand))
      }
    },
    counts: async () => {
      const { rows } = await boss.getDb().executeSql(
        `select name, state::text as state, count(*)::int as count from ${schema}.job
         where state in ('created', 'active', 'retry', 'failed') group by 1, 2 order by 1, 2`,
      )
      return rows as { name: string; state: string; count: number }[]
    },
    stop: () => boss.stop({ graceful: true, timeout: 10_000 }),
    settled: async () => void (await Promise.all(inHand.values())),
  }
}
