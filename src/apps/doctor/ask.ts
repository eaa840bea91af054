import { isRefusal } from '#features/endpoint.ts'
import type { Context, Endpoint, Feature, Guards, Page } from '#features/feature.ts'
import { apiProblemOf, apiProblemStatus } from '#platform/http/api-problem.ts'
import { formToken, tokenField } from '#platform/http/form-token.ts'
import type { Method } from '#platform/http/page-options.ts'
import { problemOf, problemStatus } from '#platform/http/problem.ts'
import type { Response } from '#platform/http/response.ts'
import type { Language } from '#platform/i18n/translate.ts'
import { cookiesOf } from '#register/device.ts'
import type { RunningTenant } from '#register/register.ts'
import { commonContext } from '../context.ts'
import type { AppDeps } from '../deps.ts'
import { formKeysOf } from '../form-keys.ts'
import { type AnswerPage, answerEndpoint, endpointsOf, neededFor, pagesOf, type Whose } from '../guards.ts'
import type { Answer } from './pages.ts'

/** Pages and addresses for programs that a tenant has and that can be asked for from outside, as nothing in them varies;
 *  those, too, for which somebody has to have something: what they answer to who has not. */
export const listPlain = (features: readonly Feature[], running: RunningTenant) => {
  const isPlain = ({ route, isAt }: Whose<Page | Endpoint>) => route.names.length === 0 && isAt(running)
  return { pages: pagesOf(features).filter(isPlain), endpoints: endpointsOf(features).filter(isPlain) }
}

/** What a page is asked with: nothing typed, in a form of ours. */
export const emptyForm = (deps: AppDeps, slug: string): Record<string, string> => ({
  [tokenField]: formToken(formKeysOf(deps, slug), slug),
})

/** How an answer is called where it is told of. */
export const called = (method: Method, url: string): string => (method === 'GET' ? url : `${method} ${url}`)

const statusOf = (response: Response): number => {
  if (response.kind === 'notFound') return 404
  if (response.kind === 'redirect') return 303
  return 'status' in response ? response.status : 200
}

/** What is heard of one answer: the status that the page itself gave, or its guard; null when something else answered in
 *  its place. `reached`: whether its handler was called, past its guard. */
export type Heard = { right: number | null; reached: boolean }

/** Runs what answers, and notes what it answers. */
const noting = async <T>(
  heard: Heard,
  statusOf: (answer: T) => number,
  failed: (error: unknown) => number,
  answer: () => Promise<T>,
) => {
  try {
    const given = await answer()
    heard.right = statusOf(given)
    return given
  } catch (error) {
    heard.right = failed(error)
    throw error
  }
}

const overheardPage = (heard: Heard, page: Page): Page => {
  const note = (answer: () => Promise<Response>) =>
    noting(heard, statusOf, (error) => problemStatus[problemOf(error, page.method)], answer)
  const { access, handler } = page
  return {
    ...page,
    access:
      typeof access === 'object' && access.kind === 'link'
        ? { ...access, admit: (context, go) => note(() => access.admit(context, go)) }
        : access,
    handler: (context) => {
      heard.reached = true
      return note(() => handler(context))
    },
  }
}

const overheardEndpoint = (heard: Heard, endpoint: Endpoint): Endpoint => {
  const statusOf = (outcome: unknown) => (isRefusal(outcome) ? apiProblemStatus[outcome.problem] : endpoint.status)
  const note = <T>(answer: () => Promise<T>) =>
    noting(heard, statusOf, (error) => apiProblemStatus[apiProblemOf(error, endpoint.method)], answer)
  const { access, handler } = endpoint
  return {
    ...endpoint,
    access:
      access === 'public'
        ? access
        : { ...access, admit: (context, given, go) => note(() => access.admit(context, given, go)) },
    handler: (...given) => {
      heard.reached = true
      return note(() => handler(...given))
    },
  }
}

