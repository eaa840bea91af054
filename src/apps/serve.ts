import { type Config, ConfigError } from '#platform/config.ts'
import { inspectDatabase } from '#platform/db/inspect.ts'
import { isWide } from '#platform/http/trusted.ts'
import type { RunningTenant } from '#register/register.ts'
import { clientDir, compose } from './compose.ts'
import type { AppDeps } from './deps.ts'
import { compareInstallation, DifferenceError } from './doctor/index.ts'
import { openDoor } from './door.ts'
import { features } from './features.ts'
import { countRequests, listenForMetrics, metrics } from './metrics.ts'
import { openTenants } from './opening.ts'
import { createServer } from './server.ts'
import { answers, listenForStop } from './stopping.ts'
import { tables } from './tables.ts'
import { startNode, startWorker, sweepTenant } from './worker.ts'

type Roles = { web: boolean; worker: boolean }
type Say = (line: string) => void

/** @throws ConfigError when nobody would get their mails with these settings */
const refuseWithoutMail = ({ smtpUrl, databaseUrl }: Config, { web, worker }: Roles): void => {
  if (smtpUrl === null && (databaseUrl !== null || !web || !worker)) {
    throw new ConfigError(
      'SMTP_URL: expected, as soon as there is a DATABASE_URL or web and worker run apart, e.g. smtp://mail.example:587',
    )
  }
}

const warnOfStrangers = ({ trustedProxies }: Config, say: Say): void => {
  for (const network of trustedProxies.filter(isWide))
    say(
      `Warning: TRUSTED_PROXY: ${network} holds strangers, who can then pretend any address. Name your proxies alone.`,
    )
}

/** Serves the numbers on a port of their own. Returns what ends it. */
const serveMetrics = async (
  deps: AppDeps,
  port: number,
  { requests, stopping }: { requests: ReturnType<typeof countRequests>; stopping: AbortSignal },
): Promise<() => Promise<void>> => {
  const watched = await listenForMetrics(deps, port, metrics(deps, features, requests))
  const answering = answers(stopping)
  watched.prependListener('request', (_request, response) => answering.watch(response))
  return () => answering.end(watched)
}

const sayWhatThereIs = (config: Config, { web, mailbox }: { web: boolean; mailbox: boolean }, say: Say): void => {
  if (!web) say('The worker runs.')
  if (mailbox) say(`Mails stay here: ${config.publicUrl}/_mailbox`)
  if (web && config.databaseUrl === null)
    say(
      `The key ${config.keyFile} opens all data; without it nothing can be read again. Keep a copy apart from backups.`,
    )
}

/** Runs until a signal ends it; then finishes what is under way and leaves nothing running. Returns the exit code. */
export const serve = async (config: Config, roles: Roles, say: Say): Promise<number> => {
  refuseWithoutMail(config, roles)
  const stop = listenForStop()
  const stopping = stop.signal
  say('Starting Anlaufstelle …')
  if (roles.web) warnOfStrangers(config, say)
  // What runs, in the order in which it began; whatever goes wrong on the way, it ends in the other order.
  const running: (() => unknown)[] = []
  try {
    const door = roles.web ? await openDoor(config, clientDir) : null
    if (door) running.push(door.close)
    const composed = await compose(config, { say, serving: true, onLost: stop.because })
    const { deps, connection, mailbox } = composed
    running.push(composed.close)
    const found = await inspectDatabase(connection, tables)
    const differences = compareInstallation(deps, found, features)
    if (differences.length > 0) throw new DifferenceError(differences)
    const requests = countRequests()
    if (config.metricsPort !== null) {
      running.push(await serveMetrics(deps, config.metricsPort, { requests, stopping }))
      say(`Metrics: ${config.tls ? 'https' : 'http'}://${config.host}:${config.metricsPort}/metrics`)
    }
    const app = roles.web ? await createServer(deps, features, clientDir, { mailbox, requests, stopping }) : null
    const worker = await (roles.worker ? startWorker : startNode)(deps, features)
    running.push(worker.stop)
    if (app) {
      const answering = answers(stopping)
      app.addHook('onRequest', async (_request, reply) => answering.watch(reply.raw))
      running.push(async () => {
        await answering.end(app.server)
        await app.close()
      })
      await door?.handTo(app)
    }
    // Without a worker, another node lays out the times.
    const prepare = async (tenant: RunningTenant) => (roles.worker ? sweepTenant(deps, features, tenant) : undefined)
    await openTenants({ ...composed, features, found, prepare, say, signal: stopping })
    if (app && !stopping.aborted) say(`Ready: ${config.publicUrl}`)
    sayWhatThereIs(config, { web: roles.web, mailbox: mailbox !== undefined }, say)
    await stop.asked
    say('Stopping …')
  } finally {
    for (const end of running.reverse()) await end()
  }
  const reason = stop.reason()
  if (reason) throw reason
  return 0
}
