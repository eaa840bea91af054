import type { Clock } from '#platform/clock.ts'
import { cookiesOf, type DeclaredCookie, nameInBrowser } from '#register/device.ts'
import type { RunningTenant } from '#register/register.ts'
import { pathOfCookie } from '../cookies.ts'
import type { Difference } from './difference.ts'

type Cookie = { name: string; value: string; attributes: ReadonlyMap<string, string> }

const parse = (line: string): Cookie => {
  const [pair = '', ...rest] = line.split(';').map((part) => part.trim())
  const split = (text: string): [string, string] => {
    const [name = '', ...value] = text.split('=')
    return [name, value.join('=')]
  }
  const [name, value] = split(pair)
  return { name, value, attributes: new Map(rest.map(split).map(([key, of]) => [key.toLowerCase(), of])) }
}

/** What a declared cookie has to be: below the tenant's address only, or of this host by its name, unseen by scripts, gone
 *  with its period or with the browser. */
const faultsOf = (
  { attributes }: Cookie,
  declared: DeclaredCookie,
  { running, https, now }: { running: RunningTenant; https: boolean; now: Temporal.Instant },
): string[] => {
  const { period } = declared
  const relativeTo = now.toZonedDateTimeISO(running.tenant.timeZone)
  const maxAge = attributes.get('max-age') ?? ''
  // Of one that ends with the browser no answer says for how long; taking it away is all that may stand there.
  const longest = period === null ? 0 : Temporal.Duration.from(period).total({ unit: 'second', relativeTo })
  const hasEnd = period === null ? ['', '0'].includes(maxAge) : /^\d+$/.test(maxAge)
  const wanted = {
    path: pathOfCookie(declared, running),
    httponly: '',
    samesite: 'Lax',
    ...(https ? { secure: '' } : {}),
  }
  const differing = Object.entries(wanted).filter(([name, value]) => attributes.get(name) !== value)
  return [
    ...differing.map(([name, value]) => `is not ${value === '' ? name : `${name}=${value}`}`),
    ...[...attributes.keys()].filter((name) => !(name in wanted) && name !== 'max-age').map((name) => `has ${name}`),
    ...(hasEnd ? [] : [period === null ? 'outlives the browser window' : 'has no end']),
    ...(period !== null && Number(maxAge) > longest
      ? [`lives for ${maxAge} seconds, longer than ${period}, as it is declared`]
      : []),
  ]
}

/** Looks at the cookies that a tenant's answers set, one answer after the other. What differs from one to the next would
 *  tell people apart; only where it is declared to hold what its person has typed may it do so. */
export const watchCookies = (https: boolean, clock: Clock) => {
  const known = new Map<string, string>()
  return (url: string, running: RunningTenant, lines: readonly string[]): Difference[] =>
    lines.map(parse).flatMap((cookie) => {
      const { name, value, attributes } = cookie
      const declared = [...cookiesOf(running).values()].find((each) => nameInBrowser(each, https) === name)
      if (!declared) return [] // dropped before; the server says so
      const key = `${running.tenant.slug} ${name}`
      const before = value === '' && attributes.get('max-age') === '0' ? value : (known.get(key) ?? value)
      if (value !== '') known.set(key, value)
      const faults = [
        ...faultsOf(cookie, declared, { running, https, now: clock() }),
        // The doctor agrees to nothing.
        ...(declared.isNecessary || value === '' ? [] : ['is optional, and nobody has agreed to it']),
        ...(before === value || declared.content === 'own' ? [] : ['has another value than in the answer before']),
      ]
      return faults.map((fault) => ({
        message: `${url} sets the cookie ${name}, which ${fault}`,
        remedy: 'set it through the answer of a page, with a value that is the same for everybody',
      }))
    })
}
