import { createSecretKey } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { type Endpoint, type Feature, type Page, worksFor } from '#features/feature.ts'
import { tokenField, tokenHeader } from '#platform/http/form-token.ts'
import type { Method, PageOptions, TakenBody } from '#platform/http/page-options.ts'
import { UndeclaredCookieError } from '#platform/http/response.ts'
import type { Language } from '#platform/i18n/translate.ts'
import type { Limits } from '#platform/limits/limits.ts'
import { cookiesOf } from '#register/device.ts'
import { noticeHash } from '#register/notice/notice.ts'
import { getActivity, type RunningTenant } from '#register/register.ts'
import type { AppDeps } from '../deps.ts'
import { answerPages, neededFor } from '../guards.ts'
import { createServer } from '../server.ts'
import { bodyOf } from '../taken-body.ts'
import { watchAnswers } from './answers.ts'
import { askDirectly, called, emptyForm, type Heard, listPlain, overheard, wantsMore } from './ask.ts'
import { CanaryFault, proxy, typed, typedElsewhere, withCanaries, withTyped } from './canaries.ts'
import type { Difference } from './difference.ts'
import { type Answer, compareAnswer, failed, mayPass, unguarded } from './pages.ts'
import { failingFeature, formType, type Shape, shapesAt } from './shapes.ts'
import { watchWritten } from './witness.ts'

/** The doctor is one caller who asks for everything. */
const unlimited: Limits = {
  take: async () => ({ kind: 'taken' }),
  renew: async () => true,
  endOf: async () => null,
  giveBack: async () => {},
  secondsOfDay: () => 0,
  forgetPast: () => {},
}

/** What the server around the pages goes by, of all that a tenant declares: it asks nothing else of one. */
const shapeOf = (running: RunningTenant, features: readonly Feature[]): string =>
  JSON.stringify([
    features.filter((feature) => worksFor(feature, running)).map(({ name }) => name),
    running.tenant.languages,
    [...cookiesOf(running).values()].map(({ id, prefix, period }) => `${id} ${prefix} ${period}`).sort(),
    getActivity(running, 'web.delivery')
      .fields.map(({ id, store }) => `${id} ${store}`)
      .sort(),
  ])

/** How the doctor checks pages. `whole` has everything go through the server; otherwise one tenant of each shape
 *  does, with all its pages, and of the others the pages themselves are asked, and one of them through the server. What
 *  is wrong around the pages of one is wrong at all of its shape, so that it takes one without any difference. */
type PageCheck = {
  compare: (running: RunningTenant, how: 'whole' | 'byShape') => Promise<Difference[]>
  close: () => Promise<void>
}

/** What the server says besides its answer. */
const listening = (given: AppDeps, written: ReturnType<typeof watchWritten>) => {
  const heard: Heard & { dropped: readonly string[] } = { dropped: [], right: null, reached: false }
  const log: AppDeps['log'] = {
    ...given.log,
    access: written.access,
    fault: (where, error) => {
      written.fault(where, error)
      if (error instanceof UndeclaredCookieError) heard.dropped = error.names
      else if (!(error instanceof CanaryFault)) given.log.fault(where, error)
    },
  }
  return { heard, log }
}

/** A tenant as it is once this has been published, without publishing it; of one that has never run here, the forms are
 *  signed with keys that nothing else knows. */
const asIfPublished = (deps: AppDeps, given: AppDeps, running: RunningTenant): void => {
  const { slug, effectiveFrom } = running.tenant
  deps.inForce.set(slug, { hash: noticeHash(running), effectiveFrom })
  deps.formKeys.set(slug, given.formKeys.get(slug) ?? [createSecretKey(deps.random(32))])
}

/** Asks again what did not work for the moment, so many times in all: a machine without a free core has such moments, and
 *  an outage that stays is not waited for at every page. */
