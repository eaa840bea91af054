import { type Config, ConfigError } from '#platform/config.ts'
import { inspectDatabase } from '#platform/db/inspect.ts'
import type { RunningTenant } from '#register/register.ts'
import { clientDir, compose } from './compose.ts'
import { compareInstallation, DifferenceError } from './doctor/index.ts'
import { openDoor } from './door.ts'
import { features } from './features.ts'
import { countRequests, listenForMetrics, metrics } from './metrics.ts'
import { openTenants } from './opening.ts'
import { createServer } from './server.ts'
import { startNode, startWorker, sweepTenant } from './worker.ts'

const stopSignal = (): Promise<string> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal))
  })

/** Runs until a signal ends it; then finishes what is under way and leaves nothing running. Returns the exit code. */
export const serve = async (
  config: Config,
  roles: { web: boolean; worker: boolean },
  say: (line: string) => void,
): Promise<number> => {
  if (config.smtpUrl === null && (config.databaseUrl !== null || !roles.web || !roles.worker)) {
    throw new ConfigError(
      'SMTP_URL: expected, as soon as there is a DATABASE_URL or web and worker run apart, e.g. smtp://mail.example:587',
    )
  }
  const ended = stopSignal()
  const stopping = new AbortController()
  ended.then(() => stopping.abort())
  say('Starting Anlaufstelle …')
  // What runs, in the order in which it began; whatever goes wrong on the way, it ends in the other order.
  const running: (() => unknown)[] = []
  try {
    const door = roles.web ? await openDoor(config, clientDir) : null
    if (door) running.push(door.close)
    const composed = await compose(config, { say, serving: true })
    const { deps, connection, mailbox } = composed
    running.push(composed.close)
    const found = await inspectDatabase(connection)
    const differences = compareInstallation(deps, found, features)
    if (differences.length > 0) throw new DifferenceError(differences)
    const requests = countRequests()
    const app = roles.web ? await createServer(deps, features, clientDir, { mailbox, requests }) : null
    const worker = await (roles.worker ? startWorker : startNode)(deps, features)
    running.push(worker.stop)
    if (app) {
      running.push(() => app.close())
      await door?.handTo(app)
    }
    if (config.metricsPort !== null) {
      const watched = await listenForMetrics(deps, config.metricsPort, metrics(deps, features, requests))
      running.push(() => {
        watched.close()
        watched.closeAllConnections()
      })
      say(`Metrics: ${config.tls ? 'https' : 'http'}://${config.host}:${config.metricsPort}/metrics`)
    }
    // Without a worker, another node lays out the times.
    const prepare = async (tenant: RunningTenant) => (roles.worker ? sweepTenant(deps, features, tenant) : undefined)
    await openTenants({ ...composed, features, found, prepare, say, signal: stopping.signal })
    if (app && !stopping.signal.aborted) say(`Ready: ${config.publicUrl}`)
    if (app && mailbox) say(`Mails stay here: ${config.publicUrl}/_mailbox`)
    if (app && config.databaseUrl === null)
      say(
        `The key ${config.keyFile} opens all data; without it nothing can be read again. Keep a copy apart from backups.`,
      )
    if (!app) say('The worker runs.')
    await ended
    say('Stopping …')
  } finally {
    for (const end of running.reverse()) await end()
  }
  return 0
}
