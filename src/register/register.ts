import type { Language } from '#platform/i18n/translate.ts'
import type { Activity, Field, LookReason, Recipient } from './schema.ts'
import type { Cookie } from './schema-device.ts'
import type { Operator, Tenant } from './schema-tenant.ts'
import type { Text } from './schema-words.ts'
import type { Trigger } from './triggers.ts'

export type { Activity, Field, LookReason, Recipient, Remains, Retention } from './schema.ts'
export type { Operator, Site, Tenant } from './schema-tenant.ts'

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
  readonly operator: Operator
  /** Hash over all its files and the operator's: under which register a record was made. */
  readonly hash: string
  readonly declarations: readonly Declaration[]
  /** How the value of a field is read, where a feature writes it; undefined where it stands there in words. */
  readonly formatOf: (activity: string, field: string) => Format | undefined
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
  /** False where the file that says so breaks the schema: then nothing in it is judged. */
  readonly isRead: boolean
  readonly problems: readonly Problem[]
  readonly findings: readonly Finding[]
}

/** A tenant that does not run because of a fault; the others do. */
export type QuarantinedTenant = { readonly slug: string; readonly problems: readonly Problem[] }

export type Register = {
  /** null only with `problems`. */
  readonly operator: Operator | null
  /** Faults of what all tenants share; with one, none runs. */
  readonly problems: readonly Problem[]
  readonly running: ReadonlyMap<string, RunningTenant>
  readonly quarantined: ReadonlyMap<string, QuarantinedTenant>
  /** What is odd about files that stop nothing, by slug. */
  readonly findings: ReadonlyMap<string, readonly Finding[]>
}

/** The register without a tenant that turned out not to fit: it does not run, the others do. */
export const quarantine = (register: Register, slug: string, problems: readonly Problem[]): Register => {
  const running = new Map(register.running)
  running.delete(slug)
  return { ...register, running, quarantined: new Map(register.quarantined).set(slug, { slug, problems }) }
}

/** How a stored value is read by its person. */
export type Format = (value: string, reader: { running: RunningTenant; language: Language }) => string

/** A field that a feature writes or reads itself: its id, how it is stored where that is not simply sealed, and how its value
 *  is read where it does not stand there in words. `optional`: where a tenant does not declare it, the feature does
 *  without. */
export type FieldNeed =
  | string
  | { id: string; store?: Field['store']; lookup?: boolean; optional?: boolean; format?: Format }

/** How the fields that features write are read. */
export const formatsOf = (needs: readonly ActivityNeeds[]): RunningTenant['formatOf'] => {
  const known = new Map<string, Format>()
  for (const { activity, fields = [], withConsent, withoutConsent } of needs) {
    for (const need of [...fields, ...(withConsent?.fields ?? []), ...(withoutConsent?.fields ?? [])]) {
      if (typeof need !== 'string' && need.format) known.set(`${activity} ${need.id}`, need.format)
    }
  }
  return (activity, field) => known.get(`${activity} ${field}`)
}

/** A cookie that a feature sets: its name, and what it holds where that is not the same for everybody. */
export type CookieNeed = string | { id: string; content: Cookie['content'] }

/** What a feature needs an activity to declare, because it writes or triggers it itself. */
export type ActivityNeeds = {
  activity: string
  /** Only where the tenant declares another activity, or a field, there or here, that it may also leave out. */
  where?: { activity: string; field?: string }
  fields?: readonly FieldNeed[]
  triggers?: readonly Trigger[]
  /** For what it opens records, and who: each purpose that opens one is declared, and no other is. */
  purposes?: readonly LookReason[]
  /** Whom it hands fields to, and how they travel. */
  recipients?: readonly { id: string; transport: Recipient['transport']; fields: readonly string[] }[]
  /** Cookies it sets. */
  cookies?: readonly CookieNeed[]
  /** What its scripts keep on the device. */
  device?: readonly { id: string; kind: 'local' | 'opfs' }[]
  /** Ids of what stays behind in the feature's own tables when a record of this activity is erased. */
  remains?: readonly RemainsNeed[]
  /** What more it needs where the activity asks for consent, and where it asks for none. */
  withConsent?: { fields?: readonly FieldNeed[]; triggers?: readonly Trigger[] }
  withoutConsent?: { fields?: readonly FieldNeed[]; triggers?: readonly Trigger[] }
  /** True where it asks nobody for consent: the activity has to rest on something else. */
  neverConsent?: boolean
  /** True where a tenant may do without the activity; the feature then has nothing to do for it. */
  optional?: boolean
}

