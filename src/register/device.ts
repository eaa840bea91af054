import type { Activity, RunningTenant } from './register.ts'
import type { Cookie } from './schema-device.ts'
import type { Text } from './schema-words.ts'

/** One thing that an activity puts on a person's device. */
export type OnDevice = {
  /** Where: a cookie, the browser's storage, a file that our pages alone can read. */
  kind: 'cookie' | 'local' | 'opfs'
  /** As the file names it, and features call it. */
  id: string
  /** As the device shows it. */
  name: string
  activity: string
  field: string
  /** Id of the rule that ends it; null: closing the browser does. */
  rule: string | null
  /** For how long it stays, ISO 8601; null: until the browser is closed. */
  period: string | null
  content: Cookie['content']
  /** Whether the service cannot do without it; otherwise it is there only with consent. */
  isNecessary: boolean
  /** Why it is needed, or what it is good for. */
  why: Text
}

export type DeclaredCookie = OnDevice & Pick<Cookie, 'prefix'>

type Kept = Activity['device'][number] | Cookie

/** @throws where neither is said; the loader has made sure that one is. */
const reasonOf = ({ strictlyNecessary, optional }: Pick<Kept, 'strictlyNecessary' | 'optional'>): Text => {
  const why = strictlyNecessary ?? optional
  if (!why) throw new Error('nothing says why something is put on a device')
  return why
}

const common = ({ id, retention }: Activity, { name, field, rule, content, strictlyNecessary, optional }: Kept) => ({
  id: name,
  activity: id,
  field,
  rule: rule ?? null,
  period: rule === undefined ? null : (retention.find((each) => each.id === rule)?.period ?? 'PT0S'),
  content,
  isNecessary: strictlyNecessary !== undefined,
  why: reasonOf({ strictlyNecessary, optional }),
})

/** The name with the prefix holds on the whole host, so it names the tenant: several can stand on one. Such a name has no
 *  dash of its own, so no two of them come to the same. */
const nameOf = (slug: string, { name, prefix }: Cookie): string => (prefix ? `${prefix}${name}-${slug}` : name)

const cookiesIn = (slug: string, activity: Activity): DeclaredCookie[] =>
  activity.cookies.map((cookie) => ({
    ...common(activity, cookie),
    kind: 'cookie',
    name: nameOf(slug, cookie),
    prefix: cookie.prefix,
  }))

/** What an activity of this tenant puts on a device. */
export const onDeviceBy = ({ tenant }: Pick<RunningTenant, 'tenant'>, activity: Activity): OnDevice[] => [
  ...cookiesIn(tenant.slug, activity),
  ...activity.device.map((each) => ({
    ...common(activity, each),
    kind: each.kind,
    name: each.name,
  })),
]

/** All that this tenant puts on a device: nothing else is ever put there. */
export const onDeviceOf = (running: RunningTenant): OnDevice[] =>
  [...running.activities.values()].flatMap((activity) => onDeviceBy(running, activity))

/** Every cookie this tenant declares, by id: no other is ever set. */
export const cookiesOf = ({ tenant, activities }: RunningTenant): ReadonlyMap<string, DeclaredCookie> =>
  new Map(
    [...activities.values()]
      .flatMap((activity) => cookiesIn(tenant.slug, activity))
      .map((cookie) => [cookie.id, cookie]),
  )

/** What a cookie is called in a browser. The prefix is for https alone: without it, as in a demonstration on one's own
 *  machine, no browser takes such a cookie. */
export const nameInBrowser = ({ name, prefix }: DeclaredCookie, https: boolean): string =>
  prefix && !https ? name.slice(prefix.length) : name
