import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { z } from 'zod'
import { languages } from '#platform/i18n/translate.ts'
import { judge } from '../judge/judge.ts'
import { Published } from '../judge/published.ts'
import { type Day, lawAsOf } from '../law/laws.ts'
import { type Claims, partsMeant, schemasOf, type TenantPart } from '../part.ts'
import {
  type ActivityNeeds,
  type Declaration,
  type Finding,
  formatsOf,
  type Judged,
  type Problem,
  type QuarantinedTenant,
  type Register,
  type RunningTenant,
} from '../register.ts'
import { Operator, type Tenant } from '../schema-tenant.ts'
import { checkActivity } from './check-activity.ts'
import { checkActs } from './check-bases.ts'
import { checkDestinations } from './check-destinations.ts'
import { checkLanguages } from './check-languages.ts'
import { checkOperatorFile } from './check-operator.ts'
import { checkSecrets } from './check-secrets.ts'
import { checkTenant, judgeTenant } from './check-tenant.ts'
import { checkTogether } from './check-together.ts'
import { explain } from './explain.ts'
import { checkOperator, checkProcessors, operatorAsRecipient, withOperator } from './operator.ts'
import type { LoadedActivity } from './shared.ts'
import { noYaml, readYaml, type YamlFile } from './yaml.ts'

/** A problem in one line: `tenants/segeberg/activities/x.yaml:12: message → remedy`. */
export const problemLine = ({ file, line, message, remedy }: Problem): string =>
  `${file}:${line}: ${message} → ${remedy}`

/** As people see it: from the working directory, or absolute if it lies elsewhere. */
export const shownPath = (path: string): string => {
  const short = relative('', path)
  return short.startsWith('..') ? path : short
}

const idOf = (data: unknown): string | null => {
  const id = (data as { id?: unknown } | null | undefined)?.id
  return typeof id === 'string' ? id : null
}

const parseAs = <S extends z.ZodType>(
  yaml: YamlFile,
  schema: S,
): { value: z.output<S> | null; problems: readonly Problem[] } => {
  if (yaml.faults.length > 0) return { value: null, problems: yaml.faults }
  const parsed = schema.safeParse(yaml.data)
  return parsed.success
    ? { value: parsed.data, problems: [] }
    : { value: null, problems: parsed.error.issues.flatMap((issue) => explain(yaml, issue)) }
}

/** Whether there is a folder of this name. */
export const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

const filesIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => !name.startsWith('.'))
        .sort()
    : []

/** The activity files of a tenant; anything else in their folder is a problem, as nobody would read it. */
const listActivities = (folder: string): { paths: string[]; problems: Problem[] } => {
  const names = filesIn(folder)
  return {
    paths: names.filter((name) => name.endsWith('.yaml')).map((name) => join(folder, name)),
    problems: names
      .filter((name) => !name.endsWith('.yaml'))
      .map((name) => ({
        file: shownPath(join(folder, name)),
        line: 1,
        message: 'not an activity: its name does not end in .yaml',
        remedy: 'rename it or move it elsewhere',
      })),
  }
}

const cannotRead: Record<string, [string, string]> = {
  ENOENT: ['no such file', "add it, or remove the folder if it is no tenant's"],
  EACCES: ['may not be read', 'give the account that runs the server the right to read it'],
  EISDIR: ['a folder, not a file', 'rename or remove it'],
}

/** Reads a file as YAML; `seen` gets its bytes. */
const readFile = (path: string, seen: (bytes: Uint8Array) => void = () => {}): YamlFile => {
  try {
    const bytes = readFileSync(path)
    seen(bytes)
    return readYaml(shownPath(path), bytes)
  } catch (error) {
    const [message, remedy] = cannotRead[(error as NodeJS.ErrnoException).code ?? ''] ?? [
      'cannot be read',
      'see to the disk',
    ]
    return noYaml(shownPath(path), message, remedy)
  }
}

const readTenant = (folder: string) => {
  const { paths, problems } = listActivities(join(folder, 'activities'))
  const hash = createHash('sha256')
  const read = (path: string): YamlFile =>
    readFile(path, (bytes) => hash.update(`${relative(folder, path)}\0${bytes.length}\0`).update(bytes))
  return { tenant: read(join(folder, 'tenant.yaml')), activities: paths.map(read), problems, hash }
}

/** What the notice says for all activities together, and so holds as long as `effectiveFrom` stays. */
const saidForAll = [
  'name',
  'demonstration',
  'fictional',
  'controller',
  'dataProtectionOfficer',
  'supervisoryAuthority',
  'operator',
  'helpline',
]

const ofOperator = 'operatorOfInstallation'

/** What the notice says of the operator; to which hosts it connects says no notice. */
const operatorSaid = (operator: Operator | null) => {
  if (!operator) return {}
  const { hosts: _, ...said } = operator
  return { [ofOperator]: said }
}

