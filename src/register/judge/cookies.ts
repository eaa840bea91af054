import { trackerOf } from '../law/trackers.ts'
import type { PrintedCookies, Published } from './published.ts'
import { activitiesOf, each, groupsOf, type Objection, onConsent, type Rule } from './rule.ts'
import { isUnstated } from './storage.ts'

/** What is never needed to deliver the service somebody asked for. */
const measures = (serves: PrintedCookies['serves']): boolean =>
  serves === 'statistics' || serves === 'improvement' || serves === 'marketing'

const lifetimes = (published: Published): Objection[] =>
  groupsOf(published).flatMap(({ path, value: { text, cookies, retention } }) => {
    const remedy = 'state the lifetime of each cookie'
    const unstated = each(retention, [...path, 'retention']).filter(({ value }) => isUnstated(value))
    if (unstated.length > 0) {
      return unstated.map((entry) => ({ path: entry.path, message: `${text}: no lifetime is stated`, remedy }))
    }
    return retention.length > 0
      ? []
      : each(cookies, [...path, 'cookies']).flatMap(({ path: place, value: { name, lifetime = 'unstated' } }) =>
          lifetime === 'unstated' ? [{ path: place, message: `${name}: no lifetime is stated`, remedy }] : [],
        )
  })

const unlisted = (published: Published): Objection[] => {
  if (published.cookies?.claim !== 'complete') return []
  const listed = new Set(groupsOf(published).map(({ value: { activity } }) => activity))
  const missing = published.activities.filter(({ id, cookies }) => cookies?.set && !listed.has(id))
  return missing.length === 0
    ? []
    : [
        {
          path: ['cookies'],
          message: `the list is said to be whole, but has none of the cookies of ${missing.map(({ title }) => title).join(', ')}`,
          remedy: 'list every cookie, or set none',
        },
      ]
}

/** Cookies that are said not to be set, and are listed or described all the same. */
const denied = (published: Published): Objection[] => {
  const listed = groupsOf(published).filter(({ value }) => value.cookies.length > 0)
  const own = activitiesOf(published).flatMap(({ path, value: { id, title, cookies, purposes } }) => {
    if (!cookies || cookies.set) return []
    const measuring = purposes.some(({ serves }) => measures(serves))
    const against = listed.flatMap(({ value }) =>
      value.activity === id ||
      (measuring && (measures(value.serves) || value.cookies.some(({ name }) => trackerOf(name))))
        ? value.cookies.map(({ name }) => name)
        : [],
    )
    return against.length === 0
      ? []
      : [
          {
            path: [...path, 'cookies'],
            message: `${title}: said to set no cookies, yet the notice lists ${against.join(', ')}`,
            remedy: 'say which of the two is true',
          },
        ]
  })
  const described = listed.length > 0 || published.activities.some(({ cookies }) => cookies?.set)
  return published.cookies?.claim === 'none' && described
    ? [
        ...own,
        {
          path: ['cookies'],
          message: 'no cookies are said to be set, yet some are described',
          remedy: 'say which is true',
        },
      ]
    : own
}

const trackers = (published: Published): Objection[] =>
  groupsOf(published).flatMap(({ path, value: { essential, bases, cookies } }) =>
    each(cookies, [...path, 'cookies']).flatMap(({ path: place, value: { name, lifetime } }) => {
      const tracker = trackerOf(name)
      if (!tracker || (!essential && onConsent(bases))) return []
      const kept = lifetime === undefined || lifetime === 'unstated' ? '' : `, kept ${lifetime}`
      return [
        {
          path: place,
          message: `${name} bears the name of a cookie of ${tracker}${kept}, and is set without consent`,
          remedy: 'find out what it is; remove it or ask for consent',
        },
      ]
    }),
  )

const essentialMeasuring = (published: Published): Objection[] =>
  groupsOf(published).flatMap(({ path, value: { text, serves, essential, cookies } }) => {
    const names = cookies.flatMap(({ name }) => trackerOf(name) ?? [])
    return essential && (measures(serves) || names.length > 0)
      ? [
          {
            path,
            message: `${text}: cookies that measure are called strictly necessary`,
            remedy: 'remove them or ask for consent; nobody asked for being measured',
          },
        ]
      : []
  })

/** Cookies that are not needed, set on another ground than consent. */
const withoutConsent = (published: Published): Objection[] => {
  const own = activitiesOf(published).flatMap(({ path, value: { title, bases, cookies } }) =>
    cookies?.set
      ? [{ path: [...path, 'cookies'], text: title, ...cookies, bases: cookies.bases, inherited: bases }]
      : [],
  )
  const grouped = groupsOf(published).map(({ path, value }) => ({ path, ...value, inherited: [] }))
  return [...own, ...grouped].flatMap(({ path, text, serves, essential, bases, inherited }) => {
    const needed = essential ?? !measures(serves)
    if (needed || onConsent(bases.length > 0 ? bases : inherited)) return []
    return [
      {
        path: bases.length > 0 ? [...path, 'bases', 0] : path,
        message: `${text}: cookies that are not needed, set without consent`,
        remedy: 'remove them or ask for consent first',
      },
    ]
  })
}

const consent = '§ 25(1) TDDDG: what is not strictly necessary for the service asked for needs consent'

export const rulesOfCookies: readonly Rule[] = [
  {
    name: 'cookie-lifetime-missing',
    law: 'Art. 13(2)(a) GDPR, CJEU C-673/17 (Planet49): how long each cookie works',
    find: lifetimes,
  },
  {
    name: 'cookies-unlisted',
    law: 'Art. 5(1)(a), Art. 12(1) GDPR: transparent and intelligible',
    find: unlisted,
  },
  {
    name: 'cookies-denied',
    law: 'Art. 5(1)(a), Art. 12(1) GDPR: transparent and intelligible',
    find: denied,
  },
  { name: 'tracker-without-consent', law: consent, find: trackers },
  {
    name: 'analytics-called-essential',
    law: '§ 25(2) No 2 TDDDG: necessary is what the service asked for cannot do without',
    find: essentialMeasuring,
  },
  { name: 'cookies-without-consent', law: consent, find: withoutConsent },
]
