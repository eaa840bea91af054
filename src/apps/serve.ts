import { type Config, ConfigError } from '#platform/config.ts'
import { clientDir, compose, publishTenants } from './compose.ts'
import { DifferenceError, examine } from './doctor/index.ts'
import { features } from './features.ts'
import { countRequests, listenForMetrics, metrics } from './metrics.ts'
import { createServer } from './server.ts'
import { answers, listenForStop } from './stopping.ts'
import { startNode, startWorker } from './worker.ts'

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
  const stop = listenForStop()
  say('Starting Anlaufstelle …')
  const { deps, connection, mailbox, noteChecked, close } = await compose(config, {
    say,
    serving: true,
    onLost: stop.because,
  })
  // What runs, in the order in which it began; whatever goes wrong on the way, it ends in the other order.
  const running: (() => unknown)[] = [close]
  try {
    if (stop.signal.aborted) return 0
    const differences = await examine(deps, connection, features, clientDir)
    if (differences.length > 0) throw new DifferenceError(differences)
    noteChecked()
    await publishTenants(deps)
    const requests = countRequests()
    if (config.metricsPort !== null) {
      const watched = await listenForMetrics(deps, config.metricsPort, metrics(deps, features, requests))
      const answering = answers(stop.signal)
      watched.prependListener('request', (_request, response) => answering.watch(response))
      running.push(() => answering.end(watched))
      say(`Metrics: ${config.tls ? 'https' : 'http'}://${config.host}:${config.metricsPort}/metrics`)
    }
    const app = roles.web ? await createServer(deps, features, clientDir, mailbox, requests, stop.signal) : null
    const worker = await (roles.worker ? startWorker : startNode)(deps, features)
    running.push(worker.stop)
    if (app) {
      const answering = answers(stop.signal)
      app.addHook('onRequest', async (_request, reply) => answering.watch(reply.raw))
      running.push(async () => {
        await answering.end(app.server)
        await app.close()
      })
      await listen(app, config)
    }
    if (app) say(`Ready: ${config.publicUrl}`)
    if (app && mailbox) say(`Mails stay here: ${config.publicUrl}/_mailbox`)
    if (app && config.databaseUrl === null)
      say(
        `The key ${config.keyFile} opens all data; without it nothing can be read again. Keep a copy apart from backups.`,
      )
    if (!app) say('The worker runs.')
    await stop.asked
    say('Stopping …')
  } finally {
    for (const end of running.reverse()) await end()
  }
  const reason = stop.reason()
  if (reason) throw reason
  return 0
}
