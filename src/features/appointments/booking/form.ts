import type { FieldError } from '#register/form.ts'
import { getActivity, type RunningTenant } from '#register/register.ts'
import { activityId } from '../scene.ts'
import type { Full } from './places.ts'

/** A caller has no place left, said of the field that would help; null where no field does. */
export const fullAtField = (running: RunningTenant, of: Full): FieldError | null => {
  const field = getActivity(running, activityId).fields.find(({ id }) => id === 'email')
  if (!field) return null
  const { booking, helpline } = running.tenant
  if (of === 'withoutEmail') return { field, key: 'callerLimit', values: { phone: helpline.phone } }
  return of === 'mailbox'
    ? { field, key: 'contactLimit', values: { count: booking.maxPerContact, phone: helpline.phone } }
    : null
}

/** A day from the address; null when it is none. */
export const parseDay = (text: string | undefined): Temporal.PlainDate | null => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text ?? '')) return null
  try {
    return Temporal.PlainDate.from(text ?? '')
  } catch {
    return null
  }
}

/** A month from the address, e.g. `2026-12`; null when it is none. */
export const parseMonth = (text: string | undefined): Temporal.PlainYearMonth | null =>
  parseDay(`${text}-01`)?.toPlainYearMonth() ?? null

/** An instant that a form sent; null when it is none. */
export const parseStart = (text: string | undefined): Temporal.Instant | null => {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z$/.test(text ?? '')) return null
  try {
    return Temporal.Instant.from(text ?? '')
  } catch {
    return null
  }
}
