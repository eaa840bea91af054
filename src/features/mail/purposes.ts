import type { Access } from '#register/register.ts'

/** For what envelopes are opened: to send the mail that is in them, and no other. */
export const sending = {
  inform: { purpose: 'inform', actor: 'mail' },
  confirmErasure: { purpose: 'confirmErasure', actor: 'mail' },
  remind: { purpose: 'remind', actor: 'mail' },
  offer: { purpose: 'offer', actor: 'mail' },
  code: { purpose: 'code', actor: 'mail' },
} as const satisfies Record<string, Access>

/** What each kind of mail is for. */
const byKind = {
  'appointment.booked': sending.inform,
  'appointment.moved': sending.inform,
  'appointment.link': sending.inform,
  'appointment.displaced': sending.inform,
  'appointment.standing': sending.inform,
  'appointment.cancelled': sending.confirmErasure,
  'appointment.withdrawn': sending.confirmErasure,
  'appointment.erased': sending.confirmErasure,
  'appointment.reminder': sending.remind,
  'appointment.offer': sending.offer,
  'rights.code': sending.code,
} as const
export type Kind = keyof typeof byKind

/** @throws for a kind that no version of this program queues */
export const sendingOf = (kind: string): Access => {
  const found = Object.entries(byKind).find(([known]) => known === kind)
  if (!found) throw new Error(`no purpose for mails of the kind ${kind}`)
  return found[1]
}
