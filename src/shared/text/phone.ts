import { readNumeric } from './digits.ts'

/** With fewer digits it is no number with its area code, or with its country's; with more it is none at all (ITU-T E.164). */
const [fewest, fewestOfCountry, most] = [4, 7, 15]
/** Longer than this, groups do not help to read. */
const longestInGroups = 25
/** What stands around a number may be this long: "Handy:", "(Mutter)". More is a message, and nothing to leave out. */
const longestAround = 30

export type PhoneFault =
  | { kind: 'noDigits' | 'tooFew' | 'tooMany' | 'several' }
  /** Something that belongs to no number; the first of it. */
  | { kind: 'character'; character: string }

// A number may hold these between its digits; every piece of text that can be one is a run.
const run = /[0-9+][0-9+\s()[\]./-]*/g
const foreign = /[^0-9+\s()[\]./-]\p{M}*/u
const chat = /^(?:https?:\/\/)?(?:wa\.me\/|(?:api\.whatsapp\.com\/|whatsapp:\/\/)send\/?\?phone=)\+?(?=[0-9])/i
// As digits they are read by nobody who dials: ½, ², ①, Ⅷ.
const otherNumber = /[\p{No}\p{Nl}]/u

const digitsIn = (text: string): string => text.replace(/[^0-9]/g, '')

/** Whether these digits begin as another number does: with an area code's zero or a country's plus, and long enough. */
const beginsNumber = (text: string): boolean => /^[\s()[\]./-]*[0+]/.test(text) && digitsIn(text).length >= 6

/** Whether these digits can be a whole number, and not the first half of one: an area code, a country's. */
const isWhole = (text: string): boolean => {
  const digits = digitsIn(text)
  if (/^\s*(?:\+|00)/.test(text)) return digits.length > 8
  return digits.length >= (digits.startsWith('0') ? 6 : fewest)
}

/** Whether there are two numbers in a run: with a slash or a dash between them, or a plus within. */
const holdsTwo = (text: string): boolean => {
  const plus = text.indexOf('+', text.search(/[0-9]/))
  if (plus > 0 && /[0-9]/.test(text.slice(plus))) return true
  // The first places only: a number has few, and each look is at the rest.
  return [...text.matchAll(/[/-]/g)]
    .slice(0, most)
    .some(({ index }) => isWhole(text.slice(0, index)) && beginsNumber(text.slice(index + 1)))
}

/** Whether what stands around a number can go: short, no address, no letter right beside a digit, and no digits before or
 *  behind that belong to its words ("Haus 3", "18 Uhr"). */
