import { domainToASCII } from 'node:url'

// RFC 5322 atext, dot-separated. Quoted local parts exist on paper only and are the usual way to smuggle something in.
const localPart = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/
// Checked before IDNA as well: `domainToASCII` would decode percent signs and turn 0x7f.1 into an IPv4 address.
const typedDomain = /^[\p{L}\p{M}\p{N}-]+(?:\.[\p{L}\p{M}\p{N}-]+)+$/u
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

const asciiDomain = (typed: string): string | null => {
  if (!typedDomain.test(typed)) return null
  const ascii = domainToASCII(typed)
  const labels = ascii.split('.')
  const named = /[a-z]/.test(labels.at(-1) ?? '') // an IPv4 address has no letter at the end
  return labels.length > 1 && named && labels.every((part) => label.test(part)) ? ascii : null
}

/**
 * One e-mail address as people type it, made canonical: without spaces around it, the domain in lower case and in
 * punycode (RFC 5890). The local part keeps its case: it is the receiving server's to judge (RFC 5321 §2.4).
 *
 * Narrower than RFC 5322 on purpose: dot-atom of ASCII before the @, a dotted host name after it, lengths of RFC 5321
 * §4.5.3.1 (64 and 254 octets). The result is always a fixed point: parsing it again gives the same text.
 * @returns null for everything else, lists and display names included.
 */
export const parseEmailAddress = (text: string): string | null => {
  const parts = text.trim().normalize('NFC').split('@')
  const [local, typed] = parts
  if (parts.length !== 2 || local === undefined || typed === undefined) return null
  if (local.length > 64 || typed.length > 254 || !localPart.test(local)) return null
  const domain = asciiDomain(typed)
  if (domain === null) return null
  const address = `${local}@${domain}`
  return address.length <= 254 ? address : null
}

/** The form of a parsed address to compare and to index by: all lower case. No server in use tells `A@…` from `a@…`,
 *  and a person who types one today and the other tomorrow is the same person. Never to send to. */
export const comparableAddress = (address: string): string => address.toLowerCase()
