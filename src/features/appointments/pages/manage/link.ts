import type { Context } from '#features/feature.ts'
import { base, type RoutePath, route } from '#platform/http/routes.ts'
import { routes } from '../../routes.ts'

/*
 * Links to an appointment as mail programs, messengers and people hand them on: with a full stop or a bracket taken for a
 * part of them, wrapped, twice in a row, or cut. What follows the 22 characters of a capability is never needed to open
 * it, so giving it up gives nobody anything. Everything here goes by the text alone: it says nothing of what is stored.
 */

/** The part of an address before the capability. */
const folder = 'verwalten'

/** A page of an appointment, and what its address takes. Which page is only known from the text, so its parameters are
 *  not checked by name. */
type Target = { route: RoutePath; params: Record<string, string> }

const manage = route<string>(routes.manage.path)

/** Pages behind a manage link, the longest address first; each with what its part of the address looks like. */
const pages = Object.values(routes)
  .filter(({ path }) => path.startsWith(`${manage.path}/`))
  .map(({ path }) => {
    const part = path.slice(manage.path.length + 1)
    return { route: route<string>(path), form: new RegExp(`^${part.replace(':offer', '(?<offer>[\\da-f-]{36})')}`) }
  })
  .sort((a, b) => b.form.source.length - a.form.source.length)

/** What programs put into long words so that they may wrap, and what is left of a wrapped line: blanks, invisible
 *  characters, and the `=` of quoted-printable (RFC 2045). None of them is part of a capability. */
const wrapping = /[\s\p{Cf}\p{Cc}=]+/gu

const firstWhole = /(?<![\w-])([\w-]{22})(.*)/su

/** The last character of 128 bits in base64url has four bits that say nothing and are zero. */
const endsLikeOurs = (token: string): boolean => /[AQgw]$/.test(token)

/** Whether a text of 22 characters cannot be a capability as we make them: its end is another, or somebody has changed all
 *  letters to small or capital ones. (Of ours, one in 100,000 has no capital letter; it is looked up before this is asked.) */
export const isMisshapen = (token: string): boolean =>
  !endsLikeOurs(token) || token === token.toLowerCase() || token === token.toUpperCase()

/** The page that a text behind `verwalten/` was a link to; null where too little of it is left. A page that is not to be
 *  made out is the one of the appointment. */
export const readLink = (text: string): Target | null => {
  const joined = firstWhole.exec(text.replace(wrapping, ''))
  const found = firstWhole.exec(text) ?? (joined && endsLikeOurs(joined[1] ?? '') ? joined : null)
  if (!found) return null
  const [, token = '', after = ''] = found
  const rest = after.replace(/^[^\w/]+/, '')
  for (const { route, form } of rest.startsWith('/') ? pages : []) {
    const fits = form.exec(rest.slice(1))
    if (fits) return { route, params: { token, ...fits.groups } }
  }
  return { route: manage, params: { token } }
}

/** What stands behind `verwalten` in the address of a request, or behind as much of that word as is left; null where the
 *  address is none of a link to an appointment. A program that joins addresses may double the slash before it, and a
 *  keyboard begin it with a capital letter. */
const behind = (context: Context): string | null => {
  const [path = ''] = context.path.split('?')
  const rest = decodeURIComponent(path.slice(base(context.place).length + routes.services.path.length + 1)).replace(
    /^\/+/,
    '',
  )
  const word = rest.slice(0, folder.length).toLowerCase()
  if (word === folder) return rest.slice(folder.length)
  return folder.startsWith(word) && word !== '' ? '' : null
}

/** Where a damaged link to an appointment was to lead: an address, null when that cannot be made out any more, undefined
 *  when it was never such a link. */
export const mendedAddress = (context: Context): string | null | undefined => {
  const text = behind(context)
  if (text === null) return undefined
  const target = readLink(text)
  return target ? target.route.href(context.place, target.params, context.query) : null
}
