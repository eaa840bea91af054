import type { InjectOptions } from 'fastify'

/* Values that stand nowhere else: what is found of them was written, sent or shown by the program. They look like what
 * people send, because what filters by looks has to be tried with it. The addresses are kept free for documentation
 * (RFC 5737, RFC 3849). */

/** What comes with every request of a browser; nothing of it is ever shown on a page. */
const ofBrowser = {
  'IPv4 address': '203.0.113.77',
  'IPv6 address': '2001:db8:ca4a:1e5::77',
  'address that a stranger forwards': '198.51.100.77',
  browser: 'Kanarienkopf',
  cookie: 'Kekskanarie4vogel7Sing',
  referrer: 'Herkunftskanarie09Vogel',
  'accepted language': 'x-kanarie',
  'request id': 'Kanarienummer31',
}

/** What people type and what their links hold. */
export const typed = {
  name: 'Kanarie Vogelsang-Ömer',
  email: 'kanarien.vogel@example.org',
  iban: 'DE02120300000000202051',
  phone: '+49 30 23125 77',
  link: 'Kanarien4vogel7Singt09',
}

/** How a value can be written: as it is, in a form, in an address, in JSON. */
const writings = (value: string): string[] => {
  const percent = encodeURIComponent(value)
  const inForm = new URLSearchParams({ x: value }).toString().slice(2)
  return [...new Set([value, percent, percent.replace(/%../g, (code) => code.toLowerCase()), inForm])]
}

const needlesOf = (values: Readonly<Record<string, string>>): [string, string][] =>
  Object.entries(values).flatMap(([what, value]) => writings(value).map((text): [string, string] => [what, text]))

const needles = { ofBrowser: needlesOf(ofBrowser), all: needlesOf({ ...ofBrowser, ...typed }) }

const find = (text: string, among: readonly [string, string][]): string[] => [
  ...new Set(among.filter(([, needle]) => text.includes(needle)).map(([what]) => what)),
]

/** Names of the canaries that stand in a text. */
export const canariesIn = (text: string): string[] => find(text, needles.all)

/** Names of the canaries that stand on a page and came with the request for it. */
export const canariesOn = (page: string): string[] => find(page, needles.ofBrowser)

/** What the access line of such a request has to hold, written out. */
export const expectedLine = {
  address: ['203.0.113.0', '2001:db8:ca4a::'],
  browser: ['Firefox 140'],
  operatingSystem: ['Linux'],
} as const

/** The proxy through which some of the requests come. */
export const proxy = '127.0.0.1'

/** From where a request comes: from an IPv4 address, from an IPv6 address, and through the proxy. What somebody forwards
 *  who is no proxy counts for nothing. */
const ways = [
  { remoteAddress: ofBrowser['IPv4 address'], forwarded: ofBrowser['address that a stranger forwards'] },
  { remoteAddress: ofBrowser['IPv6 address'], forwarded: ofBrowser['address that a stranger forwards'] },
  { remoteAddress: proxy, forwarded: ofBrowser['IPv4 address'] },
]

/** The same request as a browser full of canaries sends it. `turn` counts requests. */
export const withCanaries = (request: InjectOptions, turn: number): InjectOptions => {
  const { remoteAddress, forwarded } = ways[turn % ways.length] ?? { remoteAddress: proxy, forwarded: '' }
  const { link, email } = typed
  return {
    ...request,
    remoteAddress,
    headers: {
      'user-agent': `Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0 ${ofBrowser.browser}/1.0`,
      'accept-language': `de, ${ofBrowser['accepted language']};q=0.5`,
      cookie: `sitzung=${ofBrowser.cookie}; disclaimer=${ofBrowser.cookie}`,
      referer: `https://example.org/${link}?email=${encodeURIComponent(email)}&von=${ofBrowser.referrer}`,
      'x-forwarded-for': forwarded,
      'x-request-id': ofBrowser['request id'],
      ...request.headers,
    },
  }
}

/** An address with what somebody typed behind it. */
export const withTyped = (url: string): string => `${url}?${new URLSearchParams(typed)}`

/** What a form sends besides its own fields: under names that no form declares, so that nothing is stored. */
export const typedElsewhere: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(typed).map(([name, value]) => [`kanarie.${name}`, value]),
)

/** A fault as the database and a mail server report it: values stand in its details and in quotation marks. */
export class CanaryFault extends Error {
  readonly code = 'P0001'
  readonly detail = `Failing row contains (${Object.values(typed).join(', ')}).`
  readonly response = `550 <${typed.email}>: unknown`

  constructor() {
    super(`invalid input: "${typed.name}" <${typed.email}>, ${ofBrowser['IPv4 address']}\n${typed.iban}`)
  }
}
