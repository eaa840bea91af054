import type { RoutePath } from '#platform/http/routes.ts'
import type { Word } from '#platform/i18n/words.ts'
import type { IconName } from '#platform/ui/icon.tsx'
import type { NoticeRoute } from '#register/notice/section.ts'
import type { RunningTenant } from '#register/register.ts'

/* What features bring for each other: whoever shows or does it asks for all there is and names no feature. Words are keys of
   the feature's own. */

/** A kind of mail. None is queued that no feature declares. */
export type LetterKind = {
  /** As `mail status` shows it, e.g. `appointment.booked`. */
  kind: string
  /** The activity whose matter it is; a tenant that does not declare it sends none. */
  activity: string
  /** Only where that activity declares this field. */
  field?: string
  /** What it is sent for: a purpose of the activity under which mails lie until they are sent. */
  purpose: string
}

/** A link to a page of a feature. `text` is a key of its words; `shown`: whether this tenant has it, else every one does. */
export type PageLink = { text: Word; route: RoutePath; shown?: (running: RunningTenant) => boolean }

/** A way in: a link, with what it is good for in a few words, which may depend on what else this tenant has. `C`: what
 *  whoever shows it knows of the request. */
export type Entry<C> = PageLink & {
  more: Word | ((context: C) => string)
  icon: IconName
  /** Under `services` stands what people come for, under `data` what is stored about them. */
  under: 'services' | 'data'
  /** True where it is also the way on from an address that leads nowhere. */
  whenLost?: boolean
}

/** What a feature says on the start page besides: what people can do here, and what is good to know. */
export type Greeting = {
  /** A sentence at the top. */
  lead: Word
  /** Further down, under a heading of its own; the text may name the `phone`. */
  note: { title: Word; text: Word }
  shown: (running: RunningTenant) => boolean
}

/** Where links in a notice lead that name no address. */
export type NoticeLink = { as: NoticeRoute; route: RoutePath }

/** How many days ahead people plan with this tenant, e.g. because they can book so far; null where they do not. */
export type Horizon = (running: RunningTenant) => number | null

/** To withdraw a consent, or to have erased what rests on none. */
export type Ending = 'withdrawal' | 'erasure'

/** What a person is told who ends what a feature stores about them. What is left out is said in general words, which call
 *  the records by the title of their activity. */
export type EndingWords = {
  /** What it ends, where the mailbox is asked for. */
  lead?: Word
  effect?: Word
  /** That `count` of them are held, and restricted instead. */
  held?: Word
  /** How many (`count`) have been erased, and how many restricted. */
  erased?: Word
  restricted?: Word
  /** A shorter way to end one record; there is none, where this is left out. */
  single?: { title: Word; text: Word }
  /** What it means for next time. */
  after?: Word
} & OverallWords

/** What is said of all that a tenant stores: in the words of the one kind of record that there is, in general words where
 *  there are several. */
export type OverallWords = {
  /** What it ends, on the start page. */
  start?: Word
  /** A link to it. */
  link?: Word
  /** Whether they want it, above the records. */
  question?: Word
  /** That there is nothing. */
  none?: Word
  /** What a code to the mailbox is good for that is valid until the time `until`: the first sentences of its mail. */
  code?: Word
}

/** Of these, what this tenant has. */
export const shownTo = <L extends Pick<PageLink, 'shown'>>(running: RunningTenant, links: readonly L[]): L[] =>
  links.filter(({ shown }) => shown?.(running) ?? true)
