import type { Context } from '#features/feature.ts'
import { type Cookies, type Response, redirect } from '#platform/http/response.ts'
import { cookiesOf } from '#register/device.ts'
import type { Typed } from '#register/form.ts'
import { openNote, sealNote } from '#vault/index.ts'
import type { Full } from '../../booking/places.ts'
import type { Agreed, Step } from './way.ts'

/*
 * What a person types on the way to a booking stays with them: in the fields of the forms, and, where the tenant declares
 * it, in a cookie that this installation alone can read. With the cookie each page of the way has an address that can be
 * opened again, so that going back, reloading, and a phone that threw the page away lose nothing and ask nothing. Without
 * it, as where cookies are blocked, each page is the answer to the form before.
 */

type Page = Response & { kind: 'page' }

export const draftActivity = 'appointments.draft'
export const draftCookie = 'entwurf'

/** What has come of one journey so far. */
export type Draft = {
  /** The hold that names the journey. */
  hold: string
  /** The matter and the place, as forms carry them: they outlive the hold. */
  concern: Readonly<Record<string, string>>
  typed: Typed
  agreed: Agreed
  /** The page that was sent to go on and could not: what is wrong with it is said again when it is opened again. */
  refused?: Step | undefined
  /** Under what whoever wanted to book had no place left. */
  full?: Full | undefined
  /** The capability of the appointment that it has become; then nothing else is kept. */
  token?: string
}

/** With the moment from which it counts for nothing, whatever is kept beside it. */
type Kept = Draft & { until: string }

/** A browser need not keep more than 4096 bytes of a cookie, its name and attributes included (RFC 6265 § 6.1). */
const mostCharacters = 3800
/** Journeys that one browser keeps, in as many tabs; the oldest gives way. */
const mostDrafts = 5

const purposeOf = ({ running }: Context) => `draft for ${running.tenant.slug}`

/** What this browser has kept, the newest first; null when it has kept nothing, so that nobody can rely on it. */
export const draftsOf = (context: Context): readonly Kept[] | null => {
  const text = openNote(context.formKeys, purposeOf(context), context.cookies[draftCookie])
  const kept: unknown = text === null ? null : JSON.parse(text)
  if (!Array.isArray(kept)) return null
  return (kept as Kept[]).filter(({ until }) => Temporal.Instant.compare(context.now, until) < 0)
}

export const draftOf = (context: Context, hold: string | undefined): Draft | null =>
  draftsOf(context)?.find((draft) => draft.hold === hold) ?? null

/** The same draft without the longest thing that was typed; null where nothing was. */
const withoutLongest = (draft: Kept): Kept | null => {
  const [longest] = Object.entries(draft.typed).sort(([, a], [, b]) => b.length - a.length)
  if (!longest) return null
  const { [longest[0]]: _, ...typed } = draft.typed
  return { ...draft, typed }
}

/** What goes into the cookie: this draft, and as many of the others as fit. `whole`: whether all of it fits; what is too
 *  long is in the form alone. */
const contentOf = (
  context: Context,
  first: Kept,
  others: readonly Kept[],
): { value: string | null; whole: boolean } => {
  const seal = (drafts: readonly Kept[]) =>
    sealNote(context.formKeys, purposeOf(context), JSON.stringify(drafts), context.deps.random)
  for (let kept: Kept | null = first; kept !== null; kept = withoutLongest(kept)) {
    if (seal([kept]).length > mostCharacters) continue
    for (let most = Math.min(others.length, mostDrafts - 1); most >= 0; most--) {
      const value = seal([kept, ...others.slice(0, most)])
      if (value.length <= mostCharacters) return { value, whole: kept === first }
    }
  }
  return { value: null, whole: false }
}

/** The cookie with this draft as the newest, in place of an earlier one of its journey, or of `instead`; none where the
 *  tenant declares none. */
const keeping = (context: Context, draft: Draft, instead: string | undefined): { cookies: Cookies; whole: boolean } => {
  const period = cookiesOf(context.running).get(draftCookie)?.period
  if (!period) return { cookies: {}, whole: false }
  // The browser ends it by its own clock, which may be wrong, and keeps one that is renewed for another journey.
  const until = context.now.toZonedDateTimeISO('UTC').add(period).toInstant().toString()
  const others = (draftsOf(context) ?? []).filter(({ hold }) => hold !== draft.hold && hold !== instead)
  const { value, whole } = contentOf(context, { ...draft, until }, others)
  return { cookies: { [draftCookie]: value }, whole }
}

/** Forgets everything this browser has kept, of whatever journey: who discards may be at a computer that others use. */
export const forgetting = (context: Context): Cookies =>
  cookiesOf(context.running).has(draftCookie) ? { [draftCookie]: null } : {}

/** Leads somewhere, and keeps this draft on the way, if the browser does. */
export const redirectKeeping = (
  context: Context,
  href: string,
  draft: Draft,
  instead?: string | undefined,
): Response => ({ ...redirect(href), cookies: keeping(context, draft, instead).cookies })

/** Answers a form with the page that it leads to: by that page's address where the browser has shown that it keeps the
 *  draft, so that the page can be opened again; otherwise with the page itself, which is made only then. `instead`: the hold
 *  whose draft this one replaces. */
export const arrive = async (
  context: Context,
  { href, draft, instead }: { href: string; draft: Draft; instead?: string | undefined },
  show: () => Page | Promise<Page>,
): Promise<Response & { kind: 'page' | 'redirect' }> => {
  const { cookies, whole } = keeping(context, draft, instead)
  const isKept = draftsOf(context) !== null && whole
  return { ...(isKept ? redirect(href) : await show()), cookies }
}
