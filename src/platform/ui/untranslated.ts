/* Browsers and mail programs translate pages by themselves, and now and then a number or an address with them. */

/** For an element whose text only works as it stands, where its form does not show that. Preact's types know a truth value
 *  here, which it would leave out. */
export const untranslated = { translate: 'no' as unknown as boolean }

/** What only works as it stands, wherever it stands in a text: links, mail addresses, phone numbers, booking references,
 *  codes of three groups of digits. */
const kinds = [
  // The renderer writes `&quot;` and `&lt;`: no link goes on there, nor ends within one.
  String.raw`https?://(?:&amp;|[^\s"<>()&])*[^\s"<>()&.,;:!?]`,
  String.raw`(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+`,
  String.raw`(?<![\w.,:+-])(?:\+\d|0)\d[\d \u00a0/-]{4,}\d(?![\w.:]?\d)`,
  String.raw`(?<![\w-])[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}(?![\w-])`,
  String.raw`(?<!\w)(?<!\d )\d{4} \d{4} \d{4}(?! ?\w)`,
]

/** Elements that hold text and no markup, or are marked already. */
const isLeftAlone = (tag: string): boolean =>
  /^<(?:title|textarea|option|script|style|text)\b/.test(tag) || / translate="no"/.test(tag)

/** Phone numbers and codes: short, and read wrong when a line ends within them. */
const isNumber = (text: string): boolean => /^\+?\d[\d \u00a0/-]*$/.test(text)

const marked = (text: string): string =>
  `<span${isNumber(text) ? ' class="a-number"' : ''} translate="no">${text}</span>`

const piece = /(<(?:[^>"]|"[^"]*")*>)|([^<]+)/g

/** HTML as the renderer writes it, with everything in its text that only works as it stands marked as not to be
 *  translated. Here, for all pages and mails at once, and not where each sentence is written: a number comes into many of
 *  them as a value. `names`: words of this page that are such, too. */
export const markUntranslated = (html: string, names: readonly string[] = []): string => {
  const asItStands = new RegExp(
    [...kinds, ...names.map((name) => `(?<![\\w-])${RegExp.escape(name)}(?![\\w-])`)].join('|'),
    'g',
  )
  let before = ''
  return html.replace(piece, (all, tag: string | undefined) => {
    if (tag !== undefined) {
      before = tag
      return tag
    }
    return isLeftAlone(before) ? all : all.replace(asItStands, marked)
  })
}
