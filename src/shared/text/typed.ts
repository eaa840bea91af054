// What people type and paste, in one form, before anything judges it; the same in browser and server. Decision 0041.

/** Marks of direction that people type; inside a text they stay, at its ends they mean nothing. */
const edge = '\\u200E\\u200F\\u061C'
const blank = /[\p{Zs}\u2800\u3164\uFFA0]/gu // no-break, thin and wide ones, and three letters that look like one
const lineEnd = /\r\n?|[\v\f\u0085\p{Zl}\p{Zp}]/gu

// Control characters, halves of characters, what is no character, soft hyphens, blanks and joiners of no width, and what
// overrides or embeds a direction: after it staff would read other text in another order than was typed.
const hidden =
  /(?![\n\t])\p{Cc}|\p{Cs}|\p{Noncharacter_Code_Point}|[\u00AD\u200B\u2060-\u2064\u206A-\u206F\uFEFF\uFFF9-\uFFFB\u202A-\u202E\u2066-\u2069]/gu
// Invisible letters; three flags are written with them (England, Scotland, Wales).
const tags = /(\u{1F3F4}[\u{E0020}-\u{E007E}]{1,8}\u{E007F})|[\u{E0000}-\u{E007F}]/gu
// What chooses the form of the character before it (❤️), where there is one.
const selectors = new RegExp(
  `([^\\s\\u200C\\u200D${edge}\\uFE00-\\uFE0F\\u{E0100}-\\u{E01EF}][\\uFE00-\\uFE0F\\u{E0100}-\\u{E01EF}])|[\\uFE00-\\uFE0F\\u{E0100}-\\u{E01EF}]`,
  'gu',
)
// Joiners belong between two characters: Persian spelling (علی‌رضا) and joined emoji need them.
const joiners = new RegExp(
  `([^\\s\\u200C\\u200D${edge}][\\u200C\\u200D])(?![\\s\\u200C\\u200D${edge}]|$)|[\\u200C\\u200D]`,
  'gu',
)
const atEnd = new RegExp(`[\\s${edge}]`)

/** A text without these characters at its ends, each one unit of UTF-16. By steps, as a regular expression would take the
 *  square of the time for a long row of them. */
export const trimmed = (text: string, ends: RegExp, begins: RegExp = ends): string => {
  let [from, to] = [0, text.length]
  while (from < to && begins.test(text.charAt(from))) from++
  while (to > from && ends.test(text.charAt(to - 1))) to--
  return text.slice(from, to)
}

const withoutHidden = (text: string): string =>
  trimmed(
    text
      .replace(hidden, '')
      .replace(tags, '$1')
      .replace(selectors, '$1')
      .normalize('NFC')
      .replace(/([\u200C\u200D])[\u200C\u200D]+/g, '$1')
      .replace(joiners, '$1'),
    atEnd,
  )

/** A text of several lines as it is judged, counted and stored: canonically composed (NFC), every blank a plain one, lines
 *  ended by `\n`, hyphens that look like `-` as that, without what hides or reorders text. Reading it again changes
 *  nothing. */
export const readLines = (raw: string): string =>
  withoutHidden(
    raw
      .replace(lineEnd, '\n')
      .replace(blank, ' ')
      .replace(/[\u2010\u2011]/g, '-'),
  )

/** The same of a text of one line: several blanks are one. */
export const readText = (raw: string): string => readLines(readLines(raw).replace(/\s+/g, ' '))

// The last are characters that count as letters or symbols, and that fonts leave blank: of Braille, of music, of what was
// pasted with an object in it, of hieroglyphs.
const visible =
  /[^\p{Z}\p{Cc}\p{Cf}\p{Cs}\p{M}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800\uFFFC\u{1D159}\u{13441}\u{13442}]/u

/** Whether anything can be seen of a text. Blanks, fillers, marks without a letter and format characters are nothing. */
export const isVisible = (text: string): boolean => visible.test(text)

/** How long a typed text is: in code points, of the text as it is read, so that a line end and a character of several parts
 *  count alike wherever it is counted. An emoji of several people counts each of them. */
export const lengthOf = (raw: string): number => [...readLines(raw)].length
