import { integerBelow, type Random } from './random.ts'

const referenceAlphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'

/** A reference people can read out over the phone: eight characters, none that look alike. It opens nothing. */
export const newReference = (random: Random): string => {
  const letters = Array.from(
    { length: 8 },
    () => referenceAlphabet[integerBelow(random, referenceAlphabet.length)],
  ).join('')
  return `${letters.slice(0, 4)}-${letters.slice(4)}`
}

/** A reference as it was written down or said over the phone: small letters, blanks or no hyphen do not matter; null when
 *  it is none. */
export const readReference = (text: string): string | null => {
  const letters = text.toUpperCase().replace(/[\s-]/g, '')
  return letters.length === 8 && [...letters].every((letter) => referenceAlphabet.includes(letter))
    ? `${letters.slice(0, 4)}-${letters.slice(4)}`
    : null
}
