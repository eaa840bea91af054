import { type Language, translator } from '#platform/i18n/translate.ts'
import type { Row } from '../blocks.ts'
import { citeNorm } from '../law/norms.ts'
import { brings, normsOfRight, type Right, rightsAlways, rightsByBasis } from '../law/rights.ts'
import {
  type Activity,
  type Audience,
  endingsOf,
  erasesOnRequest,
  inLanguage,
  isMereNumbers,
  type RunningTenant,
} from '../register.ts'
import { activityWord } from '../triggers.ts'
import { objectionApart } from './objection.ts'
import { type NoticeBlock, sectionId } from './section.ts'

const normsOf = ({ legalBasis }: Activity): string[] => legalBasis.map(({ norm }) => norm)

const label = (right: Right, norms: readonly string[], language: Language): string => {
  const t = translator(language)
  return t('register.notice.rights.label', {
    right: t(`register.notice.rights.${right}`),
    norm: norms.map((norm) => citeNorm(norm, language)).join(t('platform.listComma')),
  })
}

const row = (
  right: Exclude<Right, 'objection'>,
  norms: readonly string[],
  language: Language,
  values?: Record<string, string>,
): Row => ({
  label: label(right, norms, language),
  value: translator(language)(`register.notice.rights.${right}Text`, values),
})

// Set apart from the others: Art. 21(4) GDPR. `objection.ts` says it.
const besidesObjection = rightsByBasis.filter(
  (entry): entry is Exclude<(typeof rightsByBasis)[number], { right: 'objection' }> => entry.right !== 'objection',
)

/** Why numbers bring no right, and where the moment of counting is told of: it reads the visit of a page. */
const rightsInNumbers = ({ activities }: RunningTenant, language: Language): NoticeBlock[] => {
  const t = translator(language)
  const visit = activities.get('web.delivery')
  const none: NoticeBlock = { kind: 'paragraph', text: t('register.notice.rights.none') }
  if (!visit) return [none]
  const section = inLanguage(visit.title, language)
  return [
    none,
    { kind: 'paragraph', text: t('register.notice.rights.counting', { section }) },
    { kind: 'link', text: section, target: { section: sectionId(visit.id) } },
  ]
}

/** The rights that one activity's legal bases bring along, by name; the section on rights explains them. Mere numbers bring
 *  none. */
export const rightsHere = (running: RunningTenant, activity: Activity, language: Language): NoticeBlock[] => {
  const t = translator(language)
  if (isMereNumbers(activity)) return rightsInNumbers(running, language)
  const stored = activity.fields.some(({ store }) => store === 'vault' || store === 'blob')
  return [
    {
      kind: 'list',
      items: [...rightsAlways, ...besidesObjection.filter((entry) => brings(entry, normsOf(activity)))].map((entry) =>
        label(entry.right, normsOfRight(entry, normsOf(activity)), language),
      ),
    },
    ...(stored && activity.notice === 'citizens'
      ? [{ kind: 'link', text: t('register.notice.rights.here'), target: { route: 'meine-daten' } } as const]
      : []),
    { kind: 'link', text: t('register.notice.rights.explained'), target: { section: 'rights' } },
  ]
}

const conditionalRows = (activities: readonly Activity[], language: Language): Row[] =>
  besidesObjection.flatMap((entry) => {
    const list = activities
      .filter((activity) => brings(entry, normsOf(activity)))
      .map(({ title }) => inLanguage(title, language))
    return list.length > 0
      ? [row(entry.right, entry.norms, language, { list: list.join(translator(language)('platform.listComma')) })]
      : []
  })

/** Where people see and end what is stored about them. Who works here turns to whoever they work for. */
export const waysOf = (running: RunningTenant, language: Language, audience: Audience): NoticeBlock[] =>
  audience === 'staff'
    ? []
    : [
        { kind: 'link', text: translator(language)('register.notice.rights.here'), target: { route: 'meine-daten' } },
        ...endingLinks(running, language),
      ]

/** The link to where people have erased what they can have erased: in words of its own, where that is one activity. */
export const eraseLink = ({ activities }: RunningTenant, language: Language): NoticeBlock => {
  const [only, ...others] = [...activities.values()].filter(erasesOnRequest)
  const own = only && others.length === 0 ? activityWord(only.id, 'erase') : null
  const text = translator(language)(own ?? 'register.notice.rights.eraseHere')
  return { kind: 'link', text, target: { route: 'loeschen' } }
}

const endingLinks = (running: RunningTenant, language: Language): NoticeBlock[] => {
  const t = translator(language)
  const { withdrawal, erasure } = endingsOf(running)
  return [
    ...(withdrawal
      ? [{ kind: 'link', text: t('register.notice.rights.withdrawHere'), target: { route: 'widerruf' } } as const]
      : []),
    ...(erasure ? [eraseLink(running, language)] : []),
  ]
}

/** The rights of Art. 13(2)(b) and (c) GDPR that follow from what the activities rest on, and where to use them; without
 *  objection, which has a section of its own. */
export const rightsBlocks = (running: RunningTenant, language: Language, audience: Audience): NoticeBlock[] => {
  const t = translator(language)
  const activities = [...running.activities.values()].filter((activity) => !isMereNumbers(activity))
  return [
    { kind: 'paragraph', text: t('register.notice.rights.intro') },
    {
      kind: 'facts',
      rows: [
        ...rightsAlways.map(({ right, norms }) => row(right, norms, language)),
        ...conditionalRows(activities, language),
      ],
    },
    ...(audience === 'staff' ? [] : [{ kind: 'paragraph', text: t('register.notice.rights.how') } as const]),
    ...waysOf(running, language, audience),
    ...objectionApart(running, language),
  ]
}
