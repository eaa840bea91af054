import type { Ending, EndingWords } from '#features/contribution.ts'
import type { Context, Endable } from '#features/feature.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { formatMoment } from '#platform/i18n/format.ts'
import type { OpenRecord } from '#vault/index.ts'
import { eraseBooked, withdrawBooked } from '../../booking/booking.ts'
import { findOwnOfRecord, type Own } from '../../own/own.ts'
import { routes } from '../../routes.ts'
import { activityId } from '../../scene.ts'

/** The bookings of these records, the last appointment first: so no time that one of them gives up is offered to another
 *  of them, as who waits is offered earlier times only. */
const bookingsOf = async (tx: TenantTx, context: Context, records: readonly OpenRecord[]): Promise<Own[]> => {
  const found: Own[] = []
  for (const record of records) {
    const own = await findOwnOfRecord(tx, context, record)
    if (own) found.push(own)
  }
  return found.sort((a, b) => Temporal.Instant.compare(b.appointment.startsAt, a.appointment.startsAt))
}

const endAll = async (tx: TenantTx, context: Context, records: readonly OpenRecord[], way: Ending) => {
  const end = way === 'withdrawal' ? withdrawBooked : eraseBooked
  const ended = { erased: 0, restricted: 0 }
  for (const own of await bookingsOf(tx, context, records)) {
    const { restricted } = await end(tx, context, own)
    ended[restricted ? 'restricted' : 'erased']++
  }
  return ended
}

const wordsOf = (way: Ending): EndingWords => ({
  start: `appointments.ending.${way}.start`,
  code: `appointments.ending.${way}.code`,
  lead: `appointments.ending.${way}.lead`,
  link: `appointments.ending.${way}.link`,
  single: { title: 'appointments.ending.single', text: `appointments.ending.${way}.single` },
  question: `appointments.ending.${way}.question`,
  none: `appointments.ending.${way}.none`,
  effect: 'appointments.ending.effect',
  held: 'appointments.ending.held',
  erased: 'appointments.ending.erased',
  restricted: 'appointments.ending.restricted',
})

/** The bookings of a mailbox. */
export const bookings: Endable = {
  activity: activityId,
  ending: {
    words: {
      withdrawal: { ...wordsOf('withdrawal'), after: 'appointments.ending.withdrawal.after' },
      erasure: wordsOf('erasure'),
    },
    mailbox: 'appointments.ending.mailbox',
    without: 'appointments.ending.without',
    card: ({ t, language, running }, { fields }) => ({
      title: formatMoment(Temporal.Instant.from(fields.appointmentAt ?? ''), language, running.tenant.timeZone),
      text: t('appointments.ending.reference', { reference: fields.reference ?? '' }),
      icon: 'calendar',
    }),
    end: endAll,
    again: { text: 'appointments.again', route: routes.services },
    noConsent: { why: 'appointments.ending.noConsent.why', instead: 'appointments.ending.noConsent.instead' },
  },
}
