import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { z } from 'zod'
import { checkActivity, type LoadedActivity } from './check-activity.ts'
import { checkOperatorFile } from './check-operator.ts'
import { checkTenant } from './check-tenant.ts'
import { checkTogether } from './check-together.ts'
import { explain } from './explain.ts'
import { checkOperator, operatorAsRecipient, withOperator } from './operator.ts'
import type { ActivityNeeds, Problem, QuarantinedTenant, Register, RunningTenant } from './register.ts'
import { Activity, Operator, Tenant } from './schema.ts'
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

/** Reads a file; `onBytes` gets what stands in it. */
const read = (path: string, onBytes: (bytes: Uint8Array) => void = () => {}): YamlFile => {
  try {
    const bytes = readFileSync(path)
    onBytes(bytes)
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
  const readHashed = (path: string) =>
    read(path, (bytes) => hash.update(`${relative(folder, path)}\0${bytes.length}\0`).update(bytes))
  return { tenant: readHashed(join(folder, 'tenant.yaml')), activities: paths.map(readHashed), problems, hash }
}

const loadTenant = (dir: string, slug: string, operator: Operator | null, needs: readonly ActivityNeeds[]) => {
  const files = readTenant(join(dir, slug))
  const tenant = parseAs(files.tenant, Tenant)
  const parsed = files.activities.map((yaml) => ({ yaml, ...parseAs(yaml, Activity) }))
  const loaded: LoadedActivity[] = parsed.flatMap(({ yaml, value }) => (value ? [{ yaml, activity: value }] : []))
  // A file that cannot even be read may be any activity: what else is missing shows once it can.
  const unreadable = files.activities.some(({ data }) => idOf(data) === null)
  const declared = files.activities.flatMap((yaml) => {
    const id = idOf(yaml.data)
    return id === null ? [] : [{ yaml, id }]
  })
  const folder = shownPath(join(dir, slug, 'activities'))
  const problems: Problem[] = [
    ...tenant.problems,
    ...(tenant.value ? checkTenant(files.tenant, tenant.value, slug) : []),
    ...(tenant.value && operator ? checkOperator(files.tenant, tenant.value, operator) : []),
    ...files.problems,
    ...parsed.flatMap((one) => one.problems),
    ...loaded.flatMap(checkActivity),
    ...(unreadable ? [] : checkTogether({ folder, declared, loaded }, needs)),
  ]
  const activities = loaded.map(({ activity }) => activity)
  return { slug, yaml: files.tenant, tenant: tenant.value, activities, hash: files.hash, problems }
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
const runnable = ({ activities, hash }: LoadedTenant, tenant: Tenant, operator: Operator): RunningTenant => {
  const recipient = operatorAsRecipient(operator, tenant)
  return {
    tenant,
    operator,
    activities: new Map(activities.map((activity) => [activity.id, withOperator(activity, recipient)])),
    hash: hash.copy().update(JSON.stringify(operator)).digest('hex'),
  }
}

/** The operator, or what is wrong with it. */
const readOperator = (path: string): { value: Operator | null; problems: readonly Problem[] } => {
  const yaml = read(path)
  const { value, problems } = parseAs(yaml, Operator)
  const found = value ? checkOperatorFile(yaml, value) : problems
  return { value: found.length === 0 ? value : null, problems: found }
}

/**
 * Reads `operator.yaml` and every tenant below `dir`: `<slug>/tenant.yaml` and `<slug>/activities/*.yaml`, and holds
 * them against the schema, the law as far as it can be checked, and what the features need. A tenant with any problem is
 * quarantined, the others run; without an operator none runs.
 * @throws if `dir` cannot be read.
 */
export const loadRegister = (dir: string, needs: readonly ActivityNeeds[]): Register => {
  const slugs = readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort()
  const operator = readOperator(join(dir, 'operator.yaml'))
  const all = slugs.map((slug) => loadTenant(dir, slug, operator.value, needs))
  const running = new Map<string, RunningTenant>()
  const quarantined = new Map<string, QuarantinedTenant>()
  for (const one of all) {
    const problems = [...one.problems, ...sameId(one, all)]
    const { slug, tenant } = one
    if (!tenant || problems.length > 0) quarantined.set(slug, { slug, problems })
    else if (operator.value) running.set(slug, runnable(one, tenant, operator.value))
  }
  return { operator: operator.value, problems: operator.problems, running, quarantined }
}
