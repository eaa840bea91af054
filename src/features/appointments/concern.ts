import type { Service, Site, Tenant } from './tenant.ts'

/** What somebody wants an appointment for: services in one visit, one after the other, at one site. */
export type Concern = {
  site: Site
  /** In the order of the tenant's file, each once. */
  services: readonly Service[]
  /** The same for all of them. */
  channel: Service['channel']
  /** Of all services together. */
  minutes: number
  /** Starts are offered at every so many minutes of the day: at the coarsest of the services' grids. */
  everyMinutes: number
}

/** Why a choice is none: nothing chosen or something unknown; more than fit into one visit; in person and by phone at
 *  once; no site, where there are several; a site that does not offer all of it. */
export type ConcernProblem = 'missing' | 'tooMany' | 'mixed' | 'siteMissing' | 'notAtSite'

/** Which half of the choice a problem is of. */
export const partOf = (problem: ConcernProblem): 'services' | 'site' =>
  problem === 'siteMissing' || problem === 'notAtSite' ? 'site' : 'services'

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0)

/** Where all of these services are offered. */
export const sitesOf = (tenant: Tenant, services: readonly Service[]): Site[] =>
  tenant.sites.filter((site) => services.every(({ sites }) => sites === undefined || sites.includes(site.id)))

/** Makes one concern of what was chosen. Without a site the only possible one counts; one that does not exist is none. */
export const chooseConcern = (
  tenant: Tenant,
  serviceIds: readonly string[],
  siteId: string | undefined,
): Concern | ConcernProblem => {
  const services = tenant.services.filter(({ id }) => serviceIds.includes(id))
  const [first] = services
  if (!first || serviceIds.some((id) => !services.some((service) => service.id === id))) return 'missing'
  if (services.length > tenant.booking.maxServices) return 'tooMany'
  if (services.some(({ channel }) => channel !== first.channel)) return 'mixed'
  const possible = sitesOf(tenant, services)
  const site = siteId === undefined && possible.length === 1 ? possible[0] : possible.find(({ id }) => id === siteId)
  if (!site) {
    const isElsewhere = tenant.sites.some(({ id }) => id === siteId)
    return isElsewhere || possible.length === 0 ? 'notAtSite' : 'siteMissing'
  }
  return {
    site,
    services,
    channel: first.channel,
    minutes: sum(services.map(({ minutes }) => minutes)),
    everyMinutes: Math.max(...services.map(({ everyMinutes }) => everyMinutes)),
  }
}

/** What an appointment that stands is for; null when the tenant does not offer it any more. However many services were
 *  allowed when it was booked, it stays what it is. */
export const concernOf = (
  tenant: Tenant,
  booked: { serviceIds: readonly string[]; siteId: string },
): Concern | null => {
  const booking = { ...tenant.booking, maxServices: booked.serviceIds.length }
  const concern = chooseConcern({ ...tenant, booking }, booked.serviceIds, booked.siteId)
  return typeof concern === 'string' ? null : concern
}

/** How a concern stands in addresses and forms. */
export const concernFields = ({ services, site }: Concern): { leistung: string; ort: string } => ({
  leistung: services.map(({ id }) => id).join(','),
  ort: site.id,
})
