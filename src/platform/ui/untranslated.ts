import { Parser } from 'htmlparser2'

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

/** Elements that hold text and no markup. */
const textOnly = new Set(['title', 'textarea', 'option', 'script', 'style', 'text'])

/** Phone numbers and codes: short, and read wrong when a line ends within them. */
const isNumber = (text: string): boolean => /^\+?\d[\d \u00a0/-]*$/.test(text)

const marked = (text: string): string =>
  `<span${isNumber(text) ? ' class="a-number"' : ''} translate="no">${text}</span>`

/** Calls `found` with each text between two tags, where markup can stand in it: from where to where it goes. */
const eachText = (html: string, found: (from: number, until: number) => void): void => {
  /** Of every element that is open, whether its text is left alone: it holds no markup, or is marked already. */
  const open: boolean[] = []
  let [from, until] = [0, 0]
  const end = (): void => {
    if (from < until && open.at(-1) !== true) found(from, until)
    from = until
  }
  const parser = new Parser(
    {
      ontext: () => {
        // A text can come in pieces.
        if (parser.startIndex !== until) from = parser.startIndex
        until = parser.endIndex + 1
      },
      onopentag: (name, { translate }) => {
        end()
        open.push(open.at(-1) === true || textOnly.has(name) || translate === 'no')
      },
      onclosetag: () => {
        end()
        open.pop()
      },
      onend: end,
    },
    { decodeEntities: false },
  )
  parser.end(html)
}

/** HTML with everything in its text that only works as it stands marked as not to be translated. Here, for all pages and
 *  mails at once, and not where each sentence is written: a number comes into many of them as a value. `names`: words of this
 *  page that are such, too. */
export const markUntranslated = (html: string, names: readonly string[] = []): string => {
  const asItStands = new RegExp(
    [...kinds, ...names.map((name) => `(?<![\\w-])${RegExp.escape(name)}(?![\\w-])`)].join('|'),
    'g',
  )
  let written = ''
  let rest = 0
  eachText(html, (from, until) => {
    written += html.slice(rest, from) + html.slice(from, until).replace(asItStands, marked)
    rest = until
  })
  return written + html.slice(rest)
}
