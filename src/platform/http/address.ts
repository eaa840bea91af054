import { isIP } from 'node:net'

/** More characters than any address of ours has, and few enough to be cheap to read. */
const longest = 4096

// RFC 3986, 2.3: percent-encoding one of these changes nothing about what an address means.
const encodedUnreserved = /%(?:2[DE]|3\d|4[1-9A-F]|5[0-9AF]|6[1-9A-F]|7[0-9AE])/gi

/** An address with its percent signs taken literally if they spell nothing: the router would answer by itself. */
const readable = (path: string): string => {
  try {
    // A decoded path is never longer. The result is looked at, or the bundler takes the call for one without effect.
    return decodeURIComponent(path).length <= path.length ? path : ''
  } catch {
    return path.replaceAll('%', '%25')
  }
}

/** What a program behind a proxy sends: `http://host/path`. Who it says it is for, and the rest. */
const absolute = /^https?:\/\/([^/?#]*)(.*)$/i

/** The one reading of a request's address, for router, log, cookies and language alike: path and query, each character
 *  that needs no percent-encoding without it, without what follows a `#`. Of an address longer than any of ours only the
 *  path is left. */
export const readAddress = (raw: string): string => {
  const given = absolute.exec(raw)?.[2] ?? raw
  const target = given.startsWith('/') ? given : `/${given}`
  const [whole = ''] = target.split('#')
  const [path = '', ...query] = whole.split('?')
  const read = readable(path.slice(0, longest).replace(encodedUnreserved, (hex) => decodeURIComponent(hex)))
  return query.length === 0 || raw.length > longest ? read : `${read}?${query.join('?')}`
}

export type AddressFault = 'malformed' | 'addressTooLong' | 'notFound'

type Asked = { raw: string; address: string; rawHeaders: readonly string[]; host: string | undefined }

const hostsIn = (rawHeaders: readonly string[]): number =>
  rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host').length

const hostName = /^(?:\[([\da-f:.]+)\]|[\w-]+(?:\.[\w-]+)*\.?)(?::(\d{1,5}))?$/i

/** Whether this is a host and perhaps a port, and nothing else: no user, no path, no blank. */
const isHost = (text: string): boolean => {
  const found = text.length <= 260 ? hostName.exec(text) : null
  if (!found) return false
  const [, ip, port] = found
  return (ip === undefined || isIP(ip) === 6) && Number(port ?? 1) >= 1 && Number(port ?? 1) <= 65_535
}

// A zero byte is no part of any address. Behind what may be a capability it is left to whoever mends links.
const strange = /^(?:(?!\/[\w-]{22}(?![\w-])).)*%00|%5c|\\/i

/** What is wrong with where a request says it goes; null when nothing is. Several hosts, or one that is none, are refused:
 *  a proxy might go by another than we do. Steps upwards and separators of other systems lead nowhere. */
export const faultOfAddress = ({ raw, address, rawHeaders, host }: Asked): AddressFault | null => {
  if (raw.length > longest) return 'addressTooLong'
  const authority = absolute.exec(raw)?.[1]
  if (hostsIn(rawHeaders) > 1 || (host !== undefined && !isHost(host))) return 'malformed'
  if (authority !== undefined && authority.toLowerCase() !== host?.toLowerCase()) return 'malformed'
  const [path = ''] = address.split('?')
  return path.split('/').some((part) => part === '.' || part === '..') || strange.test(path) ? 'notFound' : null
}

/** Where our own forms come from: the address people are told, and the one that this browser names by itself. What a proxy
 *  reports beside it (`X-Forwarded-Host`) may be anybody's word. */
export const ownOrigins = (
  publicUrl: string,
  { protocol, headers }: { protocol: string; headers: { host?: string | undefined } },
): string[] => [new URL(publicUrl).origin, `${protocol}://${headers.host ?? ''}`]
