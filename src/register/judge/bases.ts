import { allowsNothing } from '../law/bases.ts'
import type { Day } from '../law/laws.ts'
import { type Fault, faultsOfNorm } from '../law/norms.ts'
import type { Published } from './published.ts'
import { type At, activitiesOf, basesOf, each, normOf, type Objection, type Rule } from './rule.ts'

const citedNorms = (published: Published): At<{ norm: string; relation?: string | undefined }>[] => [
  ...each(published.cites, ['cites']),
  ...activitiesOf(published).flatMap(({ path, value }) => each(value.cites, [...path, 'cites'])),
  ...basesOf(published)
    // Business interests have a rule of their own.
    .filter(({ value }) => value.ground !== 'businessInterest')
    .map(({ path, value }) => ({ path, value: { norm: normOf(value), relation: value.relation } })),
]

const faulty =
  (...kinds: Fault['kind'][]) =>
  (published: Published, on: Day): Objection[] =>
    citedNorms(published).flatMap(({ path, value: { norm, relation } }) =>
      faultsOfNorm(norm, on, relation === 'contract' ? 'authority.contract' : 'authority.task')
        .filter(({ kind }) => kinds.includes(kind))
        .map(({ message, remedy }) => ({ path, message, remedy })),
    )

/** Bases of which not one allows anything. Beside one that does, an article may well be named. */
const nothingAllowed = (published: Published): Objection[] =>
  activitiesOf(published).flatMap(({ path, value: { id, bases } }) => {
    const norms = bases.map(normOf)
    if (norms.length === 0 || !norms.every(allowsNothing)) return []
    const message = `${id}: ${norms.join(', ')}: nothing of it allows the processing`
    return [
      {
        path: [...path, 'bases', 0],
        message,
        remedy: 'name what does, e.g. Art. 6(1)(e) GDPR with the law of the task',
      },
    ]
  })

const naming = 'Art. 13(1)(c) GDPR: the notice names the legal basis that applies'

export const rulesOfBases: readonly Rule[] = [
  { name: 'norm-repealed', law: naming, find: faulty('repealed', 'future') },
  { name: 'norm-renamed', law: naming, find: faulty('renamed') },
  { name: 'norm-miscited', law: naming, find: faulty('unreadable', 'mark') },
  { name: 'norm-unknown', law: naming, find: faulty('unknown') },
  {
    name: 'legitimate-interest-of-authority',
    law: 'Art. 6(1) GDPR, second subparagraph: point (f) does not apply to authorities in the performance of their tasks',
    find: faulty('legitimateInterest'),
  },
  {
    name: 'contract-for-benefit',
    law: 'Art. 6(1)(b) and (e) GDPR: a relation under the Social Code is no contract',
    find: faulty('contract'),
  },
  {
    name: 'business-interest',
    law: 'Art. 6(1) and (3) GDPR, §§ 67b and 67c SGB X: an authority acts on its task, not on an interest',
    find: (published) =>
      basesOf(published).flatMap(({ path, value }) =>
        value.ground === 'businessInterest'
          ? [
              {
                path,
                message: 'an authority names business interests as its ground',
                remedy: 'name the norm of the Social Code that gives the task, with Art. 6(1)(e) GDPR',
              },
            ]
          : [],
      ),
  },
  {
    name: 'basis-left-open',
    law: 'Art. 13(1)(c) and Art. 5(1)(a) GDPR: people can see which legal basis applies to their case',
    find: (published) =>
      basesOf(published).flatMap(({ path, value }) =>
        value.leftOpen
          ? [
              {
                path,
                message: `${value.norm ?? value.ground} is one of several possible bases; which one applies is left open`,
                remedy: 'name one legal basis for each purpose',
              },
            ]
          : [],
      ),
  },
  {
    name: 'purpose-without-basis',
    law: naming,
    find: (published) =>
      activitiesOf(published).flatMap(({ path, value: { id, anonymous, purposes, bases } }) =>
        bases.length === 0 && purposes.length > 0 && !anonymous
          ? [{ path, message: `${id}: purposes without any legal basis`, remedy: 'name the legal basis' }]
          : [],
      ),
  },
  {
    name: 'basis-allows-nothing',
    law: 'Art. 6(1) GDPR: processing is lawful only where one of its points applies; other articles shape or define',
    find: nothingAllowed,
  },
  {
    name: 'marketing-by-authority',
    law: 'Art. 5(1)(b) and Art. 6(1)(e), (3) GDPR: an authority processes data for its task, and marketing is none',
    find: (published) =>
      activitiesOf(published).flatMap(({ path, value: { purposes } }) =>
        each(purposes, [...path, 'purposes']).flatMap((purpose) =>
          purpose.value.serves === 'marketing'
            ? [
                {
                  path: purpose.path,
                  message: 'an authority names marketing as a purpose',
                  remedy: 'drop this purpose',
                },
              ]
            : [],
        ),
      ),
  },
]
