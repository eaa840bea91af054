const rightToLeft = new Set(['ar', 'ckb', 'fa', 'he', 'ps', 'ur'])

/** The direction in which a language is written. `language` is BCP 47, e.g. `de`. */
export const directionOf = (language: string): 'ltr' | 'rtl' =>
  rightToLeft.has(language.split('-')[0] ?? '') ? 'rtl' : 'ltr'

const neutral = /^[^\p{Script=Latin}\p{Nd}]*$/u

/** A value inside a sentence of this language, kept apart from the words around it: without that, a phone number, an address
 *  or a span of times would come out in the wrong order between words written from right to left. The marks (first strong
 *  isolate and its end, U+2068 and U+2069) work wherever text goes: pages, mails, calendars. */
export const isolate = (value: string, language: string): string =>
  directionOf(language) === 'ltr' || neutral.test(value) ? value : `\u2068${value}\u2069`
