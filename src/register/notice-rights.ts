import { type Language, translator } from '#platform/i18n/translate.ts'
import { citeNorm, restsOnConsent } from './norms.ts'
import type { Block, Row } from './notice.ts'
import { type Activity, inLanguage, type RunningTenant } from './register.ts'
import { brings, rightsAlways, rightsByBasis } from './rights.ts'

const row = (right: string, norms: readonly string[], language: Language, values?: Record<string, string>): Row => {
  const t = translator(language)
  return {
    label: t('register.notice.rights.label', {
      right: t(`register.notice.rights.${right}`),
      norm: norms.map((norm) => citeNorm(norm, language)).join(', '),
    }),
    value: t(`register.notice.rights.${right}Text`, values),
  }
}

const conditionalRows = (activities: readonly Activity[], language: Language): Row[] =>
  rightsByBasis.flatMap((entry) => {
    const list = activities
      .filter(({ legalBasis }) =>
        brings(
          entry,
          legalBasis.map(({ norm }) => norm),
        ),
      )
      .map(({ title }) => inLanguage(title, language))
    return list.length > 0 ? [row(entry.right, entry.norms, language, { list: list.join(', ') })] : []
  })

/** The rights of Art. 13(2)(b) and (c) GDPR that follow from what the activities rest on, and where to use them. */
export const rightsBlocks = (running: RunningTenant, language: Language): Block[] => {
  const t = translator(language)
  const activities = [...running.activities.values()]
  return [
    { kind: 'paragraph', text: t('register.notice.rights.intro') },
    {
      kind: 'facts',
      rows: [
        ...rightsAlways.map(({ right, norms }) => row(right, norms, language)),
        ...conditionalRows(activities, language),
      ],
    },
    { kind: 'paragraph', text: t('register.notice.rights.how') },
    { kind: 'link', text: t('register.notice.rights.here'), target: { route: 'meine-daten' } },
    ...(activities.some(restsOnConsent)
      ? [{ kind: 'link', text: t('register.notice.rights.withdrawHere'), target: { route: 'widerruf' } } as const]
      : []),
  ]
}
