import { parseEmailAddress } from '#platform/mail/address.ts'

// What people put into an address against harvesters, and what a reader would have to know to take it out again.
const obfuscation =
  /\(at\)|\[at\]|\{at\}| at |remove-?this|no-?spam|spam-?(frei|schutz)|entfernen|\(dot\)|\[dot\]|\(punkt\)/i

/** Why nobody can write to an e-mail address as it stands; null if one can. */
export const faultOfAddress = (printed: string): string | null => {
  if (obfuscation.test(printed)) return `'${printed}' is disguised and cannot be used as it is written`
  return parseEmailAddress(printed) === null ? `'${printed}' is no e-mail address` : null
}
