import { isolate } from '#platform/i18n/direction.ts'
import type { Language } from '#platform/i18n/translate.ts'
import type { Activity } from '../schema.ts'
import { type Day, insteadOf, type Law, lastDayOf, lawAsOf, laws, restricted, type Use } from './laws.ts'

/** What is wrong, and what to do about it. */
export type Fault = {
  kind: 'unreadable' | 'unknown' | 'repealed' | 'renamed' | 'future' | 'mark' | 'legitimateInterest' | 'contract'
  message: string
  remedy: string
}

const citation = /^(Art\.|§) ((?!0\d)\d+[a-z]?)((?:\((?!0)\d+[a-z]?\))?)((?:\([a-z]\))?)((?: No (?!0)\d+)?) (\S.*)$/

/** What a citation is made of; null if it cannot be read. What is left out is an empty text. */
export const readCitation = (norm: string) => {
  const [, mark, section = '', paragraph = '', letter = '', number = '', name = ''] = citation.exec(norm) ?? []
  return mark === undefined ? null : { mark, section, paragraph, letter, number, name }
}

type Citation = NonNullable<ReturnType<typeof readCitation>>

const dayAfter = (day: Day): Day => Temporal.PlainDate.from(day).add({ days: 1 }).toString()

const repealed = (norm: string, { section, paragraph, letter, number }: Citation, law: Law, to: Day): Fault => {
  const { successor } = law
  const next = successor?.sections[section]
  const moved = next && `cite ${laws.get(successor.law)?.mark} ${next}${paragraph}${letter}${number} ${successor.law}`
  return {
    kind: 'repealed',
    message: `'${norm}' is repealed, since ${dayAfter(to)}`,
    remedy: moved
      ? `${moved}, its successor`
      : (insteadOf(law, section, paragraph) ?? successor?.instead ?? 'cite what applies now'),
  }
}

const renamed = (norm: string, { section, paragraph, letter, number }: Citation, name: string, to: Day): Fault => ({
  kind: 'renamed',
  message: `'${norm}' cites a law that was renamed on ${dayAfter(to)}: it is the ${name} now`,
  remedy: `cite ${laws.get(name)?.mark} ${section}${paragraph}${letter}${number} ${name}, the same section under its new name`,
})

/** What came after the last day of a section: another name, another law, or nothing. */
const past = (norm: string, cited: Citation, law: Law, on: Day): Fault[] => {
  const to = lastDayOf(law, cited.section)
  if (to === null || on <= to) return []
  return [law.renamed === undefined ? repealed(norm, cited, law, to) : renamed(norm, cited, law.renamed, to)]
}

/** What no text of the law holds: a number beyond its last, or a point beyond a paragraph's. */
const invented = (
  norm: string,
  { section, paragraph, letter, name }: Citation,
  { mark, last, points }: Law,
): Fault[] => {
  const number = Number.parseInt(section, 10)
  const lastPoint = points?.[`${section}${paragraph}`]
  if (number < 1 || number > last) {
    const message = `'${norm}': ${name} has no ${mark} ${section}`
    return [{ kind: 'unknown', message, remedy: 'correct the number' }]
  }
  if (letter && lastPoint !== undefined && letter > `(${lastPoint})`) {
    const message = `'${norm}': ${mark} ${section}${paragraph} ${name} ends with point (${lastPoint})`
    return [{ kind: 'unknown', message, remedy: 'correct the letter' }]
  }
  return []
}

const restriction = (norm: string, use: Use): Fault[] => {
  const limit = restricted.get(norm)
  if (!limit || limit.usableBy.includes(use)) return []
  const { kind, message, remedy } = limit
  return [{ kind, message, remedy }]
}

/** All that is wrong with a norm as cited, on a day and for a use. */
export const faultsOfNorm = (norm: string, on: Day, use: Use = 'authority.task'): Fault[] => {
  const cited = readCitation(norm)
  if (!cited) {
    const message = `'${norm}' is not a citation this software can read`
    return [
      {
        kind: 'unreadable',
        message,
        remedy: "write it like 'Art. 6(1)(e) GDPR', '§ 67b(2) SGB X' or '§ 25(2) No 2 TDDDG'",
      },
    ]
  }
  const law = laws.get(cited.name)
  if (!law) {
    const known = [...laws].filter(([, { from, to }]) => from <= on && (to ?? on) >= on).map(([name]) => name)
    return [{ kind: 'unknown', message: `'${norm}' cites an unknown law`, remedy: `cite one of ${known.join(', ')}` }]
  }
  const found = past(norm, cited, law, on)
  if (on < law.from) {
    found.push({
      kind: 'future',
      message: `'${norm}' is not in force before ${law.from}`,
      remedy: 'cite what applies until then',
    })
  }
  if (law.mark !== cited.mark) {
    found.push({
      kind: 'mark',
      message: `'${norm}': ${cited.name} has no such division`,
      remedy: `begin with '${law.mark}'`,
    })
  } else {
    found.push(...invented(norm, cited, law))
  }
  return [...found, ...restriction(norm, use)]
}

/** What is wrong with a norm as written in an activity, first of all; null if it can be cited on that day. */
export const faultOfNorm = (norm: string, on: Day = lawAsOf): Fault | null => faultsOfNorm(norm, on)[0] ?? null

/** As in a German law or letter. */
const inGerman = (norm: string): string => {
  const cited = readCitation(norm)
  if (!cited) return norm
  const inner = (text: string) => text.replace(/[()]/g, '')
  return [
    `${cited.mark} ${cited.section}`,
    cited.paragraph && `Abs. ${inner(cited.paragraph)}`,
    cited.letter && `Buchst. ${inner(cited.letter)}`,
    cited.number && `Nr. ${cited.number.slice(4)}`,
    laws.get(cited.name)?.de ?? cited.name,
  ]
    .filter(Boolean)
    .join(' ')
}

/** The norm as people cite it in a language: "Art. 6 Abs. 1 Buchst. a DSGVO"; in Arabic, too, as these are the words of the
 *  letters they get. One that cannot be read stays as it is. */
export const citeNorm = (norm: string, language: Language): string =>
  language === 'en' ? norm : isolate(inGerman(norm), language)

const rests = (activity: Activity, start: string) => activity.legalBasis.some(({ norm }) => norm.startsWith(start))

/** Whether it rests on consent: Art. 6(1)(a) GDPR. Brings withdrawal (Art. 7(3)) and portability (Art. 20). */
export const restsOnConsent = (activity: Activity): boolean => rests(activity, 'Art. 6(1)(a) GDPR')

/** Whether it names a ground for special categories of data: Art. 9(2) GDPR. */
export const allowsSpecialCategories = (activity: Activity): boolean => rests(activity, 'Art. 9(2)(')
