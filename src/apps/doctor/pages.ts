import { createSecretKey } from 'node:crypto'
import type { Deps, Feature } from '#features/feature.ts'
import { memoryPageCounts } from '#platform/http/page-counts.ts'
import type { AccessLine } from '#platform/log.ts'
import { noticeHash } from '#register/notice/notice.ts'
import { cookiesOf, getActivity, type RunningTenant } from '#register/register.ts'
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

type Answer = { url: string; status: number; cookies: string[]; policy: string; html: string }

const compareAnswer = (running: RunningTenant, { url, status, cookies, policy, html }: Answer): Difference[] => [
  ...(status >= 500 ? [{ message: `${url} answers with ${status}`, remedy: 'see the fault on standard error' }] : []),
  ...cookies
    .filter((name) => !cookiesOf(running).has(name))
    .map((name) => ({
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

/** Asks a server of its own, made like the real one, for every page that needs no capability, and holds the answers and
 *  the log line they leave against the register. Nothing of it is logged or counted. */
export const comparePages = async (
  deps: Deps,
  features: readonly Feature[],
  clientDir: string,
): Promise<Difference[]> => {
  const lines = new Map<string, AccessLine>()
  const log = { ...deps.log, access: (slug: string, line: AccessLine) => void lines.set(slug, line) }
  const app = await createServer({ ...asIfPublished(deps), log, pageCounts: memoryPageCounts() }, features, clientDir)
  const routes = features
    .flatMap(({ pages }) => pages)
    .filter(({ method, route }) => method === 'GET' && !route.path.includes(':'))
    .map(({ route }) => route)
  try {
    const found: Difference[] = []
    for (const running of deps.register.running.values()) {
      const { slug } = running.tenant
      for (const route of routes) {
        const url = route.href({ slug, language: 'de' }, {})
        const { statusCode, headers, cookies, body } = await app.inject(url)
        found.push(
          ...compareAnswer(running, {
            url,
            status: statusCode,
            cookies: cookies.map(({ name }) => name),
            policy: String(headers['content-security-policy']),
            html: String(headers['content-type']).startsWith('text/html') ? body : '',
          }),
        )
      }
      const line = lines.get(slug)
      if (line) found.push(...compareLog(running, line))
    }
    return found
  } finally {
    await app.close()
  }
}
