import type { PrintedActivity, Published } from './published.ts'
import { type At, activitiesOf, each, type Objection, type Rule } from './rule.ts'

type PrintedRetention = PrintedActivity['retention'][number]

/** A retention that says neither how long nor what decides it. */
export const isUnstated = ({ unstated, period, criteria }: PrintedRetention): boolean =>
  unstated || (period === undefined && criteria === undefined)

const noPeriod = 'say how long, or what decides how long'

const missing = (published: Published): Objection[] =>
  activitiesOf(published).flatMap(({ path, value: { id, anonymous, retention, fields } }) => {
    const unstated = each(retention, [...path, 'retention']).filter(({ value }) => isUnstated(value))
    if (unstated.length > 0) {
      return unstated.map((entry) => ({ path: entry.path, message: `${id}: no period is stated`, remedy: noPeriod }))
    }
    const open = fields.filter(({ kept, form }) => kept === undefined && form !== 'anonymised').map((field) => field.id)
    return retention.length > 0 || anonymous || open.length === 0
      ? []
      : [{ path, message: `${id}: nothing says how long these are kept: ${open.join(', ')}`, remedy: noPeriod }]
  })

const triggerless = (published: Published): Objection[] =>
  activitiesOf(published).flatMap(({ path, value: { id, retention } }) =>
    each(retention, [...path, 'retention']).flatMap(({ path: place, value: { after, period } }) =>
      period !== undefined && after === undefined
        ? [{ path: place, message: `${id}: ${period} from when is not said`, remedy: 'name what starts the period' }]
        : [],
    ),
  )

type PrintedField = PrintedActivity['fields'][number]

/** That it is never stored contradicts that it is, unless one is said of the full value and the other of a shorter one. */
const contradict = (one: PrintedField, other: PrintedField): boolean => {
  const [never, stored] = one.kept === 'never' ? [one, other] : [other, one]
  if (one.id !== other.id || never.kept !== 'never' || stored.kept === 'never') return false
  return never.form === undefined || never.form === (stored.form ?? 'full')
}

/** The later of two statements is the contradiction. */
const contradicting = (published: Published): Objection[] =>
  activitiesOf(published).flatMap(({ path, value: { id, fields } }) =>
    each(fields, [...path, 'fields']).flatMap(({ path: place, value: field }, index) =>
      fields.slice(0, index).some((earlier) => contradict(earlier, field))
        ? [
            {
              path: place,
              message: `${id}: '${field.id}' is said to be stored, and not to be stored`,
              remedy: 'say which of the two is true, and of which form of it',
            },
          ]
        : [],
    ),
  )

type Way = Published['transports'][number]

const ways = (published: Published): At<Way>[] => [
  ...each(published.transports, ['transports']),
  ...activitiesOf(published).flatMap(({ path, value: { transports } }) => each(transports, [...path, 'transports'])),
]

const unencrypted = (published: Published): Objection[] =>
  ways(published).flatMap(({ path, value: { what, by, encryption } }) => {
    const plainMail = by === 'mail' && encryption === 'unstated'
    if (encryption !== 'none' && !plainMail) return []
    return [
      {
        path,
        message: plainMail ? `${what}: sent by ordinary e-mail` : `${what}: sent without encryption`,
        remedy: 'encrypt it on the way, or send only a link without personal data',
      },
    ]
  })

const strength = ['none', 'tls', 'endToEnd']

const downgraded = (published: Published): Objection[] =>
  ways(published).flatMap(({ path, value: { what, encryption, fallsBackTo, shown } }) =>
    fallsBackTo !== undefined && !shown && strength.indexOf(fallsBackTo) < strength.indexOf(encryption)
      ? [
          {
            path,
            message: `${what}: falls back from ${encryption} to ${fallsBackTo} without telling the people concerned`,
            remedy: 'show which encryption is in use, and ask before a weaker one is',
          },
        ]
      : [],
  )

const period = 'Art. 13(2)(a) GDPR: how long data are stored, or the criteria for it'

export const rulesOfStorage: readonly Rule[] = [
  { name: 'retention-missing', law: period, find: missing },
  { name: 'retention-without-trigger', law: period, find: triggerless },
  {
    name: 'stored-and-not-stored',
    law: 'Art. 5(1)(a) and Art. 12(1) GDPR: transparent and intelligible',
    find: contradicting,
  },
  {
    name: 'transport-unencrypted',
    law: 'Art. 32(1)(a) GDPR, § 35 SGB I: social data are protected on their way',
    find: unencrypted,
  },
  {
    name: 'encryption-downgraded',
    law: 'Art. 32(1) and Art. 5(1)(a) GDPR: protection as promised, and no silent change of it',
    find: downgraded,
  },
]
