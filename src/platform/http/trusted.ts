import { BlockList, isIP, isIPv4 } from 'node:net'

/** Names of networks that need no numbers (as `proxy-addr` knows them). */
const named = ['loopback', 'linklocal', 'uniquelocal']

const mask = /^(?:255|254|252|248|240|224|192|128|0)(?:\.(?:255|254|252|248|240|224|192|128|0)){3}$/

/** The length of a prefix, be it written as a number or as a mask; null when it is neither. */
const lengthOf = (address: string, prefix: string): number | null => {
  if (/^\d{1,3}$/.test(prefix)) return Number(prefix) <= (isIPv4(address) ? 32 : 128) ? Number(prefix) : null
  if (!isIPv4(address) || !mask.test(prefix)) return null
  const bits = prefix.split('.').map((part) => Number(part).toString(2).padStart(8, '0'))
  return /^1*0*$/.test(bits.join('')) ? bits.join('').replaceAll('0', '').length : null
}

/** Whether this names proxies: an address, a network, or one of the words for networks. */
export const isNetwork = (text: string): boolean => {
  if (named.includes(text)) return true
  const [address = '', prefix, ...more] = text.split('/')
  if (isIP(address) === 0 || address.includes('%') || more.length > 0) return false
  return prefix === undefined || lengthOf(address, prefix) !== null
}

/** Whether a network is so wide that strangers are in it: wider than the widest private one (10.0.0.0/8, fc00::/7). What it
 *  takes is one that `isNetwork` knows. */
export const isWide = (text: string): boolean => {
  const [address = '', prefix] = text.split('/')
  if (prefix === undefined) return false
  const length = lengthOf(address, prefix) ?? 0
  if (isIPv4(address)) return length < 8
  // All of IPv4 written in IPv6 begins at the 96th bit.
  return length < 7 || (/^::(?:ffff:)?[\d.:]*$/i.test(address) && length < 104)
}

const familyOf = (address: string) => (isIPv4(address) ? 'ipv4' : 'ipv6')

const parts = (network: string): { address: string; prefix: number } => {
  const [address = '', prefix = ''] = network.split('/')
  return { address, prefix: Number(prefix) }
}

/** Whether an address lies in one of these networks, e.g. `192.0.2.0/24` or `2001:db8::/48`. */
export const liesIn = (address: string, networks: readonly string[]): boolean => {
  const list = new BlockList()
  for (const { address: first, prefix } of networks.map(parts)) list.addSubnet(first, prefix, familyOf(first))
  return list.check(address, familyOf(address))
}

/** Whether two networks have an address in common, however they are written. Of two that do, one is all inside the other, so
 *  that one of the two addresses they are named by is enough. */
export const overlap = (a: string, b: string): boolean => liesIn(parts(a).address, [b]) || liesIn(parts(b).address, [a])
