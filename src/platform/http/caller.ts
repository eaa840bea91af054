import { createHmac } from 'node:crypto'
import { isIP, isIPv4 } from 'node:net'
import type { Clock } from '#platform/clock.ts'
import { type Counted, countedBy } from '#platform/limits/limits.ts'
import type { Random } from '#platform/random.ts'
import { liesIn } from './trusted.ts'

/** The address alone: without the port that some proxies add, and without the prefix of IPv4 in IPv6. Null where there is
 *  none, as when the connection is gone or no network lies between, or where it is something else. */
const plainIp = (address: string | undefined): string | null => {
  const [, bracketed] = /^\[([^\]]{1,64})\](?::\d+)?$/.exec(address ?? '') ?? []
  const plain = (bracketed ?? address ?? '').replace(/^::ffff:(?=\d+\.)/i, '').replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1')
  return isIP(plain) === 0 ? null : plain
}

/** What stands for whoever has no address. */
const nobody = 'unknown'

/** The first groups of an IPv6 address, written one way only: without leading zeros, `::` filled up. */
const firstGroups = (address: string, count: number): string => {
  const plain = address.split('%')[0] ?? ''
  const [head = '', tail = ''] = plain.split('::')
  const left = head.split(':').filter(Boolean)
  const right = tail.split(':').filter(Boolean)
  const zeros = plain.includes('::')
    ? Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
    : []
  const groups = [...left, ...zeros, ...right].slice(0, count)
  return groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')
}

/** Shortens an address before anything is written: IPv4 to its /24, IPv6 to its /48; `unknown` where there is none. */
export const shortenAddress = (address: string | undefined): string => {
  const plain = plainIp(address)
  if (plain === null) return nobody
  return isIPv4(plain) ? `${plain.split('.').slice(0, 3).join('.')}.0` : `${firstGroups(plain, 3)}::`
}

/** What counts as one caller: an IPv4 address; of IPv6 a /64, for that is what one connection gets. All who have no address
 *  are one caller. */
const connectionOf = (address: string | undefined): string => {
  const plain = plainIp(address)
  if (plain === null) return nobody
  return isIPv4(plain) ? plain : firstGroups(plain, 4)
}

/** Whoever sent a request. The address itself stays inside: it can be counted, and held against networks. */
export type Caller = {
  counted: Counted
  /** Whether the address lies in one of these networks, e.g. `192.0.2.0/24` or `2001:db8::/48`. */
  isIn: (networks: readonly string[]) => boolean
}

export const callerOf = (address: string | undefined): Caller => ({
  counted: countedBy('caller', connectionOf(address)),
  isIn: (networks) => {
    const plain = plainIp(address)?.split('%')[0]
    return plain !== undefined && networks.length > 0 && liesIn(plain, networks)
  },
})

/** Gives a caller a name for one day: an HMAC of the address under a salt that lives in memory only and changes at
 *  midnight UTC. Never stored; names that are stored come from `Caller`. */
export const callerNames = (clock: Clock, random: Random): ((address: string | undefined) => string) => {
  let day = ''
  let salt: Uint8Array = new Uint8Array()
  return (address) => {
    const today = clock().toString().slice(0, 10)
    if (today !== day) {
      day = today
      salt = random(32)
    }
    return createHmac('sha256', salt).update(connectionOf(address)).digest('base64url').slice(0, 22)
  }
}

const systems: [RegExp, string][] = [
  [/android/i, 'Android'],
  [/iphone|ipad|ipod/i, 'iOS'],
  [/windows/i, 'Windows'],
  [/mac os x|macintosh/i, 'macOS'],
  [/cros/i, 'ChromeOS'],
  [/linux/i, 'Linux'],
]
const browsers: [RegExp, string][] = [
  [/edg(?:e|a|ios)?\/(\d+)/i, 'Edge'],
  [/opr\/(\d+)/i, 'Opera'],
  [/samsungbrowser\/(\d+)/i, 'Samsung Internet'],
  [/(?:firefox|fxios)\/(\d+)/i, 'Firefox'],
  [/(?:chrome|crios|chromium)\/(\d+)/i, 'Chrome'],
  [/version\/(\d+).*safari/i, 'Safari'],
]

/** Longer than what any browser calls itself; of a longer one the patterns would take their time. */
const longestAgent = 512

/** Family and major version of the browser and family of the operating system, and no more of the user agent. */
export const describeAgent = (header: string): { browser: string; operatingSystem: string } => {
  const agent = header.slice(0, longestAgent)
  const system = systems.find(([pattern]) => pattern.test(agent))
  for (const [pattern, family] of browsers) {
    const found = pattern.exec(agent)
    if (found) return { browser: `${family} ${found[1]?.slice(0, 4)}`, operatingSystem: system?.[1] ?? 'other' }
  }
  return { browser: 'other', operatingSystem: system?.[1] ?? 'other' }
}
