import { isolate } from '#platform/i18n/direction.ts'
import type { Language } from '#platform/i18n/translate.ts'
import type { Activity } from '../schema.ts'
import { type Day, type Law, lawAsOf, laws, restricted, type Use } from './laws.ts'

/** What is wrong, and what to do about it. */
export type Fault = {
  kind: 'unreadable' | 'unknown' | 'repealed' | 'future' | 'mark' | 'legitimateInterest' | 'contract'
  message: string
  remedy: string
}

const citation = /^(Art\.|§) (\d+[a-z]?)((?:\(\d+[a-z]?\))?)((?:\([a-z]\))?)((?: No \d+)?) (\S.*)$/

const parts = (norm: string) => {
  const [, mark, section = '', paragraph = '', letter = '', number = '', name = ''] = citation.exec(norm) ?? []
  return mark === undefined ? null : { mark, section, paragraph, letter, number, name }
}

type Parts = NonNullable<ReturnType<typeof parts>>

const repealed = (norm: string, { section, paragraph, letter, number }: Parts, { to, successor }: Law): Fault => {
  const next = successor?.sections[section]
  return {
    kind: 'repealed',
    message: `'${norm}' is repealed, since ${Temporal.PlainDate.from(to ?? '').add({ days: 1 })}`,
    remedy:
      next && successor
        ? `cite ${laws.get(successor.law)?.mark} ${next}${paragraph}${letter}${number} ${successor.law}, its successor`
        : (successor?.instead ?? 'cite what applies now'),
  }
}

/** What no text of the law holds: a number beyond its last, or a point beyond a paragraph's. */
const invented = (norm: string, { section, paragraph, letter, name }: Parts, { mark, last, points }: Law): Fault[] => {
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
  const cited = parts(norm)
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
  const found: Fault[] = []
  if (law.to !== undefined && law.to < on) found.push(repealed(norm, cited, law))
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
  const cited = parts(norm)
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

/** Whether it rests on a public task: Art. 6(1)(e) GDPR. Brings the right to object (Art. 21). */
export const restsOnPublicTask = (activity: Activity): boolean => rests(activity, 'Art. 6(1)(e) GDPR')

/** Whether it names a ground for special categories of data: Art. 9(2) GDPR. */
export const allowsSpecialCategories = (activity: Activity): boolean => rests(activity, 'Art. 9(2)(')
