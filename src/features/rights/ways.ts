import type { Ending } from '#features/contribution.ts'
import { routes } from './routes.ts'
import { endedBy } from './subjects.ts'
import type { Way } from './view.mailbox.tsx'

/** The way to end what is stored, by what features store. */
const endingWay = (way: Ending): Way => ({
  title: `rights.${way}.title`,
  lead: (context) =>
    [`rights.${way}.lead` as const, ...endedBy(context, way).map(({ ending }) => ending.words[way].lead)]
      .map((key) => context.t(key))
      .join(' '),
  shorter: (context) =>
    endedBy(context, way).map(({ ending: { words } }) => ({
      title: context.t(words[way].single.title),
      text: context.t(words[way].single.text),
    })),
  ask: routes[way],
  code: routes[`${way}Code`],
  show: routes[`${way}Show`],
})

/** What a person can do about all that is stored for their mailbox. */
export const ways = {
  data: {
    title: 'rights.data.title',
    lead: ({ t }) => t('rights.data.lead'),
    ask: routes.data,
    code: routes.dataCode,
    show: routes.dataShow,
  },
  withdrawal: endingWay('withdrawal'),
  erasure: endingWay('erasure'),
} as const satisfies Record<string, Way>
