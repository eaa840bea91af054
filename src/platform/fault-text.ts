// Errors about a value, of JavaScript, Node and PostgreSQL, quote the value, mostly without quotation marks: of these
// name and code have to be enough.
const isAboutValue = (error: Error, code: string): boolean =>
  error instanceof SyntaxError ||
  error instanceof RangeError ||
  error instanceof URIError ||
  /^(ERR_|22...$)/.test(code)

// What PostgreSQL quotes here are tables, columns and constraints; the values stand in its `detail`.
const quotesNames = /^(23...|42(?!601)...)$/

// A quotation that nothing ends goes on in the next line, or behind the cut.
const quoted = /"[^"]*(?:"|$)|`[^`]*(?:`|$)|„[^“”"]*(?:[“”"]|$)|“[^”]*(?:”|$)|«[^»]*(?:»|$)|(?<!\w)'[^']*(?:'(?!\w)|$)/g

const hex = '[0-9A-Fa-f]'

/** What could be somebody's. A UUID is found, too, and stays: it leads to nobody by itself. */
const personal = new RegExp(
  [
    `(?<uuid>\\b${hex}{8}(?:-${hex}{4}){3}-${hex}{12}\\b)`,
    `\\S*(?:@|%${hex}{2})\\S*`, // a mail address; anything percent-encoded
    `(?<![\\w:])${hex}{0,4}(?::${hex}{0,4}){2,7}(?:%\\w+)?(?![\\w:])`, // IPv6
    '\\+?\\d[\\d\\s./:()-]{4,}\\d', // IPv4, days, telephone numbers
    '[\\w-]*\\d{4,}[\\w-]*', // numbers of customers and accounts
    '(?=[\\w-]*(?:\\d|[a-z][A-Z]|[A-Z]{2}[a-z]))[\\w-]{16,}', // secret parts of links, codes, receipts
  ].join('|'),
  'g',
)

/** The words of an error without what they may quote of what somebody sent. */
const withoutValues = (words: string, code: string): string =>
  (quotesNames.test(code) ? words : words.replace(quoted, '…')).replace(personal, (found, uuid?: string) =>
    uuid === undefined ? '…' : found,
  )

/** The patterns take their time with a long word, and more than this helps nobody. */
const longestLine = 500

/** The first line of a message; of a long one as many whole words as fit, as half an address would not look like one. */
const firstLineOf = (message: string): string => {
  const [line = ''] = message.split('\n', 1)
  return line.length > longestLine ? `${line.slice(0, longestLine).replace(/\S*$/, '')}…` : line
}

const codeOf = (error: Error): string => {
  const code = 'code' in error ? String(error.code) : ''
  return /^(?:[0-9A-Z]{5}|[A-Z_]+(?:\d[A-Z_]*)?)$/.test(code) ? code : ''
}

/** Where an error came about; what its message says in further lines is none of it. */
const placesOf = ({ stack = '', message }: Error): string[] =>
  stack
    .slice(stack.indexOf(message) + message.length)
    .split('\n')
    .filter((line) => /^ {4}at /.test(line))
    .slice(0, 5)

const describe = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown fault'
  const code = codeOf(error)
  const words = isAboutValue(error, code)
    ? 'a value that does not fit'
    : withoutValues(firstLineOf(error.message), code)
  return [`${error.name}${code && ` ${code}`}: ${words}`, ...placesOf(error)].join('\n')
}

/** What may be written of a fault: where it was, name and code of the error, its first line, its places. PostgreSQL's
 *  `detail`, a mail server's words and further lines can repeat values and are left out; so is what looks like somebody's
 *  in the first line. A bare name that whoever threw the error put into it is not noticed: errors of ours never do that
 *  (test/architecture.test.ts). */
export const faultText = (where: string, error: unknown): string => `fault in ${where}: ${describe(error)}`
