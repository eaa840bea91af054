import type { Activity, RunningTenant } from '../register.ts'

const order = [
  'appointments.booking',
  'mail.delivery',
  'rights.code',
  'case.file',
  'appointments.draft',
  'web.terms',
  'web.statistics',
  'web.limits',
  'web.delivery',
]

/** What people come for stands first, what happens along the way last; anything else between, by its id. */
export const inOrder = (running: RunningTenant): Activity[] => {
  const placeOf = ({ id }: Activity) => (order.includes(id) ? order.indexOf(id) : order.indexOf('web.terms') - 0.5)
  return [...running.activities.values()].sort((a, b) => placeOf(a) - placeOf(b) || (a.id < b.id ? -1 : 1))
}
