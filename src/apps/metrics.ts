import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { FastifyInstance } from 'fastify'
import { type Feature, worksFor } from '#features/feature.ts'
import type { Measure } from '#features/work.ts'
import { counter, histogram, type Labels, type Metric, metricsText, metricsType } from '#platform/metrics.ts'
import { inSteps, smallest } from '#platform/small-cells.ts'
import { listErased, listStored } from '#vault/overview/overdue.ts'
import type { AppDeps } from './deps.ts'
import { protectiveHeaders } from './headers.ts'
import { listen } from './listening.ts'
import { listFailing } from './readiness.ts'
import { nameOf } from './retention.ts'
import { tlsOptions } from './tls.ts'

/** Upper ends of the buckets of durations, in seconds: around what a page takes, and up to what nobody waits for. */
const durationLimits = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]

const steps = `rounded up to steps of ${smallest}`

/** Counts answers by method, pattern of the address and class of the status; an address of nobody's is `unmatched`. In steps,
 *  for some addresses are asked for by whoever books or cancels. */
export const countRequests = () => {
  const [total, seconds] = ['anlaufstelle_http_requests_total', 'anlaufstelle_http_request_seconds']
  const answers = counter(total, `Requests answered since the start of this process, ${steps}.`, inSteps)
  const durations = histogram(seconds, `How long answering took, counted as ${total}.`, durationLimits, inSteps)
  return {
    watch: (app: FastifyInstance): void => {
      app.addHook('onResponse', async (request, reply) => {
        const route = request.routeOptions.url ?? 'unmatched'
        answers.add({ method: request.method, route, status: `${Math.floor(reply.statusCode / 100)}xx` })
        durations.observe({ route }, reply.elapsedTime / 1000)
      })
    },
    read: (): Metric[] => [answers.read(), durations.read()],
  }
}

const gauge = (name: string, about: string, samples: readonly { labels: Labels; value: number }[]): Metric => ({
  name: `anlaufstelle_${name}`,
  about,
  type: 'gauge',
  samples,
})

/** Numbers of faults, and of what somebody did by hand: they are not about what people do. */
const exact: readonly string[] = ['overdue', 'held', 'restricted']

const ofVault = async (deps: AppDeps, start: Temporal.Instant): Promise<Metric[]> => {
  const lines = await listStored(deps.db, deps.clock())
  const erased = await listErased(deps.db, start)
  const count = (key: 'stored' | 'due' | 'overdue' | 'held' | 'restricted', about: string) =>
    gauge(
      `records_${key}`,
      about,
      lines.map((line) => ({
        labels: { tenant: nameOf(deps, line.tenantId), activity: line.activity },
        value: exact.includes(key) ? line[key] : inSteps(line[key]),
      })),
    )
  return [
    count('stored', `Records in the vault, ${steps}.`),
    count('due', `Records whose date of erasure has come, held ones left out, ${steps}.`),
    count('overdue', 'Records due for more than two hours.'),
    count('held', 'Records under a legal hold.'),
    count('restricted', 'Held records whose date of erasure has come.'),
    {
      name: 'anlaufstelle_records_erased_total',
      about: `Records erased since the start of this process, by whatever process, out of the ledger, ${steps}.`,
      type: 'counter',
      samples: erased.map(({ tenantId, activity, rule, records }) => ({
        labels: { tenant: nameOf(deps, tenantId), activity, rule },
        value: inSteps(records),
      })),
    },
  ]
}

const ofFeatures = async (deps: AppDeps, features: readonly Feature[]): Promise<Metric[]> => {
  const measures: Measure[] = []
  for (const running of deps.register.running.values()) {
    for (const feature of features.filter((each) => worksFor(each, running))) {
      for (const measure of (await feature.measures?.(deps, running)) ?? []) {
        measures.push({
          ...measure,
          value: inSteps(measure.value),
          labels: { tenant: running.tenant.slug, ...measure.labels },
        })
      }
    }
  }
  return [...Map.groupBy(measures, ({ name }) => name)].map(([name, all]) =>
    gauge(name, `${all[0]?.about ?? ''} In steps of ${smallest}, rounded up.`, all),
  )
}

