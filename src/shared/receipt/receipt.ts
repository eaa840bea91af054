/*
 * A receipt: what was done to one appointment, in a form that its Jobcenter signs and anybody can check without asking
 * it. It proves an act on a booking reference, never who did it: no name, no address, nothing that a person typed.
 */

/** What was done to the appointment. */
export const acts = ['booked', 'moved', 'cancelled', 'withdrawn'] as const
export type Act = (typeof acts)[number]

/** What is signed. Texts are in German, which is decisive. Members stand in this order, and empty ones are left out. */
export type Receipt = {
  /** Of this arrangement. */
  version: 1
  act: Act
  /** The Jobcenter: its short name in addresses, and its name. */
  tenant: string
  name: string
  /** Base address of the Jobcenter's pages; its keys are below. */
  issuer: string
  /** Booking reference, e.g. `ABCD-EFGH`. */
  reference: string
  /** Left out of receipts that travel by mail. */
  services?: readonly { id: string; title: string }[]
  /** Where, in words; left out of mails about what does not take place. */
  place?: string
  /** Begin and end by the clock on the wall, ISO 8601 with offset and without fractions: `2026-11-30T10:20:00+01:00`. */
  startsAt: string
  endsAt: string
  /** Of a moved appointment: the begin until then. */
  movedFrom?: string
  /** IANA name of the zone of that clock. */
  timeZone: string
  /** When it was booked, moved or cancelled, and when this receipt was made: ISO 8601, UTC, to the second. */
  doneAt: string
  issuedAt: string
}

/** A public key as published at `<issuer>/.well-known/jwks.json` (RFC 8037). `retired`: since when nothing is signed with
 *  it any more; what was signed before stays good. */
export type PublicKey = {
  kty: 'OKP'
  crv: 'Ed25519'
  alg: 'EdDSA'
  use: 'sig'
  kid: string
  x: string
  retired?: string
}

/** A JWK Set (RFC 7517 §5). */
export type PublicKeys = { readonly keys: readonly PublicKey[] }

const local = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/
const utc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/
const isTime = (value: unknown, form: RegExp): boolean =>
  typeof value === 'string' && form.test(value) && !Number.isNaN(Date.parse(value))
const isText = (value: unknown): boolean => typeof value === 'string' && value.length > 0 && value.length <= 300

const isTimeZone = (value: unknown): boolean => {
  try {
    return isText(value) && new Intl.DateTimeFormat('de', { timeZone: value as string }).format(0) !== ''
  } catch {
    return false
  }
}

const isIssuer = (value: unknown): boolean =>
  isText(value) && URL.canParse(value as string) && /^https?:$/.test(new URL(value as string).protocol)

const isServices = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.length <= 10 &&
  value.every(
    (each) =>
      each !== null &&
      typeof each === 'object' &&
      isText(each.id) &&
      isText(each.title) &&
      sameMembers(each, ['id', 'title']),
  )

const sameMembers = (value: object, names: readonly string[]): boolean => Object.keys(value).join() === names.join()

/** In the order in which they are signed, each with what it has to be. */
const members: { readonly [K in keyof Required<Receipt>]: (value: unknown) => boolean } = {
  version: (value) => value === 1,
  act: (value) => acts.some((act) => act === value),
  tenant: isText,
  name: isText,
  issuer: isIssuer,
  reference: (value) => typeof value === 'string' && /^[A-Z2-9]{4}-[A-Z2-9]{4}$/.test(value),
  services: isServices,
  place: isText,
  startsAt: (value) => isTime(value, local),
  endsAt: (value) => isTime(value, local),
  movedFrom: (value) => isTime(value, local),
  timeZone: isTimeZone,
  doneAt: (value) => isTime(value, utc),
  issuedAt: (value) => isTime(value, utc),
}
const mayLack = ['services', 'place', 'movedFrom']

/** The text that is signed. */
export const receiptText = (receipt: Receipt): string =>
  JSON.stringify(
    Object.fromEntries(
      Object.keys(members).flatMap((name) => {
        const value = receipt[name as keyof Receipt]
        return value === undefined ? [] : [[name, value]]
      }),
    ),
  )

/** The receipt that a text says; null when it says anything else, or the same in other characters. */
export const parseReceipt = (text: string): Receipt | null => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null
  const given = value as Record<string, unknown>
  if (Object.keys(given).some((name) => !Object.hasOwn(members, name))) return null
  const isGood = Object.entries(members).every(([name, isRight]) =>
    given[name] === undefined ? mayLack.includes(name) : isRight(given[name]),
  )
  const receipt = given as Receipt
  if (!isGood || (receipt.act === 'moved') !== (receipt.movedFrom !== undefined)) return null
  return receiptText(receipt) === text ? receipt : null
}
