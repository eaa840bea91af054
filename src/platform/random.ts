import { randomBytes } from 'node:crypto'

/** Returns `n` unpredictable bytes. Injected, so that tests can repeat themselves. */
export type Random = (n: number) => Uint8Array

/** The operating system's cryptographic randomness. */
export const systemRandom: Random = (n) => randomBytes(n)

/** A version 4 UUID (RFC 9562) from injected randomness. */
export const uuid = (random: Random): string => {
  const bytes = Buffer.from(random(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** Whether a text has the form of a UUID. */
export const isUuid = (text: string | undefined): text is string =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text ?? '')

/** A 128-bit capability as 22 characters of base64url: what a link carries. Only its hash is ever stored. */
export const capability = (random: Random): string => Buffer.from(random(16)).toString('base64url')

/** Whether a text has the form of a capability. */
export const isCapability = (text: string | undefined): text is string => /^[A-Za-z0-9_-]{22}$/.test(text ?? '')

/** A whole number from 0 to `below` - 1 without modulo bias. `below` is at most 2^32. */
export const integerBelow = (random: Random, below: number): number => {
  const limit = Math.floor(2 ** 32 / below) * below
  for (;;) {
    const value = Buffer.from(random(4)).readUInt32BE()
    if (value < limit) return value % below
  }
}
