import type { Context } from '#features/feature.ts'
import { type Keep, keeper } from '#platform/keep.ts'
import { buildNotice, type Notice } from '#register/notice/notice.ts'
import type { RunningTenant } from '#register/register.ts'

/*
 * The notice says the same to everybody, and is long. So it is made once for each version, language and form, and all requests
 * share it. Nothing that a request brought with it, and nothing of the day, goes into what is kept.
 */

/** Forms of the notice kept of one tenant; in three languages its page, its text, its JSON, and the parts of most services. */
const most = 48

type Kept = { notice: Keep<Notice>; written: Keep<string> }

// It goes with the register that it is made of.
const ofTenants = new WeakMap<RunningTenant, Kept>()

const keptOf = (running: RunningTenant): Kept => {
  const kept = ofTenants.get(running) ?? { notice: keeper<Notice>(most), written: keeper<string>(most) }
  ofTenants.set(running, kept)
  return kept
}

/** What a notice that this installation shows depends on, besides its register. */
const keyOf = ({ deps, place }: Context, stamp: Pick<Notice, 'hash' | 'effectiveFrom' | 'checkedAt'>): string =>
  [place.language, deps.config.publicUrl, stamp.hash, stamp.effectiveFrom, stamp.checkedAt ?? ''].join(' ')

/** When the tenant's files were last held against the running system; null when never. */
export const checkedAt = ({ deps, running: { tenant } }: Context): Temporal.ZonedDateTime | null =>
  deps.checkedAt(tenant.slug)?.toZonedDateTimeISO(tenant.timeZone) ?? null

/** The notice that this installation works by now. Needs no database, so that it is there in an outage, too. */
export const currentNotice = (context: Context): Notice => {
  const { deps, running, language } = context
  const version = deps.inForce.get(running.tenant.slug)
  if (!version) throw new Error(`tenant ${running.tenant.slug} is not prepared`)
  const stamp = { ...version, checkedAt: checkedAt(context) }
  return keptOf(running).notice(keyOf(context, stamp), () => buildNotice(running, language, stamp))
}

/** A form of the current notice, e.g. `json`. */
export const keptForm = (context: Context, notice: Notice, form: string, make: () => string): string =>
  keptOf(context.running).written(`${form} ${keyOf(context, notice)}`, make)
