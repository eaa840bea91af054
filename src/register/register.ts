import type { Language } from '#platform/i18n/translate.ts'
import type { Activity, Field, Tenant } from './schema.ts'

export type { Activity, Field, Recipient, Retention, Site, Tenant } from './schema.ts'

/** A tenant whose files are complete and free of contradiction: the only kind that runs. */
export type RunningTenant = {
  readonly tenant: Tenant
  readonly activities: ReadonlyMap<string, Activity>
  /** Hash over all its files, shown with the notice: which text was in force. */
  readonly hash: string
}

/** A fault in a tenant's files, with where it is and what to do. */
export type Problem = { file: string; line: number; message: string; remedy: string }

/** Something that the notice a Jobcenter really publishes gets wrong. For its data protection officer; stops nothing. */
export type Finding = Problem & {
  /** The rule that found it, e.g. `norm-repealed`. */
  rule: string
  /** What the law says, and where. */
  law: string
  /** The date the notice bears, e.g. `2020-11`, or `undated, read 2026-11-22`. */
  noticeDate: string
  /** Ids of the statements it is about, as annotated in the file. */
  facts: readonly string[]
}

/** What a Jobcenter publishes, judged. Problems are those of the file that says so, if it breaks the schema. */
export type Judged = {
  readonly slug: string
  readonly problems: readonly Problem[]
  readonly findings: readonly Finding[]
}

/** A tenant that does not run because of a fault; the others do. */
export type QuarantinedTenant = { readonly slug: string; readonly problems: readonly Problem[] }

export type Register = {
  readonly running: ReadonlyMap<string, RunningTenant>
  readonly quarantined: ReadonlyMap<string, QuarantinedTenant>
  /** By slug, whoever has a `published.yaml`, running or not. */
  readonly judged: ReadonlyMap<string, Judged>
}

/** A field that a feature writes or reads itself: its id, and how it is stored where that is not simply sealed. */
export type FieldNeed = string | { id: string; store?: Field['store']; lookup?: boolean }

/** What a feature needs an activity to declare, because it writes or triggers it itself. */
export type ActivityNeeds = { activity: string; fields: readonly FieldNeed[]; triggers: readonly string[] }

/** The activity a feature works under.
 *  @throws if the tenant does not declare it; the loader has made sure that it does. */
export const getActivity = (running: RunningTenant, id: string): Activity => {
  const activity = running.activities.get(id)
  if (!activity) throw new Error(`tenant ${running.tenant.slug} declares no activity ${id}`)
  return activity
}

/** The running tenant with this id, e.g. the one a job belongs to. */
export const findRunning = (register: Register, tenantId: string): RunningTenant | undefined =>
  [...register.running.values()].find(({ tenant }) => tenant.id === tenantId)

/** Fields that a person fills in, in the order of the file: the form is made of them. */
export const fieldsOfForm = (activity: Activity): Field[] => activity.fields.filter((field) => field.input !== 'none')

/** The text in the person's language. */
export const inLanguage = (text: Record<Language, string>, language: Language): string => text[language]
