import { readNumeric } from './digits.ts'
import { domains, mistaken } from './domains.ts'
import { trimmed } from './typed.ts'

const marks = '\\s„“”‚«»‹›"\'`,;:.'
const before = new RegExp(`^(?:[<([{${marks}]|mailto:)+`, 'i')
const behind = new RegExp(`[>)\\]}${marks}]`)

/** An e-mail address out of what was typed or pasted: of `Name <a@b.de>` what stands between the brackets, without
 *  `mailto:` and its question mark, without quotes and punctuation around it and blanks around the @, an apostrophe of any
 *  kind as the plain one. A blank anywhere else stays: what stands on both sides of it may be two things; and so do several
 *  addresses in brackets, all of them. */
export const readAddress = (raw: string): string => {
  const text = readNumeric(raw).replace(/[\u2018\u2019\u02BC\u00B4]/g, "'")
  const inBrackets = (text.match(/<[^<>]+>/g) ?? []).filter((found) => found.includes('@'))
  if (inBrackets.length > 1) return text
  const inner = inBrackets[0] ?? text
  const [begin = ''] = before.exec(inner) ?? []
  const rest = inner.slice(begin.length)
  const [address = ''] = /mailto:/i.test(begin) ? rest.split('?') : [rest]
  return trimmed(address.replace(/\s*@\s*/g, '@'), behind, /\s/)
}

/** The first character before the @ that no mail server outside its own country's has to know (RFC 6531); null where there
 *  is none. */
export const foreignCharacter = (address: string): string | null => {
  const [local = '', ...domain] = address.split('@')
  const [character] = /[^\s!-~]\p{M}*/u.exec(local) ?? []
  return domain.length > 0 && character ? character : null
}

/** How many letters were left out, added, exchanged or swapped with their neighbour (optimal string alignment). */
const distance = (a: string, b: string): number => {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      const at = (y: number, x: number) => rows[y]?.[x] ?? 0
      row[j] = Math.min(at(i - 1, j) + 1, (row[j - 1] ?? 0) + 1, at(i - 1, j - 1) + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j] ?? 0, at(i - 2, j - 2) + 1)
    }
    rows.push(row)
  }
  return rows[a.length]?.[b.length] ?? 0
}

/** The first label of a domain, and the rest. */
const halves = (domain: string): [label: string, ending: string] => {
  const dot = domain.indexOf('.')
  return dot < 0 ? [domain, ''] : [domain.slice(0, dot), domain.slice(dot + 1)]
}

const generic = /^(?:com|net|org|info|biz|eu|email|online|dev|app|name|mobi|pro)$/
const countries = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })

/** Whether domains can end so: with a country's letters, below `com`, `co` and the like or not, or with one of the endings
 *  that belong to none. */
const isEnding = (ending: string): boolean => {
  const [, country] = /^(?:(?:com|co|net|org)\.)?([a-z]{2})$/.exec(ending) ?? []
  return generic.test(ending) || (country !== undefined && countries.of(country.toUpperCase()) !== undefined)
}

const known = [...domains, ...mistaken.keys()].map((domain) => ({ domain, halves: halves(domain) }))
const labels = new Set(known.map((one) => one.halves[0]))
/** Countries whose letters behind the name of a large service are mostly a `com` that lacks one. */
const cutShort = /^(?:co|cm|om)$/
/** A name of two letters is one slip away from hundreds of others: `my.com`, `vp.pl`. */
const shortestNear = 3

/** Another address that may be meant, where the domain is nearly that of a large mail service: one slip before its first
 *  dot, one behind it where no domain ends so, or both. A service's name in another country is none: most have many, but
 *  behind `com` without a letter. Only ever a question. Null where there is nothing to ask. */
export const suggestAddress = (address: string): string | null => {
  const [local = '', domain = ''] = address.split('@')
  const [label, ending] = halves(domain)
  const sure = mistaken.get(domain)
  if (sure) return `${local}@${sure}`
  if (domains.includes(domain) || domain.length > 30 || ending === '') return null
  const isReal = isEnding(ending)
  if (labels.has(label) && isReal && !cutShort.test(ending)) return null
  const near = known
    .filter(({ halves: [name] }) => name === label || name.length >= shortestNear)
    .map(({ domain: meant, halves: [name, end] }) => ({ meant, slips: [distance(label, name), distance(ending, end)] }))
    .filter(({ slips: [inLabel = 0, inEnding = 0] }) =>
      labels.has(label) ? inLabel === 0 && inEnding === 1 : inLabel === 1 && inEnding <= (isReal ? 0 : 1),
    )
    .sort((a, b) => (a.slips[1] ?? 0) - (b.slips[1] ?? 0))
  const meant = near[0] && (mistaken.get(near[0].meant) ?? near[0].meant)
  return meant ? `${local}@${meant}` : null
}
