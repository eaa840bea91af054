import type { InjectOptions } from 'fastify'
import { get } from '#features/addresses.ts'
import type { Feature, Page } from '#features/feature.ts'
import type { PageOptions } from '#platform/http/page-options.ts'
import { base, openApi, route } from '#platform/http/routes.ts'
import type { RunningTenant } from '#register/register.ts'
import type { AppDeps } from '../deps.ts'
import { neededFor, pagesOf } from '../guards.ts'
import { CanaryFault, typed, typedElsewhere, withTyped } from './canaries.ts'
import type { Kind } from './policy.ts'

/** How a browser sends a form. */
export const formType = 'application/x-www-form-urlencoded'

/** One request, and what its answer is. */
export type Shape = InjectOptions & {
  url: string
  kind: Kind
  /** Whether it is the page that fails. */
  fails?: true
  /** What its caller has to have, and the doctor has not. */
  needed?: string | null
  /** What its page declares of its answers. */
  options?: PageOptions
}

const failing = route('/kanarienvogel')

/** What only the doctor's server has: a page that fails, with values of people in its error. */
export const failingFeature: Feature = {
  name: 'doctor',
  needs: [],
  pages: [
    get(failing, {
      access: 'public',
      show: async () => {
        throw new CanaryFault()
      },
    }),
  ],
}

type Method = NonNullable<InjectOptions['method']>

const ask = (method: Method, url: string, more: InjectOptions = {}, kind: Kind = 'answer'): Shape => ({
  ...more,
  method,
  url,
  kind,
})

/** The page of a link that leads nowhere: every parameter is a canary. */
const behindLink = (page: Page, slug: string): Shape => {
  const { names, href } = page.route
  const url = href({ slug, language: 'de' }, Object.fromEntries(names.map((name) => [name, typed.link])))
  return { ...ask('GET', url), needed: neededFor(page), options: page }
}

/** What looks alike at every tenant and is therefore asked at one of them: pages behind links, pages that say what went
 *  wrong, files, addresses of the installation. */
export const shapesAt = ({ assets }: AppDeps, features: readonly Feature[], running: RunningTenant): Shape[] => {
  const { slug } = running.tenant
  const start = `${base({ slug, language: 'de' })}/`
  const pages = pagesOf(features)
  const page = pages.find(({ method, body }) => method === 'POST' && body === undefined)
  const form = { 'content-type': formType, origin: 'https://elsewhere.example' }
  return [
    ...pages
      .filter(({ method, route: { names } }) => method === 'GET' && names.length > 0)
      .map((each) => behindLink(each, slug)),
    { ...ask('GET', withTyped(failing.href({ slug, language: 'de' }, {}))), fails: true },
    ask('GET', withTyped(`${start}${typed.link}/${encodeURIComponent(typed.email)}`)),
    ask('PUT', withTyped(start)),
    ask('HEAD', withTyped(start)),
    ...(page
      ? [
          ask('POST', page.route.href({ slug, language: 'de' }, {}), {
            headers: form,
            payload: new URLSearchParams(typedElsewhere).toString(),
          }),
        ]
      : []),
    ask('GET', `${base({ slug, language: 'de' })}${openApi.ofTenant}`),
    ask('GET', `${openApi.ofAll}/${typed.link}`),
    ask('GET', withTyped('/')),
    ask('GET', `/${typed.link}`),
    ask('GET', '/healthz'),
    ask('GET', '/metrics'),
    ask('GET', assets.script, {}, 'file'),
    ask('GET', `/assets/${typed.link}.js`),
  ]
}
