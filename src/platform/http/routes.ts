import { type Language, languages } from '#platform/i18n/translate.ts'

/** Where a page stands: the tenant's slug and the language of the path (German has no segment of its own). */
export type Place = { slug: string; language: Language }

/** The variable parts of an address, by name: of `/datenschutz/:part` its `part`. */
export type ParamsOf<P extends string> = P extends `${string}:${infer Name}/${infer Rest}`
  ? { [K in Name]: string } & ParamsOf<Rest>
  : P extends `${string}:${infer Name}`
    ? { [K in Name]: string }
    : Record<never, string>

export type RoutePath<P extends string = string> = {
  path: P
  /** Names of its variable parts. */
  names: readonly string[]
  /** The address of this page; the only way addresses come about, in links, redirects, mails and tests. */
  href: (place: Place, params: ParamsOf<P>, query?: Record<string, string>) => string
}

/** The language that an address names, before or after a tenant; German where it names none. */
export const languageIn = (url: string): Language => {
  const [first, second] = url.split('?')[0]?.split('/').slice(1) ?? []
  const named = (part: string | undefined) => languages.find((each) => each === part && each !== 'de')
  return named(first) ?? named(second) ?? 'de'
}

/** The start of every address of a tenant in a language. */
export const base = ({ slug, language }: Place): string => (language === 'de' ? `/${slug}` : `/${slug}/${language}`)

/** Where addresses for programs begin, below a tenant. Within a version they only gain: docs/decisions/0029. */
export const apiBase = '/api/v1'

/** What describes these addresses (OpenAPI), below a tenant and for the whole installation. */
export const openApi = { ofTenant: `${apiBase}/openapi.json`, ofAll: '/api/openapi.json' } as const

/** Whether an address is one for programs, existing or not: what goes wrong there is told to a program. */
export const isForPrograms = (url: string): boolean => /^\/(?:[^/?]+\/)?api(?:[/?]|$)/.test(url)

/** Declares a page. `path` begins below tenant and language, e.g. `/termin/zeit`. */
export const route = <P extends string>(path: P): RoutePath<P> => ({
  path,
  names: [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name),
  href: (place, params, query) => {
    const filled = path.replace(/:(\w+)/g, (_, name: string) =>
      encodeURIComponent((params as Record<string, string>)[name] ?? ''),
    )
    const search = query && Object.keys(query).length > 0 ? `?${new URLSearchParams(query)}` : ''
    return base(place) + (filled === '/' ? '/' : filled) + search
  },
})
