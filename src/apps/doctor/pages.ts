import { createSecretKey } from 'node:crypto'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import type { Deps, Endpoint, Feature, Page } from '#features/feature.ts'
import { formToken, tokenField } from '#platform/http/form-token.ts'
import { UndeclaredCookieError } from '#platform/http/response.ts'
import type { Language } from '#platform/i18n/translate.ts'
import { noticeHash } from '#register/notice/notice.ts'
import type { RunningTenant } from '#register/register.ts'
import { formKeysOf } from '../form-keys.ts'
import { createServer } from '../server.ts'
import { watchAnswers } from './answers.ts'
import { CanaryFault, proxy, typed, typedElsewhere, withCanaries, withTyped } from './canaries.ts'
import type { Difference } from './difference.ts'
import { failingFeature, formType, shapesAt } from './shapes.ts'
import { watchWritten } from './witness.ts'

/** Sources of a page that a browser would load by itself, or send a form to. */
const sourcesIn = (html: string): string[] =>
  [
    ...html.matchAll(
      /<(?:script|link|img|iframe|form|source|audio|video|object|embed)\b[^>]*?\s(?:src|href|action|data)="([^"]*)"/g,
    ),
  ].map(([, address = '']) => address)

const isOwn = (address: string): boolean =>
  (address.startsWith('/') && !address.startsWith('//')) || address.startsWith('data:')

/** `dropped`: names of cookies that the server kept back, as nobody declares them. */
const compareAnswer = (
  running: RunningTenant,
  url: string,
  { statusCode: status, headers, body }: LightMyRequestResponse,
  dropped: readonly string[],
): Difference[] => [
  ...(status >= 500 ? [{ message: `${url} answers with ${status}`, remedy: 'see the fault on standard error' }] : []),
  ...dropped.map((name) => ({
    message: `${url} sets the cookie ${name}, which ${running.tenant.slug} does not declare`,
    remedy: 'declare it under an activity, or remove what sets it',
  })),
  ...sourcesIn(String(headers['content-type']).startsWith('text/html') ? body : '')
    .filter((address) => !isOwn(address))
    .map((address) => ({
      message: `${url} loads from or sends to ${address}, and no recipient is declared for that`,
      remedy: 'serve it from this installation, or remove it',
    })),
]

/** The tenants as they are once this has been published, without publishing it; of a tenant that has never run here, the
 *  forms are signed with keys that nothing else knows. */
const asIfPublished = (deps: Deps): Deps => {
  const running = [...deps.register.running.values()]
  return {
    ...deps,
    inForce: new Map(
      running.map((each) => [each.tenant.slug, { hash: noticeHash(each), effectiveFrom: each.tenant.effectiveFrom }]),
    ),
    formKeys: new Map(
      running.map(({ tenant: { slug } }) => [slug, deps.formKeys.get(slug) ?? [createSecretKey(deps.random(32))]]),
    ),
  }
}

/** Asks a server of its own, made like the real one, for every page that needs no capability, in every language, and sends
 *  every such form with nothing typed into its fields, which stores nothing; so, too, every such address for programs, and
 *  at one tenant what looks alike at all of them. Every request carries canaries. Holds the answers, and what they would
 *  leave in logs and counts, against the register. Nothing of it is logged or counted. */
export const comparePages = async (
  given: Deps,
  features: readonly Feature[],
  clientDir: string,
): Promise<Difference[]> => {
  const all = [...features, failingFeature]
  const written = watchWritten(all)
  let dropped: readonly string[] = []
  const log = {
    ...given.log,
    access: written.access,
    fault: (where: string, error: unknown) => {
      written.fault(where, error)
      if (error instanceof UndeclaredCookieError) dropped = error.names
      else if (!(error instanceof CanaryFault)) given.log.fault(where, error)
    },
  }
  const config = { ...given.config, trustedProxies: [proxy], metricsToken: typed.link }
  const deps = { ...asIfPublished(given), config, log, pageCounts: written.pageCounts }
  const app = await createServer(deps, all, clientDir, undefined, written.requests)
  let turn = 0
  const inject = (request: InjectOptions) => app.inject(withCanaries(request, turn++))
  const pages = features.flatMap((feature) => feature.pages).filter(({ route }) => !route.path.includes(':'))
  const ask = ({ method, route }: Page, { tenant: { slug } }: RunningTenant, language: Language) => {
    const url = route.href({ slug, language }, {})
    if (method === 'GET') return inject({ method, url: withTyped(url) })
    const form = { [tokenField]: formToken(formKeysOf(deps, slug), slug), ...typedElsewhere }
    return inject({ method, url, payload: new URLSearchParams(form).toString(), headers: { 'content-type': formType } })
  }
  const endpoints = features.flatMap(({ endpoints = [] }) => endpoints).filter(({ route }) => !route.path.includes(':'))
  const askAsProgram = ({ method, route }: Endpoint, { tenant: { slug } }: RunningTenant) => {
    const url = route.href({ slug, language: 'de' }, {})
    return method === 'POST' ? inject({ method, url, payload: {} }) : inject({ method, url })
  }
  const compareAround = watchAnswers(config.publicUrl.startsWith('https:'))
  try {
    const found: Difference[] = []
    for (const running of deps.register.running.values()) {
      const { slug } = running.tenant
      const compare = async (method: Endpoint['method'], path: string, asked: ReturnType<typeof ask>) => {
        const answer = await asked
        const url = `${method === 'GET' ? '' : `${method} `}${path}`
        found.push(...compareAnswer(running, url, answer, dropped), ...compareAround(running, url, answer))
        dropped = []
      }
      for (const page of pages) {
        for (const language of running.tenant.languages)
          await compare(page.method, page.route.href({ slug, language }, {}), ask(page, running, language))
      }
      for (const endpoint of endpoints) {
        const { method, route } = endpoint
        await compare(method, route.href({ slug, language: 'de' }, {}), askAsProgram(endpoint, running))
      }
    }
    const [first] = deps.register.running.values()
    for (const { url, kind, ...request } of first ? shapesAt(deps, all, first) : [])
      if (first) found.push(...compareAround(first, url.split('?')[0] ?? url, await inject({ url, ...request }), kind))
    return [...found, ...written.compare(deps.register.running.values())]
  } finally {
    await app.close()
  }
}
