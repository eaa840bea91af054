import type { Context } from '#features/feature.ts'
import { mailboxWay, type ProvenHandler, type Way } from '#features/rights/index.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { redirect } from '#platform/http/response.ts'
import { countedBy } from '#platform/limits/limits.ts'
import { comparableAddress } from '#platform/mail/address.ts'
import { uuid } from '#platform/random.ts'
import { renewLink } from '../../booking/booking.ts'
import { newFoundLink } from '../../own/later-link.ts'
import { findOwnOfRecord, type Own } from '../../own/own.ts'
import { looking } from '../../purposes.ts'
import { routes } from '../../routes.ts'
import { activityId } from '../../scene.ts'
import { addressAfter } from '../manage/just.ts'
import { bookings } from './subject.ts'
import { type Found, foundPage, tooManyLinksPage } from './view.found.tsx'

/* For who has lost the link to an appointment, or fears that somebody else has it, and reads the mailbox. */

const way: Way = {
  title: 'appointments.find.title',
  lead: ({ t }) => t('appointments.find.lead'),
  kinds: () => [bookings],
  ask: routes.find,
  code: routes.findCode,
  show: routes.findShow,
}

/** The appointments of a mailbox that are not over yet, the next one first. What is only kept any more because of a legal
 *  hold is none: it was cancelled. */
const toComeOf = async (tx: TenantTx, context: Context, email: string): Promise<Own[]> => {
  const found: Own[] = []
  for (const record of await context.deps.vault.findBySubject(tx, 'email', email, looking.change)) {
    const own = record.activity === activityId ? await findOwnOfRecord(tx, context, record) : null
    if (own && Temporal.Instant.compare(context.now, own.appointment.endsAt) < 0) found.push(own)
  }
  return found.sort((a, b) => Temporal.Instant.compare(a.appointment.startsAt, b.appointment.startsAt))
}

/** The same, each with a link of its own: of the links that there are only check values are stored. */
const withLinks = async (tx: TenantTx, context: Context, email: string): Promise<Found[]> => {
  const found: Found[] = []
  for (const own of await toComeOf(tx, context, email))
    found.push({ own, token: await newFoundLink(tx, context, own.record.id) })
  return found
}

/** Links that can be made anew for one mailbox within a quarter of an hour, as each of them sends a mail. */
const newLinksPerMailbox = 5

/** Whether this mailbox may have a new link now. */
const takesNewLink = async (tx: TenantTx, { deps, now }: Context, email: string): Promise<boolean> => {
  const mailbox = countedBy('mailbox', comparableAddress(email))
  const labels = { link: { most: newLinksPerMailbox } }
  const place = { id: uuid(deps.random), labels, until: now.add({ minutes: 15 }), overMidnight: true }
  return (await deps.limits.take(tx, mailbox, place)).kind === 'taken'
}

/** Makes a new link to one appointment of the proven mailbox and ends those it had; the page of the appointment says so. */
export const renew: ProvenHandler = async (context) => {
  const { email } = context.actor.proves
  return context.inTenant(async (tx) => {
    const all = await toComeOf(tx, context, email)
    const own = all.find(({ record }) => record.fields.reference === context.form.termin)
    if (!own) return redirect(routes.find.href(context.place, {}))
    if (!(await takesNewLink(tx, context, email))) return tooManyLinksPage(context)
    const token = await renewLink(tx, context, own)
    return redirect(addressAfter(context.place, token, 'newLink'))
  })
}

export const { proof, ask, send, show } = mailboxWay(way, { find: withLinks, shown: foundPage })
