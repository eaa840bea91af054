import { readText } from './typed.ts'

const digit = /^\p{Nd}$/u

/** Decimal digits of every script as `0` to `9`. Unicode has each script's ten in a row, in ascending order, and promises
 *  that this stays (Unicode stability policy): the value is the place in the row. */
export const asciiDigits = (text: string): string =>
  text.replace(/(?![0-9])\p{Nd}/gu, (found) => {
    const code = found.codePointAt(0) as number
    let place = 0
    while (digit.test(String.fromCodePoint(code - place - 1))) place++
    return String(place % 10) // some rows follow each other without a gap
  })

/** Signs of full width and their like as the plain ones (NFKC). Not an accent that stands alone, such as the `´` that many
 *  take for an apostrophe: it would become a blank and a mark. */
const plainSigns = (text: string): string => text.replace(/\P{Sk}+/gu, (found) => found.normalize('NFKC'))

/** A number, a code or an address as it is judged: on one line, digits, letters and signs of full width as the plain ones,
 *  each dash as `-`, each slash as `/`, and nothing invisible at all. */
export const readNumeric = (raw: string): string =>
  readText(
    asciiDigits(plainSigns(readText(raw)))
      .replace(/[\p{Pd}\u2212]/gu, '-')
      .replace(/[\u2044\u2215]/g, '/')
      .replace(/\p{Default_Ignorable_Code_Point}/gu, ''),
  )

/** The digits of a code, in whatever script and groups it was typed; everything between them is left out. */
export const readCode = (raw: string): string => asciiDigits(raw).replace(/[^0-9]/g, '')
