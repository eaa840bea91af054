import type { Language } from '#platform/i18n/translate.ts'
import type { Activity } from './schema.ts'

/** What is wrong, and what to do about it. */
export type Fault = { message: string; remedy: string }

type Law = { mark: 'Art.' | '§'; de: string; repealed?: (section: string) => string }

const germanLaw = (name: string): [string, Law] => [name, { mark: '§', de: name }]

// TMG and TTDSG ended on 14 May 2024 (Art. 37 of the law that brought the DDG).
const laws = new Map<string, Law>([
  ['GDPR', { mark: 'Art.', de: 'DSGVO' }],
  ...['SGB I', 'SGB II', 'SGB III', 'SGB X', 'BDSG', 'TDDDG', 'DDG', 'OZG', 'BGG', 'VwVfG'].map(germanLaw),
  ...['HDSIG', 'DSG NRW', 'LDSG SH', 'HinSchG'].map(germanLaw),
  ['TTDSG', { mark: '§', de: 'TTDSG', repealed: (section) => `cite § ${section} TDDDG, its successor` }],
  [
    'TMG',
    {
      mark: '§',
      de: 'TMG',
      repealed: (section) =>
        section === '5' ? 'cite § 5 DDG, its successor' : 'cite Art. 13 GDPR; this section has no successor in the DDG',
    },
  ],
])

const citation = /^(Art\.|§) (\d+[a-z]?)((?:\(\d+[a-z]?\))?)((?:\([a-z]\))?)((?: No \d+)?) (\S.*)$/

const parts = (norm: string) => {
  const [, mark, section = '', paragraph = '', letter = '', number = '', name = ''] = citation.exec(norm) ?? []
  return mark === undefined ? null : { mark, section, paragraph, letter, number, name }
}

/** What is wrong with a norm as written in an activity; null if it can be cited today. */
export const faultOfNorm = (norm: string): Fault | null => {
  const cited = parts(norm)
  if (!cited) {
    return {
      message: `'${norm}' is not a citation this software can read`,
      remedy: "write it like 'Art. 6(1)(e) GDPR', '§ 67b(2) SGB X' or '§ 25(2) No 2 TDDDG'",
    }
  }
  const law = laws.get(cited.name)
  if (!law) {
    const known = [...laws].filter(([, { repealed }]) => !repealed).map(([name]) => name)
    return { message: `'${norm}' cites an unknown law`, remedy: `cite one of ${known.join(', ')}` }
  }
  if (law.repealed) return { message: `'${norm}' is repealed`, remedy: law.repealed(cited.section) }
  if (law.mark !== cited.mark) {
    return { message: `'${norm}': ${cited.name} has no such division`, remedy: `begin with '${law.mark}'` }
  }
  if (/^Art\. 6\(1\)\(f\) GDPR$/.test(norm)) {
    return {
      message: 'Art. 6(1)(f) is closed to authorities performing their tasks (Art. 6(1) GDPR, second subparagraph)',
      remedy: "cite 'Art. 6(1)(e) GDPR'",
    }
  }
  return null
}

/** The norm as people cite it in a language: "Art. 6 Abs. 1 Buchst. a DSGVO". One that cannot be read stays as it is. */
export const citeNorm = (norm: string, language: Language): string => {
  const cited = parts(norm)
  if (!cited || language === 'en') return norm
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

const rests = (activity: Activity, start: string) => activity.legalBasis.some(({ norm }) => norm.startsWith(start))

/** Whether it rests on consent: Art. 6(1)(a) GDPR. Brings withdrawal (Art. 7(3)) and portability (Art. 20). */
export const restsOnConsent = (activity: Activity): boolean => rests(activity, 'Art. 6(1)(a) GDPR')

/** Whether it rests on a public task: Art. 6(1)(e) GDPR. Brings the right to object (Art. 21). */
export const restsOnPublicTask = (activity: Activity): boolean => rests(activity, 'Art. 6(1)(e) GDPR')

/** Whether it names a ground for special categories of data: Art. 9(2) GDPR. */
export const allowsSpecialCategories = (activity: Activity): boolean => rests(activity, 'Art. 9(2)(')
