import type { Language } from '#platform/i18n/translate.ts'
import type { Activity, Field, Tenant } from './schema.ts'

export type { Activity, Field, Recipient, Remains, Retention, Site, Tenant } from './schema.ts'

/** What one file of a tenant says to people, as it stands there. `id` is an activity's, or `tenant` for what the notice
 *  says for all of them; `version` is what has to be raised when `content` changes. */
export type Declaration = {
  readonly id: string
  readonly version: string
  readonly content: unknown
  /** A problem in this file, at the line of `path`. */
  readonly at: (path: readonly PropertyKey[], message: string, remedy: string) => Problem
}

/** A tenant whose files are complete and free of contradiction: the only kind that runs. */
export type RunningTenant = {
  readonly tenant: Tenant
  readonly activities: ReadonlyMap<string, Activity>
  /** Hash over all its files: under which register a record was made. */
  readonly hash: string
  readonly declarations: readonly Declaration[]
}

/** A fault in a tenant's files, with where it is and what to do. */
export type Problem = { file: string; line: number; message: string; remedy: string }

/** A tenant that does not run because of a fault; the others do. */
export type QuarantinedTenant = { readonly slug: string; readonly problems: readonly Problem[] }

export type Register = {
  readonly running: ReadonlyMap<string, RunningTenant>
  readonly quarantined: ReadonlyMap<string, QuarantinedTenant>
}

/** A field that a feature writes or reads itself: its id, and how it is stored where that is not simply sealed. */
export type FieldNeed = string | { id: string; store?: Field['store']; lookup?: boolean }

/** What a feature needs an activity to declare, because it writes or triggers it itself. */
export type ActivityNeeds = {
  activity: string
  fields: readonly FieldNeed[]
  triggers: readonly string[]
  /** Ids of what stays behind in the feature's own tables when a record of this activity is erased. */
  remains?: readonly RemainsNeed[]
}

/** `period`: the feature erases it when that is over. */
export type RemainsNeed = { id: string; period: boolean }

/** The activity a feature works under.
 *  @throws if the tenant does not declare it; the loader has made sure that it does. */
export const getActivity = (running: RunningTenant, id: string): Activity => {
  const activity = running.activities.get(id)
  if (!activity) throw new Error(`tenant ${running.tenant.slug} declares no activity ${id}`)
  return activity
}

/** How long something is kept that stays behind when a record of this activity is erased, as ISO 8601 period.
 *  @throws if the activity declares none; the loader has made sure that it does. */
export const remainsFor = (activity: Activity, id: string): string => {
  const period = activity.remains.find((one) => one.id === id)?.period
  if (period === undefined) throw new Error(`activity ${activity.id} does not say how long its ${id} remains`)
  return period
}

/** The running tenant with this id, e.g. the one a job belongs to. */
export const findRunning = (register: Register, tenantId: string): RunningTenant | undefined =>
  [...register.running.values()].find(({ tenant }) => tenant.id === tenantId)

/** Fields that a person fills in, in the order of the file: the form is made of them. */
export const fieldsOfForm = (activity: Activity): Field[] => activity.fields.filter((field) => field.input !== 'none')

/** The text in the person's language. */
export const inLanguage = (text: Record<Language, string>, language: Language): string => text[language]
