import type { Context } from '#features/feature.ts'
import type { FieldError } from '#register/form.ts'
import { getActivity } from '#register/register.ts'
import { activityId } from '../scene.ts'
import { allowanceOf, type Full } from './places.ts'

/** A caller has no place left, said of the field that would help; null where no field does. */
export const fullAtField = (context: Pick<Context, 'running' | 'caller'>, of: Full): FieldError | null => {
  const field = getActivity(context.running, activityId).fields.find(({ id }) => id === 'email')
  if (!field) return null
  const { phone } = context.running.tenant.helpline
  if (of === 'withoutEmail')
    return { field, key: 'callerLimit', word: 'appointments.details.callerLimit', values: { phone } }
  if (of !== 'mailbox') return null
  return {
    field,
    key: 'contactLimit',
    word: 'appointments.details.contactLimit',
    values: { count: allowanceOf(context).maxPerContact, phone },
  }
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
