import type { Ending } from '#features/contribution.ts'
import { routes } from './routes.ts'
import { endableOf, endedBy } from './subjects.ts'
import type { Way } from './view.mailbox.tsx'
import { ofKind } from './words.ts'

/** The way to end what is stored, by what features store. */
const endingWay = (way: Ending): Way => ({
  title: `rights.${way}.title`,
  lead: (context) =>
    [
      context.t(`rights.${way}.lead`),
      ...endedBy(context, way).map((subject) => ofKind(context, way, subject, 'lead')),
    ].join(' '),
  kinds: (context) => endedBy(context, way),
  shorter: (context) =>
    endedBy(context, way).flatMap(({ ending }) => {
      const single = ending.words[way]?.single
      return single ? [{ title: context.t(single.title), text: context.t(single.text) }] : []
    }),
  ask: routes[way],
  code: routes[`${way}Code`],
  show: routes[`${way}Show`],
})

/** What a person can do about all that is stored for their mailbox. */
export const ways = {
  data: {
    title: 'rights.data.title',
    lead: ({ t }) => t('rights.data.lead'),
    kinds: endableOf,
    ask: routes.data,
    code: routes.dataCode,
    show: routes.dataShow,
  },
  withdrawal: endingWay('withdrawal'),
  erasure: endingWay('erasure'),
} as const satisfies Record<string, Way>
