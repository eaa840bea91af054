import type { Ending, EndingWords, OverallWords } from '#features/contribution.ts'
import type { Context, Endable } from '#features/feature.ts'
import { joinTexts } from '#platform/i18n/format.ts'
import type { Word } from '#platform/i18n/words.ts'
import { getActivity, inLanguage } from '#register/register.ts'
import { endableOf, endedBy } from './subjects.ts'

/* What is said of records without knowing what they are. Where a tenant stores one kind, its feature says it in words of its
 * own; where there are several, or a feature brings no words, it is said in general. */

type Speaking = Pick<Context, 'deps' | 'running'>

const general = {
  withdrawal: {
    start: 'rights.start.withdrawalText',
    link: 'rights.withdrawal.title',
    question: 'rights.withdrawal.title',
    none: 'rights.withdrawal.none',
  },
  erasure: {
    start: 'rights.start.erasureText',
    link: 'rights.erasure.title',
    question: 'rights.erasure.title',
    none: 'rights.erasure.none',
  },
} as const satisfies Record<Ending, Record<Exclude<keyof OverallWords, 'code'>, Word>>

/** What an activity is called. */
export const titleOf = (
  { running, language }: Pick<Context, 'running' | 'language'>,
  { activity }: { activity: string },
): string => inLanguage(getActivity(running, activity).title, language)

/** Their names in a row. */
export const namesOf = (context: Context, kinds: readonly Endable[]): string =>
  joinTexts(
    kinds.map((kind) => titleOf(context, kind)),
    context.language,
  )

/** What is said of all these kinds together; by name, where they are not all that people can end here. */
export const ofAll = (
  context: Context,
  way: Ending,
  kinds: readonly Endable[],
  what: keyof (typeof general)[Ending],
): string => {
  const [only, ...others] = kinds
  const own = others.length === 0 ? only?.ending.words[way]?.[what] : undefined
  if (own) return context.t(own)
  return what !== 'none' && kinds.length < endableOf(context).length
    ? context.t(`rights.${way}.some`, { list: namesOf(context, kinds) })
    : context.t(general[way][what])
}

/** What is said of one kind, `count` of its records where that matters. */
export const ofKind = (
  context: Context,
  way: Ending,
  subject: Endable,
  what: 'lead' | 'effect' | 'held' | 'erased' | 'restricted',
  count = 0,
): string => {
  const { t } = context
  const own: EndingWords = subject.ending.words[way] ?? {}
  return own[what]
    ? t(own[what], { count })
    : t(`rights.kind.${what}`, { title: titleOf(context, subject), number: count })
}

/** What a code to the mailbox is good for. */
export const codeWord = (context: Speaking): Word => {
  const kinds = endableOf(context)
  const ways = (['withdrawal', 'erasure'] as const).filter((way) => endedBy(context, way).length > 0)
  const [only, ...others] = kinds
  const [way, another] = ways
  const own = way && others.length === 0 ? only?.ending.words[way]?.code : undefined
  return own ?? `rights.mail.text.${another ? 'both' : (way ?? 'look')}`
}

/** Why nobody was asked for a consent. */
export const whyNoConsent = ([only, ...others]: readonly Endable[]): Word =>
  (others.length === 0 ? only?.ending.noConsent?.why : undefined) ?? 'rights.noConsent.why'

/** Which address is meant, where the mailbox is asked for. */
export const addressWord = ([only, ...others]: readonly Endable[]): Word =>
  (others.length === 0 ? only?.ending.mailbox : undefined) ?? 'rights.mailbox.hint'
