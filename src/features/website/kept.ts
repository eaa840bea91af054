import type { Context, Deps } from '#features/feature.ts'
import { type Keep, keepNewest } from '#platform/keep.ts'
import { buildNotice, type Notice } from '#register/notice/notice.ts'
import type { RunningTenant } from '#register/register.ts'

/*
 * The notice says the same to everybody, and is long. So it is made once for each version, language and form, and all requests
 * share it. Nothing that a request brought with it, and nothing of the day, goes into what is kept.
 */

/** Forms of the notice kept of one tenant; in three languages its page, its text, its JSON, and the parts of most services. */
const most = 48

type Kept = { notice: Keep<Notice>; written: Keep<string> }

// It goes with the program it was made by and the register it was made of.
const ofPrograms = new WeakMap<Deps, WeakMap<RunningTenant, Kept>>()

const keptOf = ({ deps, running }: Context): Kept => {
  const ofTenants = ofPrograms.get(deps) ?? new WeakMap<RunningTenant, Kept>()
  ofPrograms.set(deps, ofTenants)
  const kept = ofTenants.get(running) ?? { notice: keepNewest<Notice>(most), written: keepNewest<string>(most) }
  ofTenants.set(running, kept)
  return kept
}

/** What a notice that this installation shows depends on, besides its program and its register. */
const keyOf = ({ place }: Context, stamp: Pick<Notice, 'hash' | 'effectiveFrom' | 'checkedAt'>): string =>
  [place.language, stamp.hash, stamp.effectiveFrom, stamp.checkedAt ?? ''].join(' ')

/** When the tenant's files were last held against the running system; null when never. */
export const checkedAt = ({ deps, running: { tenant } }: Context): Temporal.ZonedDateTime | null =>
  deps.checkedAt(tenant.slug)?.toZonedDateTimeISO(tenant.timeZone) ?? null

/** The notice that this installation works by now. Needs no database, so that it is there in an outage, too. */
export const currentNotice = (context: Context): Notice => {
  const { deps, running, language } = context
  const version = deps.inForce.get(running.tenant.slug)
  if (!version) throw new Error(`tenant ${running.tenant.slug} is not prepared`)
  const stamp = { ...version, checkedAt: checkedAt(context) }
  return keptOf(context).notice(keyOf(context, stamp), () => buildNotice(running, language, stamp))
}

/** A form of the current notice, e.g. `json`. */
export const keptForm = (context: Context, notice: Notice, form: string, make: () => string): string =>
  keptOf(context).written(`${form} ${keyOf(context, notice)}`, make)
