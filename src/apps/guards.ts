import type { AccountOwner, StaffMember, Visitor } from '#features/actor.ts'
import {
  type ApiContext,
  type Context,
  type Endpoint,
  type Feature,
  type Guards,
  type NoParams,
  type Page,
  worksFor,
} from '#features/feature.ts'
import { notFound, type Response } from '#platform/http/response.ts'
import type { RunningTenant } from '#register/register.ts'

/* Who may ask for what: the one place in front of all handlers. */

/** `isAt`: whether a tenant has it. */
export type Whose<T> = T & { isAt: (running: RunningTenant) => boolean }

/** Every page of the product, with who may ask for it, and where: what server, doctor and tests go by. */
export const pagesOf = (features: readonly Feature[]): Whose<Page>[] =>
  features.flatMap((feature) =>
    feature.pages.map((page) => ({
      ...page,
      isAt: (running: RunningTenant) => worksFor(feature, running) && (page.where?.(running) ?? true),
    })),
  )

/** Every address for programs, with who may ask for it, and where. */
export const endpointsOf = (features: readonly Feature[]): Whose<Endpoint>[] =>
  features.flatMap((feature) =>
    (feature.endpoints ?? []).map((each) => ({
      ...each,
      isAt: (running: RunningTenant) => worksFor(feature, running),
    })),
  )

/** What somebody has to have who asks for a page or an endpoint, in a word; null where anybody may ask. */
export const neededFor = ({ access }: Pick<Page | Endpoint, 'access'>): string | null => {
  if (access === 'public') return null
  if (access === 'account') return access
  return access.kind === 'link' ? access.name : access.right
}

const kinds = ['account', 'staff'] as const

/** What lets signed-in people in, of whichever feature brings it. @throws where several bring it for one kind */
const collectGuards = (features: readonly Feature[]): Guards => {
  for (const kind of kinds) {
    const owners = features.filter(({ guards }) => guards?.[kind]).map(({ name }) => name)
    if (owners.length > 1) throw new Error(`several features guard ${kind}: ${owners.join(', ')}`)
  }
  return Object.assign({}, ...features.map(({ guards }) => guards))
}

const isGuarded = (guards: Guards, { access }: Partial<Pick<Page | Endpoint, 'access'>>): boolean => {
  const kind = typeof access === 'object' ? access.kind : access
  return kind === 'public' || kind === 'link' || (kind !== undefined && guards[kind] !== undefined)
}

/** What is sent as long as somebody listens ends with their session. */
const endingWith = ({ session }: AccountOwner | StaffMember, response: Response): Response =>
  response.kind === 'events' || response.kind === 'stream' ? { ...response, session } : response

/** Answers pages, each behind the guard of its access.
 *  @throws where a page or an endpoint does not say who may ask for it, or nothing could tell who asks */
export const answerPages = (features: readonly Feature[]) => {
  const guards = collectGuards(features)
  const open = [...pagesOf(features), ...endpointsOf(features)].filter((each) => !isGuarded(guards, each))
  if (open.length > 0) {
    const names = open.map(({ method, route }) => `${method} ${route.path}`).join(', ')
    throw new Error(`nothing says who may ask for this, or nothing could tell who asks: ${names}`)
  }
  return async ({ access, handler }: Page, context: Context<NoParams, Visitor>): Promise<Response> => {
    if (access === 'public') return handler(context)
    if (access === 'account') {
      if (!guards.account) return notFound
      return guards.account(context, async (actor) => endingWith(actor, await handler({ ...context, actor })))
    }
    if (access.kind === 'link')
      // Its route has the variable parts that its guard looks at: `addresses.ts` sees to that.
      return access.admit(context as Context<never, Visitor>, (proves) =>
        handler({ ...context, actor: { kind: 'link', capability: access.name, proves } }),
      )
    if (!guards.staff) return notFound
    // Who lacks the right is told no more than of an address that does not exist.
    return guards.staff(context, async (actor) =>
      actor.rights.has(access.right) ? endingWith(actor, await handler({ ...context, actor })) : notFound,
    )
  }
}

export type AnswerPage = ReturnType<typeof answerPages>

/** Answers a program, behind the guard of the endpoint's access. */
export const answerEndpoint = async (
  { access, handler }: Endpoint,
  context: ApiContext<NoParams, Visitor>,
  given: Parameters<Endpoint['handler']>[1],
): Promise<unknown> =>
  access === 'public'
    ? handler(context, given)
    : access.admit(context as ApiContext<never, Visitor>, given as never, (proves) =>
        handler({ ...context, actor: { kind: 'link', capability: access.name, proves } }, given),
      )
