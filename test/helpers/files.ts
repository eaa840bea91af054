import { type Field, getActivity } from '#register/register.ts'
import type { Installation } from './installation.ts'

export const fileField = 'attachment'

/** Lets a tenant's bookings have files, as if its activity declared them. No feature has any yet. */
export const declareFiles = (
  { deps }: Pick<Installation, 'deps'>,
  slug = 'segeberg',
  blob: Field['blob'] = { maxBytes: 3 * 1024 * 1024, most: 2, unfinished: 'PT24H' },
): void => {
  const running = deps.register.running.get(slug)
  if (!running) throw new Error(`${slug} does not run`)
  const { fields } = getActivity(running, 'appointments.booking')
  const trail = fields.find(({ store }) => store === 'trail')
  if (!trail) throw new Error(`the bookings of ${slug} have no trail`)
  fields.push({ ...trail, id: fileField, necessity: 'optional', store: 'blob', blob })
}
