import type { BodyOf, Method, PageOptions, TakenBody, UnsafeMethod } from '#platform/http/page-options.ts'
import { redirect } from '#platform/http/response.ts'
import type { ParamsOf, Place, RoutePath } from '#platform/http/routes.ts'
import type { RunningTenant } from '#register/register.ts'
import type { Access, ActorOf, Handler, Link, Page } from './feature.ts'

/*
 * How a feature declares its pages: each address with who may ask for it, and what its handlers then know: the variable
 * parts of the address by name, and who asks.
 */

/** A capability can be asked of an address only that has what its guard looks at. */
type AccessTo<P> = Exclude<Access, { kind: 'link' }> | Link<P>

type Declared<P extends string, A, T = 'form'> = {
  access: A & AccessTo<ParamsOf<P>>
  /** Tenants that have this page; all, where nothing is said. The others answer as if there were no such address. */
  where?: ((running: RunningTenant) => boolean) | undefined
  /** What its body may be; a form, where nothing is said. */
  body?: T & TakenBody
} & Omit<PageOptions, 'body'>

type Answers<P extends string, A, T = unknown> = Handler<ParamsOf<P>, ActorOf<A>, BodyOf<T>>

/** Forgets the types of one page, so that all of them stand in one table: the server gives each handler what its own
 *  route, guard and body have made. */
const page = <P extends string, A extends Access, T>(
  method: Method,
  route: RoutePath<P>,
  { access, where, needs, cache, body }: Declared<P, A, T>,
  handler: Answers<P, A, T>,
): Page => ({
  method,
  route: route as unknown as RoutePath,
  access: access as Access,
  where,
  needs,
  cache,
  body,
  handler: handler as unknown as Handler,
})

/** A page to look at. */
export const get = <P extends string, const A extends Access>(
  route: RoutePath<P>,
  declared: Declared<P, A, never> & { show: Answers<P, A> },
): Page => page('GET', route, declared, declared.show)

/** What a script of ours does with one method of an address. */
export const action = <P extends string, const A extends Access, const T extends TakenBody = 'form'>(
  method: UnsafeMethod,
  route: RoutePath<P>,
  declared: Declared<P, A, T> & { act: Answers<P, A, T> },
): Page => page(method, route, declared, declared.act)

/** Where somebody is led who opens an address that only answers a form. */
type Elsewhere<P extends string> = {
  path: string
  href: (place: Place, params: ParamsOf<P>) => string
}

/** Shows nothing, so anybody may ask for it. */
const leadTo = <P extends string>(route: RoutePath<P>, elsewhere: Elsewhere<P>, where: Page['where']): Page => ({
  ...page<P, 'public', unknown>('GET', route, { access: 'public', where }, async ({ place, params }) =>
    redirect(elsewhere.href(place, params)),
  ),
  elsewhere: elsewhere.path,
})

/** A form: what its address shows, and what sending it does. One without a page of its own says where whoever opens its
 *  address is led instead (`elsewhere`); see `leadTo`. */
export const form = <P extends string, const A extends Access, const T extends TakenBody = 'form'>(
  route: RoutePath<P>,
  declared: Declared<P, A, T> & { act: Answers<P, A, T> } & ({ show: Answers<P, A> } | { elsewhere: Elsewhere<P> }),
): Page[] => {
  const { body: _, ...shown } = declared
  return [
    'show' in shown
      ? page<P, A, unknown>('GET', route, shown, shown.show)
      : leadTo(route, shown.elsewhere, shown.where),
    page('POST', route, { ...declared, cache: undefined }, declared.act),
  ]
}
