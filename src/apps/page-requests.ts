import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Feature, Page } from '#features/feature.ts'
import { ownOrigins } from '#platform/http/address.ts'
import { firstOf } from '#platform/http/body.ts'
import {
  type FormKeys,
  formToken,
  isFormToken,
  isSameSite,
  tokenField,
  tokenHeader,
} from '#platform/http/form-token.ts'
import { base } from '#platform/http/routes.ts'
import { type Language, languages } from '#platform/i18n/translate.ts'
import type { RunningTenant } from '#register/register.ts'
import { logAccess } from './access-line.ts'
import { type Around, type SendResponse, sendResponses } from './answering.ts'
import { commonContext } from './context.ts'
import { sentCookies } from './cookies.ts'
import type { AppDeps } from './deps.ts'
import { formKeysOf, learnFormKeys } from './form-keys.ts'
import { answerPages, pagesOf, type Whose } from './guards.ts'
import { faultOfOptions } from './headers.ts'
import { type Inputs, pathOf } from './inputs.ts'
import { addBodies, bodyOf, kindOfBody, mostBytes, takeBody } from './taken-body.ts'

/* From a request to the handler of its page: whose page it is, what was sent, whether one of our forms sent it. */

/** What answering a page takes besides its handler. */
type Answering = Around & { inputs: Inputs }

const isSafe = ({ method }: Page): boolean => method === 'GET'

/** The keys under which a request proves that one of our forms sent it; null when none does. Another server may have
 *  signed with a key that this one does not know yet. */
const provenBy = async (deps: AppDeps, running: RunningTenant, token: string | undefined): Promise<FormKeys | null> => {
  const { slug } = running.tenant
  const known = formKeysOf(deps, slug)
  if (isFormToken(known, slug, token)) return known
  const learned = await learnFormKeys(deps, running)
  return isFormToken(learned, slug, token) ? learned : null
}

const tokenIn = (request: FastifyRequest, form: Readonly<Record<string, string>>): string | undefined => {
  const header = request.headers[tokenHeader]
  return typeof header === 'string' ? header : form[tokenField]
}

/** Answers one page. What is still to come of a body that its page has not read is not waited for. */
const answerOne = (
  deps: AppDeps,
  { inputs, sendProblem }: Answering,
  send: SendResponse,
  answerPage: ReturnType<typeof answerPages>,
) => {
  const answer = async (
    page: Whose<Page>,
    language: Language,
    running: RunningTenant,
    request: FastifyRequest,
    reply: FastifyReply,
  ) => {
    const { slug } = running.tenant
    const query = inputs.query(running, request)
    if (!isSafe(page) && !isSameSite(request.headers, ownOrigins(deps.config.publicUrl, request)))
      return sendProblem(request, reply, 'notOurForm')
    const { sent, body, stop } = await takeBody(bodyOf(page), request, inputs.names(running))
    try {
      const form = firstOf(sent)
      const formKeys = isSafe(page) ? formKeysOf(deps, slug) : await provenBy(deps, running, tokenIn(request, form))
      if (formKeys === null) return sendProblem(request, reply, 'notOurForm')
      const response = await answerPage(page, {
        ...commonContext(deps, running, request, language),
        method: page.method,
        query: firstOf(query),
        form,
        all: (name: string) => (isSafe(page) ? query : sent)[name] ?? [],
        body,
        cookies: sentCookies(deps, running, request),
        formKeys,
        formToken: formToken(formKeys, slug),
        path: pathOf(request, query),
      })
      if (response.kind === 'notFound') return sendProblem(request, reply, 'notFound')
      return await send(page, running, request, reply, response)
    } finally {
      stop()
    }
  }
  return (page: Whose<Page>, language: Language) => async (request: FastifyRequest, reply: FastifyReply) => {
    const { tenant: slug = '' } = request.params as Record<string, string>
    const running = deps.register.running.get(slug)
    if (!running) return sendProblem(request, reply, deps.register.quarantined.has(slug) ? 'closed' : 'notFound')
    if (!deps.inForce.has(slug)) return sendProblem(request, reply, 'starting')
    if (!running.tenant.languages.includes(language) || !page.isAt(running))
      return sendProblem(request, reply, 'notFound')
    return answer(page, language, running, request, reply)
  }
}

/** Adds every page in every language: those that take the same kind of body together, as nothing else is read there.
 *  @throws where a page declares what it cannot have */
export const addPages = async (
  app: FastifyInstance,
  deps: AppDeps,
  features: readonly Feature[],
  answering: Answering,
): Promise<void> => {
  const faults = pagesOf(features).flatMap((page) => {
    const fault = faultOfOptions(page)
    return fault === null ? [] : [`${page.method} ${page.route.path} ${fault}`]
  })
  if (faults.length > 0) throw new Error(faults.join(', '))
  const answer = answerOne(deps, answering, sendResponses(deps, answering), answerPages(features))
  const onResponse = logAccess(deps)
  for (const [kind, pages] of Map.groupBy(pagesOf(features), (page) => kindOfBody(bodyOf(page)))) {
    await app.register(async (scope) => {
      if (kind !== 'form') addBodies(scope, kind)
      for (const language of languages) {
        for (const page of pages) {
          const url = base({ slug: ':tenant', language }) + page.route.path
          const { method, cache } = page
          const options = { bodyLimit: mostBytes(bodyOf(page)), config: { cache } }
          scope.route({ ...options, method, url, handler: answer(page, language), onResponse })
        }
      }
    })
  }
}
