import type { LetterKind } from '#features/contribution.ts'
import { activityId } from './scene.ts'

/** Every mail about an appointment, and what it is sent for. `reminder` and `offer` go to who asked for them. */
export const letters = {
  booked: { kind: 'appointment.booked', activity: activityId, purpose: 'inform' },
  moved: { kind: 'appointment.moved', activity: activityId, purpose: 'inform' },
  link: { kind: 'appointment.link', activity: activityId, purpose: 'inform' },
  displaced: { kind: 'appointment.displaced', activity: activityId, purpose: 'inform' },
  standing: { kind: 'appointment.standing', activity: activityId, purpose: 'inform' },
  cancelled: { kind: 'appointment.cancelled', activity: activityId, purpose: 'confirmErasure' },
  withdrawn: { kind: 'appointment.withdrawn', activity: activityId, purpose: 'confirmErasure' },
  erased: { kind: 'appointment.erased', activity: activityId, purpose: 'confirmErasure' },
  reminder: { kind: 'appointment.reminder', activity: activityId, field: 'reminder', purpose: 'remind' },
  offer: { kind: 'appointment.offer', activity: activityId, field: 'earlier', purpose: 'offer' },
} as const satisfies Record<string, LetterKind>
