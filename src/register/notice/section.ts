import type { PlainBlock, Section } from '../blocks.ts'

/** A page of this tenant, by the path under which it stands. The view makes it an address. */
export type NoticeRoute = 'widerruf' | 'loeschen' | 'meine-daten' | 'fassungen'

/** Where a link leads: to a page of this tenant, to another section of the notice, or out. */
export type LinkTarget = { route: NoticeRoute } | { section: string } | { url: string }

/** Makes an address of where a link leads. */
export type AddressOf = (target: LinkTarget) => string

/** Whose links say where they lead, not by which address: that differs between a page, a file and a text. */
export type NoticeBlock = PlainBlock | { kind: 'link'; text: string; target: LinkTarget }

/** `id` stays the same over versions and languages, so that links into the notice keep working. */
export type NoticeSection = Section<NoticeBlock>

/** The section of the notice about an activity. Links lead to it, so it follows from the activity's id alone and stays
 *  the same over versions and languages. */
export const sectionId = (activity: string): string => activity.replaceAll('.', '-')