const patient = (times: number) => {
  let left = times
  return async <A extends { status: number }>(ask: () => Promise<A>): Promise<A> => {
    let answer = await ask()
    for (; left > 0 && mayPass(answer); left--) {
      await pause(500)
      answer = await ask()
    }
    return answer
  }
}

type Patient = ReturnType<typeof patient>

type Asked = {
  method: Method
  url: string
  payload?: string | object
  headers?: Record<string, string>
  /** What its caller has to have, and the doctor has not. */
  needed: string | null
  /** What its page declares of its answers. */
  options?: PageOptions
}

/** Asks the server, as a browser full of canaries does, and looks at what is around its answers. */
const askThrough = (
  app: FastifyInstance,
  heard: ReturnType<typeof listening>['heard'],
  { config, clock }: Pick<AppDeps, 'config' | 'clock'>,
) => {
  const compareAround = watchAnswers(config.publicUrl.startsWith('https:'), clock)
  let turn = 0
  const inject = (request: InjectOptions) => app.inject(withCanaries(request, turn++))
  return {
    through: async (
      running: RunningTenant,
      { needed, options, ...asked }: Asked,
      isRefusedAtOnce = false,
    ): Promise<Answer> => {
      heard.dropped = []
      heard.reached = false
      heard.right = isRefusedAtOnce ? 400 : null
      const response = await inject(asked)
      const { statusCode: status, headers, body } = response
      const url = called(asked.method, asked.url.split('?')[0] ?? '')
      const html = String(headers['content-type']).startsWith('text/html') ? body : ''
      const { right, dropped } = heard
      const letIn = heard.reached ? needed : null
      return {
        url,
        status,
        right,
        dropped,
        html,
        letIn,
        around: compareAround(running, url, response, 'answer', options),
      }
    },
    /** What looks alike at every tenant. */
    alike: async (shapes: readonly Shape[], running: RunningTenant, patiently: Patient): Promise<Difference[]> => {
      const found: Difference[] = []
      for (const { url, kind, fails, needed, options, ...request } of shapes) {
        heard.reached = false
        const { status, response } = await patiently(async () => {
          const response = await inject({ url, ...request })
          return { status: response.statusCode, response }
        })
        const path = url.split('?')[0] ?? url
        found.push(...compareAround(running, path, response, kind, options))
        if (needed && heard.reached) found.push(unguarded(path, needed))
        if (status >= 500 && !fails) found.push(failed(path, status))
      }
      return found
    },
  }
}

