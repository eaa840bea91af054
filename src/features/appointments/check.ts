import { overlap } from '#platform/http/trusted.ts'
import { hoursIn, isSpan } from '#register/load/check-opening.ts'
import { duplicates } from '#register/load/shared.ts'
import type { YamlFile } from '#register/load/yaml.ts'
import type { Problem } from '#register/register.ts'
import type { Site, Tenant } from './tenant-schema.ts'

/* Faults of what a tenant says of its appointments, that no schema sees. */

/** Of a time of day such as 08:30: minutes since midnight. */
const minuteOfDay = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))

/** Hours that begin where no cell of capacity does. */
const checkSteps = (yaml: YamlFile, { sites, booking: { stepMinutes } }: Tenant): Problem[] =>
  sites
    .flatMap((site, index) => hoursIn(site, ['sites', index]))
    .filter(({ hours }) => isSpan(hours) && minuteOfDay(hours.from) % stepMinutes !== 0)
    .map(({ at, name }) =>
      yaml.at(
        [...at, 'from'],
        `${name} begins between two steps, so no start would be offered`,
        `begin at a multiple of ${stepMinutes} minutes after midnight`,
      ),
    )

/** Lengths and offered starts are counted in steps, the cells of capacity. */
const checkServices = (yaml: YamlFile, { services, booking: { stepMinutes } }: Tenant): Problem[] =>
  services.flatMap((service, index) =>
    (['minutes', 'everyMinutes'] as const)
      .filter((key) => service[key] % stepMinutes !== 0)
      .map((key) =>
        yaml.at(
          ['services', index, key],
          `services.${service.id}.${key}: ${service[key]} is not a multiple of stepMinutes, ${stepMinutes}`,
          `write ${Math.ceil(service[key] / stepMinutes) * stepMinutes}, or choose other stepMinutes`,
        ),
      ),
  )

/** An address can be in one place only: the first that names its network would silently win. */
const checkNetworks = (yaml: YamlFile, { limits: { places } }: Tenant): Problem[] =>
  places.flatMap(({ id, networks }, index) =>
    networks.flatMap((network, at) => {
      const path = ['limits', 'places', index, 'networks', at]
      const before = places
        .slice(0, index)
        .flatMap((place) => place.networks.map((theirs) => ({ id: place.id, theirs })))
      const same = before.find(({ theirs }) => theirs === network)
      if (same) {
        const problem = `limits.places.${id}: '${same.id}' has the network ${network} too`
        return [yaml.at(path, problem, 'name it in one of the two')]
      }
      const other = before.find(({ theirs }) => overlap(theirs, network))
      if (!other) return []
      const problem = `limits.places.${id}: the network ${network} overlaps ${other.theirs} of '${other.id}'`
      return [yaml.at(path, problem, 'name each address in one of the two')]
    }),
  )

/** How long a site is open in a usual week, in hours. Rules that overlap or follow each other in the year count in full:
 *  only a lead time that can never pass is a fault. */
const weeklyHours = ({ openingHours }: Site): number =>
  openingHours.reduce(
    (sum, { days, from, to, everyWeeks = 1 }) =>
      sum + (days.length * (minuteOfDay(to) - minuteOfDay(from))) / 60 / everyWeeks,
    0,
  )

/** Faults of the lead time: none, or one with which nothing could ever be booked. */
const checkLead = (yaml: YamlFile, { sites, booking }: Tenant): Problem[] => {
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

/** All of them. */
export const checkBookable = (yaml: YamlFile, tenant: Tenant): Problem[] => [
  ...duplicates(yaml, ['services'], tenant.services),
  ...duplicates(yaml, ['limits', 'places'], tenant.limits.places),
  ...checkNetworks(yaml, tenant),
  ...checkSteps(yaml, tenant),
  ...checkLead(yaml, tenant),
  ...checkServices(yaml, tenant),
]