/** Where a declaration of `tenant` stands: in `tenant.yaml`, or what is said of the operator in `operator.yaml`. */
const atTenant =
  (tenant: YamlFile, operator: YamlFile): Declaration['at'] =>
  ([first, ...rest], message, remedy) =>
    first === ofOperator
      ? operator.at(rest, message.replace(`${ofOperator}.`, ''), remedy)
      : tenant.at(first === undefined ? [] : [first, ...rest], message, remedy)

// As written, without what the schema adds: a newer program that knows more keys changes no promise.
const declarationsOf = (
  files: ReturnType<typeof readTenant>,
  loaded: readonly LoadedActivity[],
  operator: ReadOperator,
): Declaration[] => {
  const data = (files.tenant.data ?? {}) as Record<string, unknown>
  const said = Object.fromEntries(saidForAll.flatMap((key) => (key in data ? [[key, data[key]]] : [])))
  return [
    {
      id: 'tenant',
      version: String(data.effectiveFrom),
      content: { ...said, ...operatorSaid(operator.value) },
      at: atTenant(files.tenant, operator.yaml),
    },
    ...loaded.map(({ yaml, activity: { id, version } }) => ({ id, version, content: yaml.data, at: yaml.at })),
  ]
}

/** The law of the day `on`, dates in the files on `today`. */
type Days = { on: Day; today: Day }
type Held = Days & { operator: ReadOperator; claims: Claims }

/** What features need of a tenant with these parts: an activity of another part may be missing. */
const owed = ({ needs, parts }: Claims, had: readonly TenantPart[]): ActivityNeeds[] =>
  needs.map((need) => {
    const part = parts.find(({ activity }) => activity === need.activity)
    return part && !had.includes(part) ? { ...need, optional: true } : need
  })

const loadTenant = (dir: string, slug: string, { operator, claims, on, today }: Held) => {
  const files = readTenant(join(dir, slug))
  const declared = files.activities.flatMap((yaml) => {
    const id = idOf(yaml.data)
    return id === null ? [] : [{ yaml, id }]
  })
  const ids = declared.map(({ id }) => id)
  const parts = partsMeant(claims.parts, files.tenant.data, ids)
  const { Tenant, Activity } = schemasOf(parts)
  const tenant = parseAs(files.tenant, Tenant)
  const parsed = files.activities.map((yaml) => ({ yaml, ...parseAs(yaml, Activity) }))
  const loaded: LoadedActivity[] = parsed.flatMap(({ yaml, value }) => (value ? [{ yaml, activity: value }] : []))
  // A file that cannot even be read may be any activity: what else is missing shows once it can.
  const unreadable = files.activities.some(({ data }) => idOf(data) === null)
  const folder = shownPath(join(dir, slug, 'activities'))
  const ofTenant = tenant.value
  const problems: Problem[] = [
    ...tenant.problems,
    ...(ofTenant ? checkTenant(files.tenant, ofTenant, slug, today) : []),
    ...parts.flatMap(({ check }) => (ofTenant ? check(files.tenant, ofTenant) : [])),
    ...(ofTenant ? checkLanguages(files.tenant, ofTenant.languages) : []),
    ...(ofTenant && operator.value ? checkOperator(files.tenant, ofTenant, operator.value) : []),
    ...files.problems,
    ...[files.tenant, ...files.activities].flatMap(checkSecrets),
    ...checkDestinations(loaded),
    ...parsed.flatMap((one) => one.problems),
    ...loaded.flatMap((one) => checkActivity(one, on, today)),
    ...loaded.flatMap((one) => (ofTenant ? checkActs(one, ofTenant) : [])),
    ...loaded.flatMap(({ yaml }) => (ofTenant ? checkLanguages(yaml, ofTenant.languages) : [])),
    ...loaded.flatMap(({ yaml, activity }) => (ofTenant ? checkProcessors(yaml, ofTenant, activity) : [])),
    ...(unreadable ? [] : checkTogether({ folder, declared, loaded }, owed(claims, parts))),
  ]
  const activities = loaded.map(({ activity }) => activity)
  const declarations = declarationsOf(files, loaded, operator)
  return { slug, yaml: files.tenant, tenant: tenant.value, activities, hash: files.hash, declarations, problems }
}

type LoadedTenant = ReturnType<typeof loadTenant>

/** Tenants are kept apart by their id, so two with the same one must not run, whichever is the copy. */
const sameId = (one: LoadedTenant, all: readonly LoadedTenant[]): Problem[] => {
  const twin = all.find((other) => other !== one && one.tenant && other.tenant?.id === one.tenant.id)
  return twin
    ? [
        one.yaml.at(
          ['id'],
          `id: the tenant '${twin.slug}' has the same`,
          'write a new UUID into the newer of the two; `uuidgen` makes one',
        ),
      ]
    : []
}

/** What is left to put together once a tenant has no fault. */
const runnable = (
  { activities, hash, declarations }: LoadedTenant,
  tenant: Tenant,
  operator: Operator,
  formatOf: RunningTenant['formatOf'],
): RunningTenant => {
  const recipient = operatorAsRecipient(operator, tenant)
  return {
    tenant,
    operator,
    activities: new Map(activities.map((activity) => [activity.id, withOperator(activity, recipient)])),
    declarations,
    formatOf,
    hash: hash.copy().update(JSON.stringify(operator)).digest('hex'),
  }
}

