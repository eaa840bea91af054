import { type Language, translator } from '#platform/i18n/translate.ts'
import { citeNorm } from '../law/norms.ts'
import { brings, normsOfRight, rightsByBasis } from '../law/rights.ts'
import { type Activity, inLanguage, isMereNumbers, type RunningTenant } from '../register.ts'
import { inOrder } from './order.ts'
import type { NoticeBlock, NoticeSection } from './section.ts'

const id = 'objection'

const [basis] = rightsByBasis.filter(({ right }) => right === 'objection')

/** Whether people can object to an activity: it rests on a public task, or on interests, and holds somebody's data. */
export const canObject = (activity: Activity): boolean =>
  basis !== undefined &&
  brings(
    basis,
    activity.legalBasis.map(({ norm }) => norm),
  ) &&
  !isMereNumbers(activity)

const facing = (running: RunningTenant): Activity[] => inOrder(running).filter(canObject)

/** The right to object, set apart from all other rights: Art. 21(4) GDPR. None where nothing can be objected to. */
export const objectionSection = (running: RunningTenant, language: Language): NoticeSection[] => {
  const activities = facing(running)
  if (activities.length === 0) return []
  const t = translator(language)
  const paragraph = (key: 'right' | 'how' | 'concerns' | 'effect', norm?: string): NoticeBlock => ({
    kind: 'paragraph',
    text: t(`register.notice.objection.${key}`, norm === undefined ? {} : { norm: citeNorm(norm, language) }),
  })
  return [
    {
      id,
      heading: t('register.notice.objection.heading'),
      blocks: [
        paragraph('right', 'Art. 21(1) GDPR'),
        paragraph('how'),
        { kind: 'link', text: t('register.notice.ending.write'), target: { section: 'controller' } },
        paragraph('concerns'),
        { kind: 'list', items: activities.map(({ title }) => inLanguage(title, language)) },
        paragraph('effect'),
        { kind: 'paragraph', text: t('register.notice.objection.limit', { norm: limits(activities, language) }) },
      ],
    },
  ]
}

const listed = (norms: Iterable<string>, language: Language): string =>
  [...new Set(norms)].map((norm) => citeNorm(norm, language)).join(translator(language)('platform.listComma'))

/** What gives and what limits it, at these activities. */
const normsAt = (activities: readonly Activity[]): string[] =>
  activities.flatMap(({ legalBasis }) =>
    basis
      ? normsOfRight(
          basis,
          legalBasis.map(({ norm }) => norm),
        )
      : [],
  )

const limits = (activities: readonly Activity[], language: Language): string =>
  listed(
    normsAt(activities).filter((norm) => !norm.endsWith(' GDPR')),
    language,
  )

/** Attention to it at the top of the notice, where there is something to object to: Art. 21(4) GDPR. */
export const objectionAtTop = (running: RunningTenant, language: Language): NoticeBlock[] => {
  const link = objectionLink(running, language)
  if (link.length === 0) return []
  return [{ kind: 'paragraph', text: translator(language)('register.notice.objection.summary') }, ...link]
}

const objectionLink = (running: RunningTenant, language: Language): NoticeBlock[] =>
  facing(running).length === 0
    ? []
    : [{ kind: 'link', text: translator(language)('register.notice.objection.heading'), target: { section: id } }]

/** Where it is, for whoever looks for it among the other rights. */
export const objectionApart = (running: RunningTenant, language: Language): NoticeBlock[] => {
  const link = objectionLink(running, language)
  if (link.length === 0) return []
  const text = translator(language)('register.notice.objection.apart', {
    norm: listed(normsAt(facing(running)), language),
  })
  return [{ kind: 'paragraph', text }, ...link]
}

/** The right at one activity, under a heading of its own. */
export const objectionHere = (activity: Activity, language: Language): NoticeBlock[] => {
  if (!canObject(activity)) return []
  const t = translator(language)
  return [
    { kind: 'subheading', text: t('register.notice.activity.objection') },
    {
      kind: 'paragraph',
      text: t('register.notice.ending.objection', { norm: listed(normsAt([activity]), language) }),
    },
    { kind: 'link', text: t('register.notice.objection.elsewhere'), target: { section: id } },
  ]
}