const isAround = (before: string, number: string, after: string): boolean => {
  const [hasBefore, hasAfter] = [before, after].map((text) => /\p{L}/u.test(text))
  if (!hasBefore && !hasAfter) return before.length + after.length <= longestAround
  const groups = number.match(/[0-9]+/g) ?? []
  const [first = '', last = ''] = [groups[0], groups.at(-1)]
  const belongsBefore = hasBefore && first.length < 3 && /^[1-9]/.test(number)
  const isSetApart = /[(/[-][\s.]*$/.test(number) || /^[^\p{L}\p{N}\s]/u.test(after)
  const open = number.lastIndexOf('(')
  const isOpen = open > number.lastIndexOf(')') && /[0-9]/.test(number.slice(open))
  const belongsBehind = hasAfter && (isOpen || (last.length < 3 && !isSetApart))
  return (
    before.length <= longestAround &&
    after.length <= longestAround &&
    digitsIn(number).length >= (hasAfter ? 6 : fewest) && // 0800 with a word behind it is dialled by its letters
    !/@/.test(before + after) &&
    !/\p{L}\p{M}*$/u.test(before) &&
    !(/^\p{L}/u.test(after) && /[0-9]$/.test(number)) &&
    !belongsBefore &&
    !belongsBehind
  )
}

/** The one run that is the number, without what stands around it. */
const findNumber = (text: string): string | PhoneFault => {
  const runs = [...text.matchAll(run)].filter(([found]) => /[0-9]/.test(found))
  const [one] = runs
  if (!one) return { kind: 'noDigits' }
  const [number] = one
  const [character = ''] = foreign.exec(text) ?? []
  if (runs.slice(1).some(([found]) => beginsNumber(found)) && isWhole(number)) return { kind: 'several' }
  if (holdsTwo(number)) return { kind: 'several' }
  const isAlone = runs.length === 1 && isAround(text.slice(0, one.index), number, text.slice(one.index + number.length))
  return character === '' || isAlone ? number : { kind: 'character', character }
}

/** Zeros at the beginning, with what may stand around them. */
const zeros = /^[\s()[\]./-]*0[0\s()[\]./-]*/
/** A country's code (ITU-T E.164): no shorter one begins a longer one. */
const countryCode =
  /^(?:[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|(?:2[1-689]|3[578]|42|5[09]|6[7-9]|8[0357-9]|9[679])[0-9])/
/** Where the numbers themselves begin with a zero: Italy, San Marino, Tajikistan, some of West and Central Africa (by the
 *  metadata of libphonenumber, December 2026). */
const zeroBelongs = /^(?:39|378|992|22[5679]|24[12])$/

/** What follows the plus, without the zero of an area code behind the country's: nobody dials it there. */
const withoutTrunkZero = (text: string): string => {
  const [code = ''] = countryCode.exec(digitsIn(text)) ?? []
  const [country = ''] = new RegExp(`^(?:[^0-9]*[0-9]){${code.length}}`).exec(text) ?? []
  const [found = ''] = zeros.exec(text.slice(country.length)) ?? []
  return code === '' || found === '' || zeroBelongs.test(code)
    ? text
    : `${country} ${text.slice(country.length + found.length)}`
}

/** Plus and digits in their groups; `00` is a plus, and so is one at the end, where text that runs from right to left has
 *  put it. The zero of an area code goes behind a country's, in brackets or not, as nobody dials it there. */
const inGroups = (number: string): { plus: string; groups: string[] } => {
  const isTurned = /^[\s()[\]./-]*[1-9].*\+[\s()[\]./-]*$/.test(number)
  const text = (isTurned ? `+${number}` : number).replace(/^[\s()[\]./+-]*(?:\+|0[\s()[\]./-]*0)[\s()]*/, '+')
  if (!text.startsWith('+')) return { plus: '', groups: text.match(/[0-9]+/g) ?? [] }
  // No country's code begins with a zero: `+0151` is an area code, `+0049` has two signs for one thing.
  const [wrong = ''] = zeros.exec(text.slice(1)) ?? []
  const isNational = digitsIn(wrong).length === 1
  const dialled = isNational ? text.slice(1) : withoutTrunkZero(text.slice(1 + wrong.length))
  return { plus: isNational ? '' : '+', groups: dialled.match(/[0-9]+/g) ?? [] }
}

/** A phone number out of what was typed or pasted: words and signs around it go, brackets, dots, slashes and dashes within;
 *  `00` becomes `+`. The groups stay: `+49 30 23125 001`. Whether the number exists nobody asks. Reading the result again
 *  gives it again. */
export const readPhone = (raw: string): { value: string } | PhoneFault => {
  const [strange] = otherNumber.exec(raw) ?? []
  if (strange) return { kind: 'character', character: strange }
  const found = findNumber(readNumeric(raw).replaceAll('\u20e3', '').replace(chat, '+'))
  if (typeof found !== 'string') return found
  const { plus, groups } = inGroups(found)
  const digits = groups.join('')
  if (digits.length > most) return { kind: 'tooMany' }
  if (digits.length < (plus ? fewestOfCountry : fewest) || digits.replace(/^0+/, '').length < fewest)
    return { kind: 'tooFew' }
  const grouped = plus + groups.join(' ')
  return { value: grouped.length > longestInGroups ? plus + digits : grouped }
}