const publishedPath = (dir: string, slug: string): string => join(dir, slug, 'published.yaml')

/** Whether somebody is only judged here: there is what they publish, and nothing that could run. */
const isOnlyJudged = (dir: string, slug: string): boolean =>
  existsSync(publishedPath(dir, slug)) &&
  !existsSync(join(dir, slug, 'tenant.yaml')) &&
  !existsSync(join(dir, slug, 'activities'))

const otherThan = (yaml: YamlFile, published: Published, tenant: Tenant): Problem[] =>
  (['kind', 'land'] as const)
    .filter((key) => published[key] !== tenant[key])
    .map((key) =>
      yaml.at(
        [key],
        `${key}: '${published[key]}' differs from tenant.yaml`,
        `write ${tenant[key]}, or correct tenant.yaml`,
      ),
    )

const judgePublished = (dir: string, slug: string, tenant: Tenant | null, on: Day): Omit<Judged, 'slug'> => {
  const yaml = readFile(publishedPath(dir, slug))
  const { value, problems } = parseAs(yaml, Published)
  if (!value) return { isRead: false, problems, findings: [] }
  return { isRead: true, problems: tenant ? otherThan(yaml, value, tenant) : [], findings: judge(yaml, value, on) }
}

/** What is said about a tenant without stopping it: on its published notice, and on what could not be compared. */
const judgeAll = (dir: string, slug: string, loaded: LoadedTenant | undefined, { on, today }: Days): Judged[] => {
  const own: Finding[] = loaded?.tenant ? judgeTenant(loaded.yaml, loaded.tenant, today) : []
  const isPublished = existsSync(publishedPath(dir, slug))
  if (!isPublished && own.length === 0) return []
  const { isRead, problems, findings } = isPublished
    ? judgePublished(dir, slug, loaded?.tenant ?? null, on)
    : { isRead: true, problems: [], findings: [] }
  return [{ slug, isRead, problems, findings: [...own, ...findings] }]
}

type ReadOperator = { yaml: YamlFile; value: Operator | null; problems: readonly Problem[] }

/** The operator, or what is wrong with it. */
const readOperator = (path: string): ReadOperator => {
  const yaml = readFile(path)
  const { value, problems } = parseAs(yaml, Operator)
  const found = value
    ? [...checkOperatorFile(yaml, value), ...checkSecrets(yaml), ...checkLanguages(yaml, languages)]
    : problems
  return { yaml, value: found.length === 0 ? value : null, problems: found }
}

/**
 * Reads `operator.yaml` and every tenant below `dir`: `<slug>/tenant.yaml` and `<slug>/activities/*.yaml`, and holds
 * them against the schema, the law of the day `on` as far as it can be checked, and what the features need. No contract is
 * dated after `today`. A tenant with any problem is quarantined, the others run; without an operator none runs. `<slug>/published.yaml`, what somebody
 * really publishes, is judged and enforces nothing: whatever it says, or however broken it is, whoever runs goes on.
 * @throws if `dir` cannot be read.
 */
export const loadRegister = (...given: Parameters<typeof loading>): Register => {
  const steps = loading(...given)
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

/** The same, with room between two tenants for whatever else this process has to answer: of many, reading takes seconds.
 *  @throws if `dir` cannot be read. */
export const loadRegisterInSteps = async (...given: Parameters<typeof loading>): Promise<Register> => {
  const steps = loading(...given)
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
    await nextTurn()
  }
}

/** Reads one tenant after the other; see `loadRegister`. */
function* loading(
  dir: string,
  claims: Claims,
  on: Day = lawAsOf,
  today: Day = on,
): Generator<undefined, Register, undefined> {
  const slugs = readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort()
  const operator = readOperator(join(dir, 'operator.yaml'))
  const all: LoadedTenant[] = []
  for (const slug of slugs.filter((each) => !isOnlyJudged(dir, each))) {
    all.push(loadTenant(dir, slug, { operator, claims, on, today }))
    yield
  }
  const formatOf = formatsOf(claims.needs)
  const running = new Map<string, RunningTenant>()
  const quarantined = new Map<string, QuarantinedTenant>()
  for (const one of all) {
    const problems = [...one.problems, ...sameId(one, all)]
    const { slug, tenant } = one
    if (!tenant || problems.length > 0) quarantined.set(slug, { slug, problems })
    else if (operator.value) running.set(slug, runnable(one, tenant, operator.value, formatOf))
  }
  const judged = slugs.flatMap((slug) =>
    judgeAll(
      dir,
      slug,
      all.find((one) => one.slug === slug),
      { on, today },
    ),
  )
  return {
    operator: operator.value,
    problems: operator.problems,
    running,
    quarantined,
    judged: new Map(judged.map((one) => [one.slug, one])),
  }
}
