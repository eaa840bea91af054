import type { Problem } from '../register.ts'
import type { Site, Tenant } from '../schema.ts'
import { minuteOfDay } from './check-opening.ts'
import type { YamlFile } from './yaml.ts'

/** How long a site is open in a usual week, in hours. Rules that overlap or follow each other in the year count in full:
 *  only a lead time that can never pass is a fault. */
const weeklyHours = ({ openingHours }: Site): number =>
  openingHours.reduce(
    (sum, { days, from, to, everyWeeks = 1 }) =>
      sum + (days.length * (minuteOfDay(to) - minuteOfDay(from))) / 60 / everyWeeks,
    0,
  )

/** Faults of the lead time: none, or one with which nothing could ever be booked. */
export const checkLead = (yaml: YamlFile, { sites, booking }: Tenant): Problem[] => {
  const { leadHours, leadOpeningHours, windowDays } = booking
  if (leadHours === undefined && leadOpeningHours === undefined) {
    const remedy = 'write leadHours: 24, or leadOpeningHours: 2 for hours in which the site is open; 0 hours for none'
    return [yaml.at(['booking'], 'booking: no lead time', remedy)]
  }
  const found: Problem[] = []
  if (leadHours !== undefined && leadHours >= windowDays * 24) {
    const message = `booking.leadHours: ${leadHours} hours are all of windowDays, ${windowDays}, so no start would be offered`
    found.push(yaml.at(['booking', 'leadHours'], message, `write less than ${windowDays * 24}, or more windowDays`))
  }
  if (leadOpeningHours === undefined) return found
  for (const site of sites) {
    const open = Math.floor((weeklyHours(site) * windowDays) / 7)
    if (leadOpeningHours < open) continue
    const message = `booking.leadOpeningHours: sites.${site.id} is open for ${open} hours in windowDays, ${windowDays}, so no start would be offered`
    found.push(yaml.at(['booking', 'leadOpeningHours'], message, 'write less, longer openingHours or more windowDays'))
  }
  return found
}
