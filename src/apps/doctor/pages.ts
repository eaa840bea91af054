import { createSecretKey } from 'node:crypto'
import type { Deps, Endpoint, Feature, Page } from '#features/feature.ts'
import { formToken, tokenField } from '#platform/http/form-token.ts'
import { anyPace } from '#platform/http/pace.ts'
import { memoryPageCounts } from '#platform/http/page-counts.ts'
import { UndeclaredCookieError } from '#platform/http/response.ts'
import type { Language } from '#platform/i18n/translate.ts'
import type { AccessLine } from '#platform/log.ts'
import { noticeHash } from '#register/notice/notice.ts'
import { getActivity, type RunningTenant } from '#register/register.ts'
import { formKeysOf } from '../form-keys.ts'
import { contentSecurityPolicy, createServer } from '../server.ts'
import type { Difference } from './difference.ts'

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
type Answer = { url: string; status: number; dropped: readonly string[]; policy: string; html: string }

const compareAnswer = (running: RunningTenant, { url, status, dropped, policy, html }: Answer): Difference[] => [
  ...(status >= 500 ? [{ message: `${url} answers with ${status}`, remedy: 'see the fault on standard error' }] : []),
  ...dropped.map((name) => ({
    message: `${url} sets the cookie ${name}, which ${running.tenant.slug} does not declare`,
    remedy: 'declare it under an activity, or remove what sets it',
  })),
  ...(policy === contentSecurityPolicy
    ? []
    : [
        {
          message: `${url} has another Content-Security-Policy than the register gives`,
          remedy: `expected: ${contentSecurityPolicy}`,
        },
      ]),
  ...sourcesIn(html)
    .filter((address) => !isOwn(address))
    .map((address) => ({
      message: `${url} loads from or sends to ${address}, and no recipient is declared for that`,
      remedy: 'serve it from this installation, or remove it',
    })),
]

const compareLog = (running: RunningTenant, line: AccessLine): Difference[] => {
  const declared = getActivity(running, 'web.delivery')
    .fields.filter(({ store }) => store === 'log')
    .map(({ id }) => id)
  const written = Object.keys(line)
  return [
    ...written
      .filter((field) => !declared.includes(field))
      .map((field) => ({
        message: `the access log of ${running.tenant.slug} holds '${field}', which web.delivery does not declare`,
        remedy: "declare it with 'store: log', or stop writing it",
      })),
    ...declared
      .filter((field) => !written.includes(field))
      .map((field) => ({
        message: `web.delivery of ${running.tenant.slug} declares '${field}' for the access log, where nothing writes it`,
        remedy: 'remove it from the activity',
      })),
  ]
}

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
 *  every such form with nothing typed into it, which stores nothing; so, too, every such address for programs. Holds the
 *  answers and the log line they leave against the register. Nothing of it is logged or counted. */
export const comparePages = async (
  given: Deps,
  features: readonly Feature[],
  clientDir: string,
): Promise<Difference[]> => {
  const lines = new Map<string, AccessLine>()
  let dropped: readonly string[] = []
  const log = {
    ...given.log,
    access: (slug: string, line: AccessLine) => void lines.set(slug, line),
    fault: (where: string, error: unknown) => {
      if (error instanceof UndeclaredCookieError) dropped = error.names
      else given.log.fault(where, error)
    },
  }
  const deps = { ...asIfPublished(given), log, pageCounts: memoryPageCounts() }
  const app = await createServer(deps, features, clientDir, undefined, undefined, anyPace)
  const pages = features.flatMap((feature) => feature.pages).filter(({ route }) => !route.path.includes(':'))
  const ask = ({ method, route }: Page, { tenant: { slug } }: RunningTenant, language: Language) => {
    const url = route.href({ slug, language }, {})
    if (method === 'GET') return app.inject(url)
    const payload = new URLSearchParams({ [tokenField]: formToken(formKeysOf(deps, slug), slug) }).toString()
    return app.inject({ method, url, payload, headers: { 'content-type': 'application/x-www-form-urlencoded' } })
  }
  const endpoints = features.flatMap(({ endpoints = [] }) => endpoints).filter(({ route }) => !route.path.includes(':'))
  const askAsProgram = ({ method, route }: Endpoint, { tenant: { slug } }: RunningTenant) => {
    const url = route.href({ slug, language: 'de' }, {})
    return method === 'POST' ? app.inject({ method, url, payload: {} }) : app.inject({ method, url })
  }
  try {
    const found: Difference[] = []
    for (const running of deps.register.running.values()) {
      const { slug } = running.tenant
      const compare = async (method: Endpoint['method'], url: string, asked: ReturnType<typeof ask>) => {
        const { statusCode, headers, body } = await asked
        const answer = {
          url: `${method === 'GET' ? '' : `${method} `}${url}`,
          status: statusCode,
          dropped,
          policy: String(headers['content-security-policy']),
          html: String(headers['content-type']).startsWith('text/html') ? body : '',
        }
        found.push(...compareAnswer(running, answer))
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
      const line = lines.get(slug)
      if (line) found.push(...compareLog(running, line))
    }
    return found
  } finally {
    await app.close()
  }
}