const overheardGuards = (heard: Heard, { account, staff }: Guards): Guards => {
  const note = (answer: () => Promise<Response>) =>
    noting(heard, statusOf, (error) => problemStatus[problemOf(error, 'GET')], answer)
  return {
    ...(account && { account: (context, go) => note(() => account(context, go)) }),
    ...(staff && { staff: (context, go) => note(() => staff(context, go)) }),
  }
}

/** The same features; each page and address, and each guard before it, notes in `heard` what it answers itself. */
export const overheard = (features: readonly Feature[], heard: Heard): Feature[] =>
  features.map((feature) => ({
    ...feature,
    pages: feature.pages.map((page) => overheardPage(heard, page)),
    ...(feature.endpoints && { endpoints: feature.endpoints.map((each) => overheardEndpoint(heard, each)) }),
    ...(feature.guards && { guards: overheardGuards(heard, feature.guards) }),
  }))

/** Whether a program has to say more than nothing, so that it is refused before its request gets anywhere. */
export const wantsMore = ({ query, body }: Endpoint): boolean =>
  !query.safeParse({}).success || (body !== null && !body.safeParse({}).success)

type Asking = Pick<Context, 'method' | 'path'>

const contextOf = (deps: AppDeps, running: RunningTenant, language: Language, asking: Asking) => {
  const { slug } = running.tenant
  const form = emptyForm(deps, slug)
  return {
    ...commonContext(deps, running, { params: { tenant: slug }, ip: '127.0.0.1' }, language),
    query: {},
    form,
    all: () => [],
    body: undefined,
    cookies: {},
    formKeys: formKeysOf(deps, slug),
    formToken: form[tokenField] ?? '',
    ...asking,
  }
}

/** Asks pages and addresses for programs themselves, without the server around them: the same for every tenant of a shape,
 *  and half of what asking costs. */
export const askDirectly = (deps: AppDeps, heard: Heard, answerPage: AnswerPage) => {
  const begin = (asked: Page | Endpoint, url: string) => {
    heard.reached = false
    return () => ({ url, dropped: [], html: '', around: [], letIn: heard.reached ? neededFor(asked) : null })
  }
  const failing = (url: string, status: number, error: unknown): number => {
    if (status >= 500) deps.log.fault(url, error)
    return status
  }
  return {
    page: async (page: Page, running: RunningTenant, language: Language): Promise<Answer> => {
      const { method, route } = page
      const { slug } = running.tenant
      const path = route.href({ slug, language }, {})
      const url = called(method, path)
      const answer = begin(page, url)
      try {
        const response = await answerPage(page, contextOf(deps, running, language, { method, path }))
        const status = statusOf(response)
        const declared = cookiesOf(running)
        const cookies = 'cookies' in response ? Object.keys(response.cookies ?? {}) : []
        const dropped = cookies.filter((name) => !declared.has(name))
        return { ...answer(), status, right: status, dropped, html: response.kind === 'page' ? response.html : '' }
      } catch (error) {
        const status = failing(url, problemStatus[problemOf(error, method)], error)
        return { ...answer(), status, right: status }
      }
    },
    endpoint: async (endpoint: Endpoint, running: RunningTenant): Promise<Answer> => {
      const { slug } = running.tenant
      const path = endpoint.route.href({ slug, language: 'de' }, {})
      const url = called(endpoint.method, path)
      const context = contextOf(deps, running, 'de', { method: 'GET', path })
      const given = { query: endpoint.query.parse({}), body: endpoint.body?.parse({}) }
      const answer = begin(endpoint, url)
      try {
        const outcome = await answerEndpoint(endpoint, { ...context, bearer: undefined }, given)
        const status = isRefusal(outcome) ? apiProblemStatus[outcome.problem] : endpoint.status
        return { ...answer(), status, right: status }
      } catch (error) {
        const status = failing(url, apiProblemStatus[apiProblemOf(error, endpoint.method)], error)
        return { ...answer(), status, right: status }
      }
    },
  }
}
