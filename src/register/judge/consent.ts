import type { PrintedActivity, Published } from './published.ts'
import { activitiesOf, each, type Objection, onConsent, type Rule } from './rule.ts'

type PrintedConsent = PrintedActivity['consents'][number]

const consentsWhere = (
  published: Published,
  objects: (consent: PrintedConsent) => boolean,
  message: string,
  remedy: string,
): Objection[] =>
  activitiesOf(published).flatMap(({ path, value: { id, consents } }) =>
    each(consents, [...path, 'consents']).flatMap((consent) =>
      objects(consent.value) ? [{ path: consent.path, message: `${id}: ${message}`, remedy }] : [],
    ),
  )

/** Where withdrawal is missing: at the consent itself, or at the activity that rests on one. */
const withoutWithdrawal = (published: Published): Objection[] => {
  if (published.rights.named.some(({ right }) => right === 'withdrawal')) return []
  return activitiesOf(published).flatMap(({ path, value: { id, bases, consents } }) => {
    if ((consents.length === 0 && !onConsent(bases)) || consents.some(({ withdrawal }) => withdrawal)) return []
    return [
      {
        path: consents.length > 0 ? [...path, 'consents', 0] : path,
        message: `${id}: rests on consent, but the notice does not say that it can be withdrawn`,
        remedy: 'say so, and how: as easily as it was given',
      },
    ]
  })
}

export const rulesOfConsent: readonly Rule[] = [
  {
    name: 'consent-by-reading',
    law: 'Art. 4 No 11 and Art. 7(2) GDPR: consent is an act of its own, apart from taking note of a text',
    find: (published) =>
      consentsWhere(
        published,
        ({ givenBy }) => givenBy === 'reading',
        'having read the notice counts as consent',
        'ask for consent apart from the notice',
      ),
  },
  {
    name: 'consent-by-use',
    law: 'Art. 4 No 11 GDPR: consent is an unambiguous act; using a service is none',
    find: (published) =>
      consentsWhere(
        published,
        ({ givenBy }) => givenBy === 'use',
        'using the service counts as consent',
        'ask for consent before, or name another legal basis',
      ),
  },
  {
    name: 'consent-waives-protection',
    law: 'Art. 32 GDPR and § 35 SGB I: protecting data is a duty of the authority, which nobody can be made to waive',
    find: (published) =>
      activitiesOf(published).flatMap(({ path, value: { id, consents } }) =>
        each(consents, [...path, 'consents']).flatMap(({ path: place, value: { waives } }) =>
          waives.length > 0
            ? [
                {
                  path: place,
                  message: `${id}: people are said to waive ${waives.join(', ')}`,
                  remedy: 'protect the data, and drop the waiver',
                },
              ]
            : [],
        ),
      ),
  },
  {
    name: 'withdrawal-missing',
    law: 'Art. 13(2)(c) and Art. 7(3) GDPR: whoever asks for consent says that it can be withdrawn at any time',
    find: withoutWithdrawal,
  },
]
