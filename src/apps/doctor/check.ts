import { createSecretKey } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import type { Deps, Endpoint, Feature, Page } from '#features/feature.ts'
import type { Limits } from '#platform/http/limits.ts'
import { memoryPageCounts } from '#platform/http/page-counts.ts'
import { UndeclaredCookieError } from '#platform/http/response.ts'
import type { Language } from '#platform/i18n/translate.ts'
import type { AccessLine } from '#platform/log.ts'
import { noticeHash } from '#register/notice/notice.ts'
import { cookiesOf, getActivity, type RunningTenant } from '#register/register.ts'
import { createServer } from '../server.ts'
import { askEndpoint, askPage, called, emptyForm, listOpen, overheard, wantsMore } from './ask.ts'
import type { Difference } from './difference.ts'
import { type Answer, compareAnswer, compareLog, mayPass } from './pages.ts'

/** The doctor is one caller who asks for everything. */
const unlimited: Limits = { take: () => true, renew: () => {}, giveBack: () => {} }

/** What the server around the pages goes by, of all that a tenant declares: it asks nothing else of one. */
const shapeOf = (running: RunningTenant): string =>
  JSON.stringify([
    running.tenant.languages,
    [...cookiesOf(running).keys()].sort(),
    getActivity(running, 'web.delivery')
      .fields.map(({ id, store }) => `${id} ${store}`)
      .sort(),
  ])

/** How the doctor checks pages. `whole` has everything go through the server; otherwise one tenant of each shape
 *  does, with all its pages, and of the others the pages themselves are asked, and one of them through the server. */
type PageCheck = {
  compare: (running: RunningTenant, how: 'whole' | 'byShape') => Promise<Difference[]>
  close: () => Promise<void>
}

/** What the server says besides its answer. */
const listening = (given: Deps) => {
  const heard = { line: null as AccessLine | null, dropped: [] as readonly string[], right: null as number | null }
  const log: Deps['log'] = {
    ...given.log,
    access: (_slug, line) => {
      heard.line = line
    },
    fault: (where, error) => {
      if (error instanceof UndeclaredCookieError) heard.dropped = error.names
      else given.log.fault(where, error)
    },
  }
  return { heard, log }
}

/** A tenant as it is once this has been published, without publishing it; of one that has never run here, the forms are
 *  signed with keys that nothing else knows. */
const asIfPublished = (deps: Deps, given: Deps, running: RunningTenant): void => {
  const { slug, effectiveFrom } = running.tenant
  deps.inForce.set(slug, { hash: noticeHash(running), effectiveFrom })
  deps.formKeys.set(slug, given.formKeys.get(slug) ?? [createSecretKey(deps.random(32))])
}

/** Asks again what did not work for the moment, so many times in all: a machine without a free core has such moments, and
 *  an outage that stays is not waited for at every page. */
const patient = (times: number) => {
  let left = times
  return async (ask: () => Promise<Answer>): Promise<Answer> => {
    let answer = await ask()
    for (; left > 0 && mayPass(answer); left--) {
      await pause(500)
      answer = await ask()
    }
    return answer
  }
}

type Asked = { method: Endpoint['method']; url: string; payload?: string | object; headers?: Record<string, string> }

const askThrough =
  (app: FastifyInstance, heard: ReturnType<typeof listening>['heard']) =>
  async (asked: Asked, isRefusedAtOnce = false): Promise<Answer> => {
    heard.dropped = []
    heard.right = isRefusedAtOnce ? 400 : null
    const { statusCode: status, headers, body } = await app.inject(asked)
    const html = String(headers['content-type']).startsWith('text/html') ? body : ''
    const { right, dropped } = heard
    const policy = String(headers['content-security-policy'])
    return { url: called(asked.method, asked.url), status, right, dropped, policy, html }
  }

const formOf = (deps: Deps, { method, route }: Page, slug: string, language: Language): Asked => {
  const url = route.href({ slug, language }, {})
  if (method === 'GET') return { method, url }
  const payload = new URLSearchParams(emptyForm(deps, slug)).toString()
  return { method, url, payload, headers: { 'content-type': 'application/x-www-form-urlencoded' } }
}

/** Opens a server of its own, made like the real one, to ask it for every page that needs no capability, in every
 *  language, and to send every such form with nothing typed into it, which stores nothing; so, too, every such address for
 *  programs. The answers and the log line they leave are held against the register. Nothing of it is logged or
 *  counted. */
export const openPageCheck = async (
  given: Deps,
  features: readonly Feature[],
  clientDir: string,
): Promise<PageCheck> => {
  const { heard, log } = listening(given)
  const own = { limits: unlimited, pageCounts: memoryPageCounts(), inForce: new Map(), formKeys: new Map() }
  const deps: Deps = { ...given, ...own, log }
  const note = (status: number) => {
    heard.right = status
  }
  const app = await createServer(deps, overheard(features, note), clientDir, { forVisitors: false })
  const through = askThrough(app, heard)
  const { pages, endpoints } = listOpen(features)
  const seen = new Set<string>()

  const pageThrough = (page: Page, slug: string, language: Language) => () =>
    through(formOf(deps, page, slug, language))
  const endpointThrough = (endpoint: Endpoint, slug: string) => () => {
    const { method, route } = endpoint
    const url = route.href({ slug, language: 'de' }, {})
    return through(method === 'POST' ? { method, url, payload: {} } : { method, url }, wantsMore(endpoint))
  }
  const everything = (running: RunningTenant, isWhole: boolean): (() => Promise<Answer>)[] => {
    const { slug, languages } = running.tenant
    const inAll = (ask: (page: Page, language: Language) => () => Promise<Answer>) =>
      pages.flatMap((page) => languages.map((language) => ask(page, language)))
    if (isWhole)
      return [
        ...inAll((page, language) => pageThrough(page, slug, language)),
        ...endpoints.map((each) => endpointThrough(each, slug)),
      ]
    return [
      ...inAll((page, language) => () => askPage(deps, page, running, language)),
      ...endpoints.filter((each) => !wantsMore(each)).map((each) => () => askEndpoint(deps, each, running)),
      ...pages.slice(0, 1).map((page) => pageThrough(page, slug, 'de')),
    ]
  }
  return {
    compare: async (running, how) => {
      asIfPublished(deps, given, running)
      heard.line = null
      const shape = shapeOf(running)
      const patiently = patient(4)
      const found: Difference[] = []
      for (const ask of everything(running, how === 'whole' || !seen.has(shape)))
        found.push(...compareAnswer(running, await patiently(ask)))
      if (heard.line) found.push(...compareLog(running, heard.line))
      seen.add(shape)
      return found
    },
    close: () => app.close(),
  }
}
