import type { Context } from '#features/feature.ts'
import { type Cookies, type Response, redirect } from '#platform/http/response.ts'
import { openNote, sealNote } from '#platform/http/sealed-note.ts'
import type { Typed } from '#register/form.ts'
import { cookiesOf } from '#register/register.ts'
import type { Full } from './places.ts'
import type { Agreed, Step } from './view.hold.tsx'

/*
 * What a person types on the way to a booking stays with them: in the fields of the forms, and, where the tenant declares
 * it, in a cookie that this installation alone can read. With the cookie each page of the way has an address that can be
 * opened again, so that going back, reloading, and a phone that threw the page away lose nothing and ask nothing. Without
 * it, as where cookies are blocked, each page is the answer to the form before.
 */

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

/** A browser need not keep more than 4096 bytes of a cookie, its name and attributes included (RFC 6265 § 6.1). */
const mostCharacters = 3800
/** Journeys that one browser keeps, in as many tabs; the oldest gives way. */
const mostDrafts = 5

type Kept = { until: string; drafts: readonly Draft[] }

const purposeOf = ({ running }: Context) => `draft for ${running.tenant.slug}`

const isKept = (value: unknown): value is Kept => typeof value === 'object' && value !== null && 'drafts' in value

const read = (context: Context): Kept | null => {
  const text = openNote(context.formKeys, purposeOf(context), context.cookies[draftCookie])
  const kept: unknown = text === null ? null : JSON.parse(text)
  // The browser ends it by its own clock, which may be wrong.
  return isKept(kept) && Temporal.Instant.compare(context.now, kept.until) < 0 ? kept : null
}

/** What this browser has kept, the newest first; null when it has kept nothing, so that nobody can rely on it. */
export const draftsOf = (context: Context): readonly Draft[] | null => read(context)?.drafts ?? null

export const draftOf = (context: Context, hold: string | undefined): Draft | null =>
  draftsOf(context)?.find((draft) => draft.hold === hold) ?? null

const seal = (context: Context, drafts: readonly Draft[]): string | null => {
  const period = cookiesOf(context.running).get(draftCookie)?.period
  if (period === undefined) return null
  const until = context.now.toZonedDateTimeISO('UTC').add(period).toInstant().toString()
  return sealNote(context.formKeys, purposeOf(context), JSON.stringify({ until, drafts }), context.deps.random)
}

/** The cookie that keeps these drafts: as many of the first as fit. None where the tenant declares none; null, to forget,
 *  where not even the first fits. */
const cookiesFor = (context: Context, drafts: readonly Draft[]): Cookies => {
  for (let most = Math.min(drafts.length, mostDrafts); most > 0; most--) {
    const value = seal(context, drafts.slice(0, most))
    if (value === null) return {}
    if (value.length <= mostCharacters) return { [draftCookie]: value }
  }
  return forgetting(context)
}

const forgetting = (context: Context): Cookies =>
  cookiesOf(context.running).has(draftCookie) ? { [draftCookie]: null } : {}

/** The cookie with this draft as the newest, in place of an earlier one of its journey, or of `instead`. */
const keeping = (context: Context, draft: Draft, instead?: string | undefined): Cookies => {
  const others = (draftsOf(context) ?? []).filter(({ hold }) => hold !== draft.hold && hold !== instead)
  return cookiesFor(context, [draft, ...others])
}

/** The cookie without the draft of one journey. */
export const dropping = (context: Context, hold: string | undefined): Cookies => {
  const others = (draftsOf(context) ?? []).filter((draft) => draft.hold !== hold)
  return others.length > 0 ? cookiesFor(context, others) : forgetting(context)
}

/** Leads somewhere, and keeps this draft on the way, if the browser does. */
export const redirectKeeping = (
  context: Context,
  href: string,
  draft: Draft,
  instead?: string | undefined,
): Response => ({
  ...redirect(href),
  cookies: keeping(context, draft, instead),
})

/** Answers a form with the page that it leads to: by that page's address where the browser has shown that it keeps the
 *  draft, so that the page can be opened again; otherwise with the page itself. `instead`: the hold whose draft this one
 *  replaces. */
export const arrive = (
  context: Context,
  { href, draft, instead }: { href: string; draft: Draft; instead?: string | undefined },
  page: Response & { kind: 'page' },
): Response & { kind: 'page' | 'redirect' } => {
  const cookies = keeping(context, draft, instead)
  const isKept = draftsOf(context) !== null && Boolean(cookies[draftCookie])
  return { ...(isKept ? redirect(href) : page), cookies: { ...page.cookies, ...cookies } }
}
