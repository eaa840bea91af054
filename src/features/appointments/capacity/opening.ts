import type { Site, Tenant } from '#register/register.ts'

export type CellPlan = { deskId: number; startsAt: Temporal.Instant; audience: 'public' | 'internal' }

const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

/** The cells that one day of opening hours makes. Wall-clock times become instants one by one, so that a day of a
 *  clock change has exactly the hours that people see on the clock. */
export const cellsOfDay = (day: Temporal.PlainDate, site: Site, tenant: Tenant): CellPlan[] => {
  const weekday = weekdays[day.dayOfWeek - 1] ?? 'sun'
  const step = tenant.booking.stepMinutes
  const desks = Array.from({ length: site.desks.public + site.desks.internal }, (_, i) => i + 1)
  const starts: Temporal.Instant[] = []
  for (const hours of site.openingHours.filter((rule) => rule.days.includes(weekday))) {
    const end = instantOf(day, hours.to, tenant.timeZone)
    let at = instantOf(day, hours.from, tenant.timeZone)
    while (Temporal.Instant.compare(at.add({ minutes: step }), end) <= 0) {
      starts.push(at)
      at = at.add({ minutes: step })
    }
  }
  return desks.flatMap((deskId) =>
    starts.map((startsAt) => ({
      deskId,
      startsAt,
      audience: deskId <= site.desks.public ? ('public' as const) : ('internal' as const),
    })),
  )
}

const instantOf = (day: Temporal.PlainDate, time: string, timeZone: string): Temporal.Instant => {
  if (time === '24:00') return day.add({ days: 1 }).toZonedDateTime({ timeZone }).toInstant()
  const local = day.toPlainDateTime(Temporal.PlainTime.from(time))
  const before = local.toZonedDateTime(timeZone, { disambiguation: 'earlier' })
  // A time that the clock leaves out would come up an hour later, on top of hours that exist: it is the moment of the
  // change instead.
  const isOnTheClock = before.toPlainDateTime().equals(local)
  return (isOnTheClock ? before : (before.getTimeZoneTransition('next') ?? before)).toInstant()
}
