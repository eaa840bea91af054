import type { z } from 'zod'
import type { YamlFile } from './load/yaml.ts'
import type { ActivityNeeds, Problem, RunningTenant } from './register.ts'
import { activitySchema, type Cases } from './schema.ts'
import { type Site, type Tenant, tenantSchema } from './schema-tenant.ts'

/*
 * What a feature adds to the files of the tenants that have it. A tenant without it is whole: then the keys are no keys,
 * and the activity is not missing.
 */

/** Keys that a feature adds to `tenant.yaml`: at its top, to each site, and to the hours of rules and exceptions. */
type Keys = { readonly tenant: z.ZodRawShape; readonly site: z.ZodRawShape; readonly hours: z.ZodRawShape }

type Output<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape>>
type Rule = Site['openingHours'][number]
type Exception = Site['exceptions'][number]

/** A tenant with these keys. */
export type TenantWith<K extends Keys> = Omit<Tenant, 'sites'> & Output<K['tenant']> & { sites: SiteWith<K>[] }
type SiteWith<K extends Keys> = Omit<Site, 'openingHours' | 'exceptions'> &
  Output<K['site']> & { openingHours: (Rule & Output<K['hours']>)[]; exceptions: ExceptionWith<K>[] }
type ExceptionWith<K extends Keys> = Omit<Exception, 'hours'> & {
  hours: (Exception['hours'][number] & Output<K['hours']>)[]
}

/** What a feature adds. A tenant that writes one of the keys `tenant`, or declares the activity, has all of it. */
export type TenantAddition<T = unknown> = {
  readonly activity: string
  readonly keys: Keys
  /** What its key of a field tells apart. */
  readonly cases: readonly Cases[]
  /** Faults of these keys that no schema sees. */
  readonly check: (yaml: YamlFile, tenant: Tenant) => Problem[]
  /** What such a tenant says, with these keys; null for one that does without. */
  readonly of: (running: RunningTenant) => T | null
}

/** An addition without keys: a tenant that declares the activity has it. */
export const activityAddition = (activity: string): TenantAddition<true> => ({
  activity,
  keys: { tenant: {}, site: {}, hours: {} },
  cases: [],
  check: () => [],
  of: ({ activities }) => activities.has(activity) || null,
})

/** Makes an addition of its keys, so that whoever reads them knows what they hold. */
export const tenantAddition = <K extends Keys>({
  keys,
  check,
  ...rest
}: Pick<TenantAddition, 'activity' | 'cases'> & {
  keys: K
  check: (yaml: YamlFile, tenant: TenantWith<K>) => Problem[]
}): TenantAddition<TenantWith<K>> & { of: (running: Pick<RunningTenant, 'tenant'>) => TenantWith<K> | null } => {
  const names = Object.keys(keys.tenant)
  // The schema that a tenant was read by knows these keys only where it has the addition, and then all of them.
  const hasKeys = (tenant: object): tenant is TenantWith<K> => names.some((name) => name in tenant)
  const find = (tenant: object): TenantWith<K> | null => (hasKeys(tenant) ? tenant : null)
  return {
    ...rest,
    keys,
    check: (yaml, tenant) => {
      const found = find(tenant)
      return found ? check(yaml, found) : []
    },
    of: ({ tenant }) => find(tenant),
  }
}

/** What features bring into the register: what activities have to declare, and additions to a tenant's files. */
export type Claims = { readonly needs: readonly ActivityNeeds[]; readonly additions: readonly TenantAddition[] }

/** The schemas of a tenant with these additions. */
export const schemasOf = (additions: readonly TenantAddition[]) => {
  const joined = (where: keyof Keys) => Object.assign({}, ...additions.map(({ keys }) => keys[where]))
  return {
    Tenant: tenantSchema({ tenant: joined('tenant'), site: joined('site'), hours: joined('hours') }),
    Activity: activitySchema(additions.flatMap(({ cases }) => cases)),
  }
}

/** The additions that a tenant's files mean to have: by a key, or by the activity. `data`: of `tenant.yaml`, as written. */
export const additionsMeant = (
  additions: readonly TenantAddition[],
  data: unknown,
  activities: readonly string[],
): TenantAddition[] =>
  additions.filter(
    ({ keys, activity }) =>
      activities.includes(activity) ||
      (typeof data === 'object' && data !== null && Object.keys(keys.tenant).some((key) => key in data)),
  )
