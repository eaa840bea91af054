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

type Declared<P extends string, A> = {
  access: A & AccessTo<ParamsOf<P>>
  /** Tenants that have this page; all, where nothing is said. The others answer as if there were no such address. */
  where?: ((running: RunningTenant) => boolean) | undefined
}

type Answers<P extends string, A> = Handler<ParamsOf<P>, ActorOf<A>>

/** Forgets the types of one page, so that all of them stand in one table: the server gives each handler what its own
 *  route and guard have made. */
const page = <P extends string, A extends Access>(
  method: Page['method'],
  route: RoutePath<P>,
  { access, where }: Declared<P, A>,
  handler: Answers<P, A>,
): Page => ({
  method,
  route: route as unknown as RoutePath,
  access: access as Access,
  where,
  handler: handler as unknown as Handler,
})

/** A page to look at. */
export const get = <P extends string, const A extends Access>(
  route: RoutePath<P>,
  declared: Declared<P, A> & { show: Answers<P, A> },
): Page => page('GET', route, declared, declared.show)

/** Where somebody is led who opens an address that only answers a form. */
type Elsewhere<P extends string> = {
  path: string
  href: (place: Place, params: ParamsOf<P>) => string
}

/** Shows nothing, so anybody may ask for it. */
const leadTo = <P extends string>(route: RoutePath<P>, elsewhere: Elsewhere<P>, where: Page['where']): Page => ({
  ...page<P, 'public'>('GET', route, { access: 'public', where }, async ({ place, params }) =>
    redirect(elsewhere.href(place, params)),
  ),
  elsewhere: elsewhere.path,
})

/** A form: what its address shows, and what sending it does. One without a page of its own says where whoever opens its
 *  address is led instead (`elsewhere`): see `leadTo`. */
export const form = <P extends string, const A extends Access>(
  route: RoutePath<P>,
  declared: Declared<P, A> & { act: Answers<P, A> } & ({ show: Answers<P, A> } | { elsewhere: Elsewhere<P> }),
): Page[] => [
  'show' in declared ? get(route, declared) : leadTo(route, declared.elsewhere, declared.where),
  page('POST', route, declared, declared.act),
]
