import { isIP } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Feature } from '#features/feature.ts'
import { languages } from '#platform/i18n/translate.ts'
import type { LocalMailbox } from '#platform/mail/local-mailbox.ts'
import { metricsType } from '#platform/metrics.ts'
import type { AppDeps } from './deps.ts'
import { isAllowed } from './metrics.ts'
import { homeIn, homePage, mailboxListPage, mailboxMessagePage } from './pages.tsx'
import type { SendProblem } from './problems.ts'
import { readiness } from './readiness.ts'

/* What belongs to no tenant: the page of the installation, its state, its numbers, the mailbox of a demonstration. */

export const addInstallation = (
  app: FastifyInstance,
  deps: AppDeps,
  features: readonly Feature[],
  {
    sendProblem,
    mailbox,
    stopping,
  }: { sendProblem: SendProblem; mailbox: LocalMailbox | undefined; stopping: AbortSignal | undefined },
): void => {
  const html = (reply: FastifyReply, text: string) => reply.type('text/html; charset=utf-8').send(text)
  for (const language of languages) {
    app.get(homeIn(language), async (_request, reply) => html(reply, homePage(deps, language, mailbox !== undefined)))
  }
  app.get('/healthz', async (_request, reply) => reply.type('text/plain').send('ok\n'))
  const isReady = readiness(deps, features)
  app.get('/readyz', async (_request, reply) => {
    if (stopping?.aborted) return reply.code(503).type('text/plain').send('stopping\n')
    const found = await isReady()
    reply.code(found.ready ? 200 : 503).type('text/plain')
    return reply.send(found.ready ? 'ready\n' : `${found.why.join('\n')}\n`)
  })
  if (!mailbox) return
  // A stranger's page can lead its own name to this machine and read what answers there: mails answer under ours alone.
  const own = new URL(deps.config.publicUrl).hostname
  const isOurs = ({ hostname }: FastifyRequest) =>
    hostname === own || hostname === 'localhost' || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0
  app.get('/_mailbox', async (request, reply) =>
    isOurs(request) ? html(reply, mailboxListPage(deps, mailbox)) : sendProblem(request, reply, 'notFound'),
  )
  app.get<{ Params: { id: string } }>('/_mailbox/:id', async (request, reply) => {
    const mail = isOurs(request) ? mailbox.find(request.params.id) : null
    return mail ? html(reply, mailboxMessagePage(deps, mail)) : sendProblem(request, reply, 'notFound')
  })
}

/** On the port of everybody, numbers are for whoever has the token; without one, there is no such page. */
export const addMetrics = (app: FastifyInstance, deps: AppDeps, read: () => Promise<string>): void => {
  const { metricsToken } = deps.config
  if (metricsToken === null) return
  app.get('/metrics', async (request, reply) => {
    if (isAllowed(metricsToken, request.headers.authorization)) return reply.type(metricsType).send(await read())
    return reply.code(401).header('www-authenticate', 'Bearer').type('text/plain').send('token expected\n')
  })
}