/** Nothing at all, as a page takes it; and whether it is refused before it gets to the page. */
const emptyBody = (body: TakenBody, form: Readonly<Record<string, string>>) => {
  const asForm = { payload: new URLSearchParams({ ...form, ...typedElsewhere }).toString(), type: formType }
  if (body === 'form') return { ...asForm, isRefused: false }
  if ('json' in body) return { payload: '{}', type: 'application/json', isRefused: !body.json.safeParse({}).success }
  if ('raw' in body) return { payload: '', type: body.raw.types[0] ?? '', isRefused: false }
  const parts = Object.entries(form).map(
    ([name, value]) => `--x\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  return { payload: `${parts.join('')}--x--\r\n`, type: 'multipart/form-data; boundary=x', isRefused: false }
}

const formOf = (deps: AppDeps, page: Page, slug: string, language: Language): { asked: Asked; isRefused: boolean } => {
  const { method, route } = page
  const declared = { needed: neededFor(page), options: page }
  const url = route.href({ slug, language }, {})
  if (method === 'GET') return { asked: { method, url: withTyped(url), ...declared }, isRefused: false }
  const form = emptyForm(deps, slug)
  const { payload, type, isRefused } = emptyBody(bodyOf(page), form)
  const headers = { 'content-type': type, [tokenHeader]: form[tokenField] ?? '' }
  return { asked: { method, url, payload, headers, ...declared }, isRefused }
}

/** Everything there is to ask at one tenant: all of it through the server (`isWhole`), or the pages themselves and one of
 *  them through the server. */
const questions = (
  deps: AppDeps,
  features: readonly Feature[],
  { directly, through }: { directly: ReturnType<typeof askDirectly> } & Pick<ReturnType<typeof askThrough>, 'through'>,
) => {
  const pageThrough = (page: Page, running: RunningTenant, language: Language) => () => {
    const { asked, isRefused } = formOf(deps, page, running.tenant.slug, language)
    return through(running, asked, isRefused)
  }
  const endpointThrough = (endpoint: Endpoint, running: RunningTenant) => () => {
    const { method, route } = endpoint
    const url = route.href({ slug: running.tenant.slug, language: 'de' }, {})
    const asked = { method, url, needed: neededFor(endpoint), ...(method === 'POST' ? { payload: {} } : {}) }
    return through(running, asked, wantsMore(endpoint))
  }
  return (running: RunningTenant, isWhole: boolean): (() => Promise<Answer>)[] => {
    const { languages } = running.tenant
    const { pages, endpoints } = listPlain(features, running)
    const inAll = (ask: (page: Page, language: Language) => () => Promise<Answer>) =>
      pages.flatMap((page) => languages.map((language) => ask(page, language)))
    if (isWhole)
      return [
        ...inAll((page, language) => pageThrough(page, running, language)),
        ...endpoints.map((each) => endpointThrough(each, running)),
      ]
    return [
      ...inAll((page, language) =>
        bodyOf(page) === 'form' ? () => directly.page(page, running, language) : pageThrough(page, running, language),
      ),
      ...endpoints.filter((each) => !wantsMore(each)).map((each) => () => directly.endpoint(each, running)),
      ...pages.slice(0, 1).map((page) => pageThrough(page, running, 'de')),
    ]
  }
}

/** Opens a server of its own, made like the real one, to ask it for every page whose address has no variable part, in every
 *  language, and to send every such form with nothing typed into its fields, which stores nothing; so, too, every such
 *  address for programs, and what looks alike at all tenants, until one of them is without any difference. Every request carries canaries. The
 *  answers, and what they would leave in logs and counts, are held against the register. Nothing of it is logged or
 *  counted. */
export const openPageCheck = async (
  given: AppDeps,
  features: readonly Feature[],
  clientDir: string,
): Promise<PageCheck> => {
  const all = [...features, failingFeature]
  const written = watchWritten(all)
  const { heard, log } = listening(given, written)
  const config = { ...given.config, trustedProxies: [proxy], metricsToken: typed.link }
  const own = { config, limits: unlimited, pageCounts: written.pageCounts, inForce: new Map(), formKeys: new Map() }
  const deps: AppDeps = { ...given, ...own, log }
  const listened = overheard(all, heard)
  const options = { forVisitors: false, requests: written.requests }
  const app = await createServer(deps, listened, clientDir, options)
  const { through, alike } = askThrough(app, heard, deps)
  const directly = askDirectly(deps, heard, answerPages(listened))
  const everything = questions(deps, overheard(features, heard), { directly, through })
  const seen = new Set<string>()
  const seenAlike = new Set<Feature>()
  return {
    compare: async (running, how) => {
      asIfPublished(deps, given, running)
      const shape = shapeOf(running, all)
      const patiently = patient(4)
      const found: Difference[] = []
      for (const ask of everything(running, how === 'whole' || !seen.has(shape)))
        found.push(...compareAnswer(running, await patiently(ask)))
      const unseen = all.filter((feature) => worksFor(feature, running) && !seenAlike.has(feature))
      if (unseen.length > 0) found.push(...(await alike(shapesAt(deps, unseen, running), running, patiently)))
      found.push(...written.compare(running))
      if (found.length > 0) return found
      seen.add(shape)
      for (const feature of unseen) seenAlike.add(feature)
      return found
    },
    close: () => app.close(),
  }
}
