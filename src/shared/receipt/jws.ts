import { fromBase64url, toBase64url } from './base64url.ts'
import { type PublicKey, type PublicKeys, parseReceipt, type Receipt, receiptText } from './receipt.ts'

/*
 * A receipt on its way: a JWS in compact form (RFC 7515), `header.payload.signature`, signed with Ed25519 (RFC 8037). The
 * header has exactly `alg` and `kid`; everything is written in one way only, so that nothing can be changed unnoticed.
 */

const longest = 4096
/** Clocks of several servers differ, and a signature can be under way while its key is replaced. */
const graceAfterRetirement = 3_600_000

export type Verdict =
  | { kind: 'valid'; receipt: Receipt; kid: string /** Since when its key signs nothing any more. */; retired?: string }
  /** No receipt at all: nothing, too much, other text, another algorithm, or signed but not in the form of a receipt. */
  | { kind: 'unreadable'; why: 'empty' | 'tooLong' | 'form' | 'algorithm' | 'content' }
  /** Altered, or never signed by the key it names. */
  | { kind: 'wrongSignature' }
  /** Made later than its key was retired: whoever signed should not have had the key any more. */
  | { kind: 'afterRetirement'; retired: string }
  /** Signed with a key that is not among these. What it says is not proven; null when it is no receipt. */
  | { kind: 'unknownKey'; kid: string; claims: Receipt | null }
  /** Properly signed, but in the name of another Jobcenter than the one whose keys these are. */
  | { kind: 'otherTenant'; receipt: Receipt }
  /** This browser does not know Ed25519. */
  | { kind: 'unsupported' }

const utf8 = new TextEncoder()
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Makes the JWS of a receipt. */
export const signReceipt = (
  receipt: Receipt,
  signer: { kid: string; sign: (data: Uint8Array) => Uint8Array },
): string => {
  const parts = [headerText(signer.kid), receiptText(receipt)].map((part) => toBase64url(utf8.encode(part)))
  return [...parts, toBase64url(signer.sign(utf8.encode(parts.join('.'))))].join('.')
}

const headerText = (kid: string): string => JSON.stringify({ alg: 'EdDSA', kid })

const textOf = (bytes: Uint8Array): string | null => {
  try {
    return strict.decode(bytes)
  } catch {
    return null
  }
}

type Opened = {
  signed: Uint8Array<ArrayBuffer>
  kid: string
  payload: string | null
  signature: Uint8Array<ArrayBuffer>
}

const open = (jws: string): Opened | (Verdict & { kind: 'unreadable' }) => {
  if (jws === '') return { kind: 'unreadable', why: 'empty' }
  if (jws.length > longest) return { kind: 'unreadable', why: 'tooLong' }
  const texts = jws.split('.')
  const [header, payload, signature] = texts.map(fromBase64url)
  if (texts.length !== 3 || !header || !payload || signature?.length !== 64) return { kind: 'unreadable', why: 'form' }
  const kid = kidOf(textOf(header) ?? '')
  if (kid === null) return { kind: 'unreadable', why: 'algorithm' }
  return { signed: utf8.encode(`${texts[0]}.${texts[1]}`), kid, payload: textOf(payload), signature }
}

const kidOf = (header: string): string | null => {
  const [, kid] = /^\{"alg":"EdDSA","kid":"([\w-]{43})"\}$/.exec(header) ?? []
  return kid ?? null
}

/** The name of a public key: SHA-256 over its members in this order (RFC 7638), in base64url. */
export const thumbprint = async ({ crv, kty, x }: Pick<PublicKey, 'crv' | 'kty' | 'x'>): Promise<string> =>
  toBase64url(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8.encode(JSON.stringify({ crv, kty, x })))))

/** Null where nobody can tell: no Ed25519 in this browser, or no cryptography at all on a page without TLS. */
const isSigned = async (key: PublicKey, { signed, signature, kid }: Opened): Promise<boolean | null> => {
  if (!globalThis.crypto?.subtle) return null
  if ((await thumbprint(key)) !== kid) return false // a name that was put on another key
  const { kty, crv, x } = key
  try {
    const imported = await crypto.subtle.importKey('jwk', { kty, crv, x }, 'Ed25519', false, ['verify'])
    return await crypto.subtle.verify('Ed25519', imported, signature, signed)
  } catch (error) {
    return (error as Error).name === 'NotSupportedError' ? null : false
  }
}

/** Whether a JWS is a receipt that one of these keys signed; with `tenant`, in the name of this Jobcenter. Asks nobody. */
export const verifyReceipt = async (jws: string, { keys }: PublicKeys, tenant?: string): Promise<Verdict> => {
  const opened = open(jws)
  if ('kind' in opened) return opened
  const { kid, payload } = opened
  const receipt = payload === null ? null : parseReceipt(payload)
  const key = keys.find((each) => each.kid === kid)
  if (!key) return { kind: 'unknownKey', kid, claims: receipt }
  const isGood = await isSigned(key, opened)
  if (isGood === null) return { kind: 'unsupported' }
  if (!isGood) return { kind: 'wrongSignature' }
  if (!receipt) return { kind: 'unreadable', why: 'content' }
  if (tenant !== undefined && receipt.tenant !== tenant) return { kind: 'otherTenant', receipt }
  const { retired } = key
  if (retired !== undefined && Date.parse(receipt.issuedAt) > Date.parse(retired) + graceAfterRetirement)
    return { kind: 'afterRetirement', retired }
  return { kind: 'valid', receipt, kid, ...(retired === undefined ? {} : { retired }) }
}

/** The JWS in what somebody pasted or saved: the receipt itself, also broken into lines, the address of a QR code with
 *  whatever was taken for its end, or the JSON file; without what mail programs put into long words, hyphens that do not
 *  break included. Text that holds none comes back as it is, or nearly. */
export const findJws = (text: string): string => {
  const read = text.replace(/\p{Cf}+/gu, '').trim()
  if (read.startsWith('{')) {
    try {
      const { receipt } = JSON.parse(read) as { receipt?: unknown }
      return typeof receipt === 'string' ? receipt : read
    } catch {
      return read
    }
  }
  return read
    .slice(read.indexOf('#') + 1)
    .replace(/\s+/g, '')
    .replace(/[\u2010\u2011]/g, '-')
    .replace(/(?<![^\w-])[^\w-]+$/, '') // each row of such signs is looked at once
}

/** What is saved as a file: the receipt, and the keys of its Jobcenter as they were when it was saved. */
export const receiptFile = (jws: string, keys: PublicKeys): string =>
  `${JSON.stringify({ receipt: jws, keys }, null, 2)}\n`

/** A JWK Set as somebody gives it; null when it is none. Keys of other kinds are left out. */
export const readKeys = (value: unknown): PublicKeys | null => {
  const { keys } = (value ?? {}) as { keys?: unknown }
  if (!Array.isArray(keys)) return null
  const isKey = (key: Partial<PublicKey> | null): boolean =>
    key?.kty === 'OKP' &&
    key.crv === 'Ed25519' &&
    typeof key.kid === 'string' &&
    typeof key.x === 'string' &&
    ['undefined', 'string'].includes(typeof key.retired)
  return { keys: keys.filter(isKey) }
}
