import { type Language, translator } from '#platform/i18n/translate.ts'
import { citeNorm } from '../law/norms.ts'
import { brings, rightsByBasis } from '../law/rights.ts'
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
  const paragraph = (key: string, norm?: string): NoticeBlock => ({
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
        paragraph('limit', '§ 84(5) SGB X'),
      ],
    },
  ]
}

const norms = (language: Language): string =>
  (basis?.norms ?? []).map((norm) => citeNorm(norm, language)).join(translator(language)('common.listComma'))

/** Attention to it at the top of the notice, where there is something to object to. */
export const objectionLink = (running: RunningTenant, language: Language): NoticeBlock[] =>
  facing(running).length === 0
    ? []
    : [{ kind: 'link', text: translator(language)('register.notice.objection.heading'), target: { section: id } }]

/** Where it is, for whoever looks for it among the other rights. */
export const objectionApart = (running: RunningTenant, language: Language): NoticeBlock[] => {
  const link = objectionLink(running, language)
  if (link.length === 0) return []
  const text = translator(language)('register.notice.objection.apart', { norm: norms(language) })
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
      text: t('register.notice.ending.objection', { norm: norms(language) }),
    },
    { kind: 'link', text: t('register.notice.ending.write'), target: { section: 'controller' } },
    { kind: 'link', text: t('register.notice.objection.elsewhere'), target: { section: id } },
  ]
}
