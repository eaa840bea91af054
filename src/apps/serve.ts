import { type Config, ConfigError } from '#platform/config.ts'
import { isWide } from '#platform/http/trusted.ts'
import { clientDir, compose, publishTenants } from './compose.ts'
import { DifferenceError, examine } from './doctor/index.ts'
import { features } from './features.ts'
import { countRequests, listenForMetrics, metrics } from './metrics.ts'
import { createServer } from './server.ts'
import { startNode, startWorker } from './worker.ts'

const stopSignal = (): Promise<string> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal))
  })

const listen = async (app: Awaited<ReturnType<typeof createServer>>, { host, port }: Config): Promise<void> => {
  try {
    await app.listen({ host, port })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new ConfigError(`PORT: ${port} is in use by another program. Choose another: PORT=${port + 1} npm start`)
    }
    throw error
  }
}

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
  say('Starting Anlaufstelle …')
  for (const network of roles.web ? config.trustedProxies.filter(isWide) : [])
    say(
      `Warning: TRUSTED_PROXY: ${network} holds strangers, who can then pretend any address. Name your proxies alone.`,
    )
  const { deps, connection, mailbox, noteChecked, close } = await compose(config, { say, serving: true })
  // What runs, in the order in which it began; whatever goes wrong on the way, it ends in the other order.
  const running: (() => unknown)[] = [close]
  try {
    const differences = await examine(deps, connection, features, clientDir)
    if (differences.length > 0) throw new DifferenceError(differences)
    noteChecked()
    await publishTenants(deps)
    const requests = countRequests()
    const app = roles.web ? await createServer(deps, features, clientDir, mailbox, requests) : null
    const worker = await (roles.worker ? startWorker : startNode)(deps, features)
    running.push(worker.stop)
    if (app) {
      running.push(() => app.close())
      await listen(app, config)
    }
    if (config.metricsPort !== null) {
      const watched = await listenForMetrics(deps, config.metricsPort, metrics(deps, features, requests))
      running.push(() => {
        watched.close()
        watched.closeAllConnections()
      })
      say(`Metrics: ${config.tls ? 'https' : 'http'}://${config.host}:${config.metricsPort}/metrics`)
    }
    if (app) say(`Ready: ${config.publicUrl}`)
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
