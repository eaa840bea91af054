import { readNumeric } from './digits.ts'

// Shorter is no number with its area code; longer is none at all (ITU-T E.164).
const [fewest, most] = [4, 15]
/** Longer than this, groups do not help to read. */
const longestInGroups = 25

export type PhoneFault =
  | { kind: 'noDigits' | 'tooFew' | 'tooMany' }
  /** Something that belongs to no number; the first of it. */
  | { kind: 'character'; character: string }

/** A phone number out of what was typed or pasted: `tel:`, a word with a colon in front of it, brackets, dots, slashes and
 *  dashes go; `00` becomes `+`; the zero of `+49 (0) 30` goes, as nobody dials it. The groups stay: `+49 30 23125 001`.
 *  Whether the number exists nobody asks. Reading the result again gives it again. */
export const readPhone = (raw: string): { value: string } | PhoneFault => {
  const text = readNumeric(raw)
    .replace(/^(?:\p{L}[\p{L}\p{M} .-]{0,30}:|tel(?:efon)?\b\.?)[\s:]*/iu, '')
    .replace(/^[\s()[\]./-]*(?:\+|0[\s()./-]*0)[\s()]*/, '+')
  const plus = text.startsWith('+') ? '+' : ''
  const rest = plus ? text.slice(1).replace(/\(\s*0\s*\)/, ' ') : text
  const groups = rest.match(/[0-9]+/g) ?? []
  const { length } = groups.join('')
  const [character] = /[^0-9\s()[\]./-]\p{M}*/u.exec(rest) ?? []
  if (length === 0) return { kind: 'noDigits' }
  if (character) return { kind: 'character', character }
  if (length < fewest) return { kind: 'tooFew' }
  if (length > most) return { kind: 'tooMany' }
  const grouped = plus + groups.join(' ')
  return { value: grouped.length > longestInGroups ? plus + groups.join('') : grouped }
}
