import type { Field } from '#register/register.ts'
import type { Installation } from './installation.ts'

export const fileField = 'attachment'

const text = { de: 'Anlage', en: 'Attachment', ar: 'مرفق' }

/** Lets a tenant's bookings have files, as if its activity declared them. No feature has any yet. */
export const declareFiles = (
  { deps }: Pick<Installation, 'deps'>,
  slug = 'segeberg',
  blob: Field['blob'] = { maxBytes: 3 * 1024 * 1024, most: 2, unfinished: 'PT24H' },
): void => {
  const field: Field = {
    id: fileField,
    label: text,
    dataCategory: 'pd:Picture',
    input: 'none',
    partial: false,
    maxLength: 200,
    necessity: 'optional',
    reason: text,
    ifRefused: text,
    specialCategory: 'no',
    store: 'blob',
    blob,
    lookup: false,
  }
  deps.register.running.get(slug)?.activities.get('appointments.booking')?.fields.push(field)
}
