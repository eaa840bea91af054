import { type Day, type Law, laws } from '../law/laws.ts'
import { rightsFrom } from '../law/rights.ts'
import type { Published } from './published.ts'
import { basesOf, each, normOf, type Objection, type Rule } from './rule.ts'

/** Rights that follow from the legal bases and are not named. Withdrawal has a rule of its own. */
const missingRights = (published: Published): Objection[] => {
  const named = new Set<string>(published.rights.named.map(({ right }) => right))
  const missing = rightsFrom(basesOf(published).map(({ value }) => normOf(value))).filter(
    (right) => right !== 'withdrawal' && !named.has(right),
  )
  return missing.length === 0
    ? []
    : [{ path: ['rights'], message: `not named: ${missing.join(', ')}`, remedy: 'name each right with how to use it' }]
}

const undated = ({ notice: { date } }: Published): Objection[] =>
  date === 'undated'
    ? [{ path: ['notice'], message: 'the notice bears no date', remedy: 'print from when it applies' }]
    : []

const changeOf = ([name, { renamed }]: [string, Law]): string =>
  renamed === undefined ? `${name} ended` : `${name} became ${renamed}`

/** Laws that were in force when the notice was written and are not any more. */
const outdated = ({ notice: { date } }: Published, on: Day): Objection[] => {
  if (date === 'undated') return []
  const ended = [...laws].filter(
    ([, { from, to }]) => to !== undefined && from <= `${date}-31` && date <= to && to < on,
  )
  return ended.length === 0
    ? []
    : [
        {
          path: ['notice'],
          message: `written ${date}; since then the law has changed (${ended.map(changeOf).join(', ')})`,
          remedy: 'hold the notice against the law of today, and date it anew',
        },
      ]
}

const brokenReferences = ({ sections, references }: Published): Objection[] => {
  const treats = new Map(sections.map(({ number, announces, describes }) => [number, describes ?? announces]))
  return each(references, ['references']).flatMap(({ path, value: { from, to, about } }) => {
    const found = treats.get(to)
    if (found?.includes(about)) return []
    const where = sections.find(({ announces, describes }) => (describes ?? announces).includes(about))?.number
    return [
      {
        path,
        message: found
          ? `${from} points to ${to} for ${about}, but that is about ${found.join(', ')}`
          : `${from} points to ${to}, which does not exist`,
        remedy: where ? `point to ${where}` : `remove it: no section is about ${about}`,
      },
    ]
  })
}

const undescribed = ({ sections }: Published): Objection[] =>
  each(sections, ['sections']).flatMap(({ path, value: { number, announces, describes } }) => {
    const missing = describes ? announces.filter((topic) => !describes.includes(topic)) : []
    return missing.length === 0
      ? []
      : [
          {
            path,
            message: `${number} announces ${missing.join(', ')} and does not describe it`,
            remedy: 'describe it, or take it out of the heading',
          },
        ]
  })

const intelligible = 'Art. 12(1) GDPR: concise, transparent, intelligible'

export const rulesOfNotice: readonly Rule[] = [
  {
    name: 'rights-missing',
    law: 'Art. 13(2)(b) GDPR: the rights that follow from the legal bases',
    find: missingRights,
  },
  {
    name: 'notice-undated',
    law: 'Art. 5(2) and Art. 13(3) GDPR: which text applied when can be shown',
    find: undated,
  },
  { name: 'notice-outdated', law: 'Art. 13(1)(c) GDPR: the law that applies', find: outdated },
  { name: 'reference-broken', law: intelligible, find: brokenReferences },
  { name: 'announced-not-described', law: intelligible, find: undescribed },
]