/** `period`: the feature erases it when that is over, counted from the erasure of the record, or `from` the end of the month
 *  that it is about. */
export type RemainsNeed = { id: string; period: boolean; from?: 'month' }

/** The activity a feature works under.
 *  @throws if the tenant does not declare it; the loader has made sure that it does. */
export const getActivity = (running: RunningTenant, id: string): Activity => {
  const activity = running.activities.get(id)
  if (!activity) throw new Error(`tenant ${running.tenant.slug} declares no activity ${id}`)
  return activity
}

/** Whether records of this activity are opened for this purpose, by this actor. */
export const opensFor = ({ purposes }: Activity, { purpose, actor }: LookReason): boolean =>
  purposes.some(({ id, opens }) => id === purpose && opens?.includes(actor))

/** How long something is kept that stays behind when a record of this activity is erased, as ISO 8601 period.
 *  @throws if the activity declares none; the loader has made sure that it does. */
export const remainsFor = (activity: Activity, id: string): string => {
  const period = activity.remains.find((one) => one.id === id)?.period
  if (period === undefined) throw new Error(`activity ${activity.id} does not say how long its ${id} remains`)
  return period
}

/** What happens to a record whose person wants it erased, where there is no consent to withdraw. */
export const erasureRequested = 'erasure.requested'

/** Whether a field is part of a record in the vault: as a sealed value, as a check value or as a file. */
export const isOfRecord = ({ store }: Field): boolean => store === 'vault' || store === 'hash' || store === 'blob'

/** Whether all it keeps are numbers in which no person is. Nobody has a right to see or erase a number. */
export const isMereNumbers = ({ fields }: Activity): boolean => fields.every(({ store }) => store === 'count')

/** Whether all of it lies on the person's own device: this software sees it only while it is on its way. */
export const isOnDevice = ({ fields }: Activity): boolean => fields.every(({ store }) => store === 'device')

/** Whether a person can have records of this activity erased by asking; without a reason, and at once or after a period,
 *  as its rule says. */
export const erasesOnRequest = ({ retention }: Activity): boolean =>
  retention.some(({ trigger }) => trigger === erasureRequested)

/** Who reads a notice. */
export type Audience = Activity['notice']

const told = new WeakMap<RunningTenant, Map<Audience, RunningTenant>>()

/** The tenant as the notice for these readers tells of it: with their activities alone. */
export const toldTo = (audience: Audience, running: RunningTenant): RunningTenant => {
  const known = told.get(running) ?? new Map<Audience, RunningTenant>()
  told.set(running, known)
  const activities = () => new Map([...running.activities].filter(([, { notice }]) => notice === audience))
  const view = known.get(audience) ?? { ...running, activities: activities() }
  known.set(audience, view)
  return view
}

/** How a tenant's people end what is stored for services they use: by withdrawing a consent, where one is asked for, by
 *  having it erased, where none is. */
export const endingsOf = (running: RunningTenant) => {
  const all = [...toldTo('citizens', running).activities.values()]
  return { withdrawal: all.some(({ consent }) => consent !== undefined), erasure: all.some(erasesOnRequest) }
}

/** The running tenant with this id, e.g. the one a job belongs to. */
export const findRunning = (register: Register, tenantId: string): RunningTenant | undefined =>
  [...register.running.values()].find(({ tenant }) => tenant.id === tenantId)

/** Fields that a person fills in, in the order of the file: the form is made of them. */
export const fieldsOfForm = (activity: Activity): Field[] => activity.fields.filter((field) => field.input !== 'none')

/** The text in the person's language, which is one of the tenant's.
 *  @throws if it is not: no page may show nothing, or "undefined". */
export const inLanguage = (text: Text, language: Language): string => {
  const said = text[language]
  if (said === undefined) throw new Error(`no text in ${language} beside the German '${text.de}'`)
  return said
}

/** This language where the tenant speaks it, otherwise German: for what names a language of its own, such as an address, or
 *  a booking made before the tenant's list became shorter. */
export const spokenBy = ({ tenant }: RunningTenant, language: string | undefined): Language =>
  tenant.languages.find((each) => each === language) ?? 'de'