const ofJobs = async (deps: AppDeps): Promise<Metric> =>
  gauge(
    'jobs',
    `Jobs in the queue, finished ones left out, ${steps}; failed ones are forgotten after a day.`,
    (await deps.jobs.counts()).map(({ name, state, count }) => ({
      labels: { job: name, state },
      value: inSteps(count),
    })),
  )

const ofProcess = (deps: AppDeps): Metric[] => {
  const { open, idle, waiting } = deps.db.pool()
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  const one = (value: number) => [{ labels: {}, value }]
  const connections = { open, idle, waiting }
  return [
    gauge(
      'database_connections',
      'Connections of this process to PostgreSQL, and callers that wait for one.',
      Object.entries(connections).map(([state, value]) => ({ labels: { state }, value })),
    ),
    gauge(
      'sweep_failing',
      'Rounds of this process, such as sweeps, that have failed each time for five minutes and longer.',
      listFailing(deps).map(({ tenant, work }) => ({
        labels: { tenant: tenant ?? '', sweep: work },
        value: 1,
      })),
    ),
    {
      name: 'process_cpu_seconds_total',
      about: 'CPU time of this process.',
      type: 'counter',
      samples: one((user + system) / 1e6),
    },
    { name: 'process_resident_memory_bytes', about: 'Memory of this process.', type: 'gauge', samples: one(rss) },
    { name: 'nodejs_heap_used_bytes', about: 'Memory that JavaScript uses.', type: 'gauge', samples: one(heapUsed) },
    gauge('uptime_seconds', 'How long this process has been running.', one(process.uptime())),
  ]
}

/** Everything there is to know, as text; without the database what this process knows by itself, so that an outage can
 *  be watched, too. `anlaufstelle_database_up` says which. */
export const metrics = (deps: AppDeps, features: readonly Feature[], requests: { read: () => Metric[] }) => {
  const start = deps.clock()
  return async (): Promise<string> => {
    const up = (value: number) => gauge('database_up', 'Whether the database answers.', [{ labels: {}, value }])
    const own = [...ofProcess(deps), ...requests.read()]
    if (!(await deps.db.isAlive())) return metricsText([up(0), ...own])
    const stored = [...(await ofVault(deps, start)), ...(await ofFeatures(deps, features)), await ofJobs(deps)]
    return metricsText([up(1), ...stored, ...own])
  }
}

const digest = (text: string) => createHash('sha256').update(text).digest()

/** Whether a request's `Authorization` carries the token; takes as long whatever was sent. */
export const isAllowed = (token: string, authorization: string | undefined): boolean =>
  timingSafeEqual(digest(`Bearer ${token}`), digest(authorization ?? ''))

/** Serves `/metrics` on a port of its own, and nothing else. With a token set, it is needed here, too; without one, the
 *  settings allow this machine only. Speaks TLS where the web server does.
 *  @throws ConfigError when the port is not to be had, or certificate and key are of no use. */
export const listenForMetrics = async (deps: AppDeps, port: number, read: () => Promise<string>): Promise<Server> => {
  const { host, metricsToken, tls } = deps.config
  const everywhere = { ...protectiveHeaders(deps.config), 'cache-control': 'no-store' }
  const listener: RequestListener = async (request, response) => {
    const answer = (status: number, text: string, headers: Record<string, string> = {}) =>
      response.writeHead(status, { 'content-type': 'text/plain', ...everywhere, ...headers }).end(text)
    if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') return answer(404, 'not found\n')
    if (metricsToken !== null && !isAllowed(metricsToken, request.headers.authorization))
      return answer(401, 'token expected\n', { 'www-authenticate': 'Bearer' })
    try {
      answer(200, await read(), { 'content-type': metricsType })
    } catch (error) {
      deps.log.fault('metrics', error)
      answer(500, 'no metrics: see the log\n')
    }
  }
  const server = tls ? createTlsServer(tlsOptions(tls), listener) : createServer(listener)
  await listen(server, { host, port }, 'METRICS_PORT')
  return server
}
