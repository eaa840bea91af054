import { isRefusal } from '#features/endpoint.ts'
import { type Context, type Endpoint, type Feature, type Page, worksFor } from '#features/feature.ts'
import { apiProblemOf, apiProblemStatus } from '#platform/http/api-problem.ts'
import { formToken, tokenField } from '#platform/http/form-token.ts'
import { problemOf, problemStatus } from '#platform/http/problem.ts'
import type { Response } from '#platform/http/response.ts'
import type { Language } from '#platform/i18n/translate.ts'
import { cookiesOf, type RunningTenant } from '#register/register.ts'
import { commonContext } from '../context.ts'
import type { AppDeps } from '../deps.ts'
import { formKeysOf } from '../form-keys.ts'
import type { Answer } from './pages.ts'

/** Pages and addresses for programs that a tenant has and that need no capability, so that they can be asked for from
 *  outside. */
export const listOpen = (
  features: readonly Feature[],
  running: RunningTenant,
): { pages: Page[]; endpoints: Endpoint[] } => {
  const own = features.filter((feature) => worksFor(feature, running))
  return {
    pages: own.flatMap(({ pages }) => pages).filter(({ route }) => !route.path.includes(':')),
    endpoints: own.flatMap(({ endpoints = [] }) => endpoints).filter(({ route }) => !route.path.includes(':')),
  }
}

/** What a page is asked with: nothing typed, in a form of ours. */
export const emptyForm = (deps: AppDeps, slug: string): Record<string, string> => ({
  [tokenField]: formToken(formKeysOf(deps, slug), slug),
})

/** How an answer is called where it is told of. */
export const called = (method: Endpoint['method'], url: string): string => (method === 'GET' ? url : `${method} ${url}`)

const statusOf = (response: Response): number => {
  if (response.kind === 'notFound') return 404
  return response.kind === 'redirect' ? 303 : response.status
}

/** The same features; each page and address says to `note` what it answers itself. */
export const overheard = (features: readonly Feature[], note: (status: number) => void): Feature[] => {
  const page = (each: Page): Page => ({
    ...each,
    handler: async (context) => {
      try {
        const response = await each.handler(context)
        note(statusOf(response))
        return response
      } catch (error) {
        note(problemStatus[problemOf(error, each.method)])
        throw error
      }
    },
  })
  const endpoint = (each: Endpoint): Endpoint => ({
    ...each,
    handler: async (...given) => {
      try {
        const outcome = await each.handler(...given)
        note(isRefusal(outcome) ? apiProblemStatus[outcome.problem] : each.status)
        return outcome
      } catch (error) {
        note(apiProblemStatus[apiProblemOf(error, each.method)])
        throw error
      }
    },
  })
  return features.map((feature) => ({
    ...feature,
    pages: feature.pages.map(page),
    ...(feature.endpoints && { endpoints: feature.endpoints.map(endpoint) }),
  }))
}

/** Whether a program has to say more than nothing, so that it is refused before its request gets anywhere. */
export const wantsMore = ({ query, body }: Endpoint): boolean =>
  !query.safeParse({}).success || (body !== null && !body.safeParse({}).success)

type Asking = Pick<Context, 'method' | 'path'>

const contextOf = (deps: AppDeps, running: RunningTenant, language: Language, asking: Asking): Context => {
  const { slug } = running.tenant
  const form = emptyForm(deps, slug)
  return {
    ...commonContext(deps, running, { params: { tenant: slug }, ip: '127.0.0.1' }, language),
    query: {},
    form,
    all: () => [],
    cookies: {},
    formKeys: formKeysOf(deps, slug),
    formToken: form[tokenField] ?? '',
    ...asking,
  }
}

/** Asks a page itself, without the server around it: the same for every tenant of a shape, and half of what asking
 *  costs. */
export const askPage = async (
  deps: AppDeps,
  { method, route, handler }: Page,
  running: RunningTenant,
  language: Language,
): Promise<Answer> => {
  const { slug } = running.tenant
  const href = route.href({ slug, language }, {})
  const answer = { url: called(method, href), dropped: [], html: '', around: [] }
  try {
    const response = await handler(contextOf(deps, running, language, { method, path: href }))
    const status = statusOf(response)
    const declared = cookiesOf(running)
    const cookies = 'cookies' in response ? Object.keys(response.cookies ?? {}) : []
    return {
      ...answer,
      status,
      right: status,
      dropped: cookies.filter((name) => !declared.has(name)),
      html: response.kind === 'page' ? response.html : '',
    }
  } catch (error) {
    const status = problemStatus[problemOf(error, method)]
    if (status >= 500) deps.log.fault(answer.url, error)
    return { ...answer, status, right: status }
  }
}

/** The same of an address for programs. */
export const askEndpoint = async (deps: AppDeps, endpoint: Endpoint, running: RunningTenant): Promise<Answer> => {
  const { slug } = running.tenant
  const url = called(endpoint.method, endpoint.route.href({ slug, language: 'de' }, {}))
  const { formKeys, ...context } = contextOf(deps, running, 'de', { method: 'GET', path: url })
  const given = { query: endpoint.query.parse({}), body: endpoint.body?.parse({}) }
  const answer = { url, dropped: [], html: '', around: [] }
  try {
    const outcome = await endpoint.handler({ ...context, formKeys, bearer: undefined }, given)
    const status = isRefusal(outcome) ? apiProblemStatus[outcome.problem] : endpoint.status
    return { ...answer, status, right: status }
  } catch (error) {
    const status = apiProblemStatus[apiProblemOf(error, endpoint.method)]
    if (status >= 500) deps.log.fault(url, error)
    return { ...answer, status, right: status }
  }
}
