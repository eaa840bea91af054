import { features } from '#apps/features.ts'
import { pagesOf } from '#apps/guards.ts'
import type { Language } from '#platform/i18n/translate.ts'
import type { Person, Seen } from './person.ts'

/** Every page of a tenant in whose address nothing varies, as somebody sees it who just opens it. */
export const openEveryPage = async (who: Person, slug: string, language: Language = 'de'): Promise<Seen[]> => {
  const seen: Seen[] = []
  for (const { method, route } of pagesOf(features))
    if (method === 'GET' && route.names.length === 0) seen.push(await who.open(route.href({ slug, language }, {})))
  return seen
}

/** What these pages put on a device by themselves, as `address: cookie`. */
export const cookiesOn = (pages: readonly Seen[]): string[] =>
  pages.flatMap(({ url, headers }) => [headers['set-cookie'] ?? []].flat().map((cookie) => `${url}: ${cookie}`))

/** Whatever these pages would load from elsewhere or send there: addresses of other origins, and policies that let them. */
export const foreignOn = (pages: readonly Seen[]): string[] =>
  pages.flatMap(({ url, all, headers }) => {
    const addresses = ['src', 'href', 'action', 'formaction', 'data', 'srcset'].flatMap((name) =>
      all(`:not(a)[${name}]`).map((part) => part.attribute(name) ?? ''),
    )
    const sources = addresses.filter((address) => /^(\w+:)?\/\//.test(address))
    const policy = String(headers['content-security-policy'] ?? 'none at all').split(';')
    const lets = policy.filter(
      (part) => !/^[\w-]+( ('self'|'none'|data:))+$|^require-trusted-types-for /.test(part.trim()),
    )
    return [...sources, ...lets].map((what) => `${url}: ${what}`)
  })
