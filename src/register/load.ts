import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { z } from 'zod'
import { checkActivity, type LoadedActivity } from './check-activity.ts'
import { checkTenant } from './check-tenant.ts'
import { checkTogether } from './check-together.ts'
import { explain } from './explain.ts'
import type { ActivityNeeds, Declaration, Problem, QuarantinedTenant, Register, RunningTenant } from './register.ts'
import { Activity, Tenant } from './schema.ts'
import { noYaml, readYaml, type YamlFile } from './yaml.ts'

/** A problem in one line: `tenants/segeberg/activities/x.yaml:12: message → remedy`. */
export const problemLine = ({ file, line, message, remedy }: Problem): string =>
  `${file}:${line}: ${message} → ${remedy}`

/** As people see it: from the working directory, or absolute if it lies elsewhere. */
const shownPath = (path: string): string => {
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

const readTenant = (folder: string) => {
  const { paths, problems } = listActivities(join(folder, 'activities'))
  const hash = createHash('sha256')
  const read = (path: string): YamlFile => {
    try {
      const bytes = readFileSync(path)
      hash.update(`${relative(folder, path)}\0${bytes.length}\0`).update(bytes)
      return readYaml(shownPath(path), bytes)
    } catch (error) {
      const [message, remedy] = cannotRead[(error as NodeJS.ErrnoException).code ?? ''] ?? [
        'cannot be read',
        'see to the disk',
      ]
      return noYaml(shownPath(path), message, remedy)
    }
  }
  return { tenant: read(join(folder, 'tenant.yaml')), activities: paths.map(read), problems, hash: hash.digest('hex') }
}

/** What the notice says for all activities together, and so holds as long as `effectiveFrom` stays. */
const saidForAll = [
  'name',
  'demonstration',
  'fictional',
  'controller',
  'dataProtectionOfficer',
  'supervisoryAuthority',
  'helpline',
]

// As written, without what the schema adds: a newer program that knows more keys changes no promise.
const declarationsOf = (files: ReturnType<typeof readTenant>, loaded: readonly LoadedActivity[]): Declaration[] => {
  const data = (files.tenant.data ?? {}) as Record<string, unknown>
  const said = Object.fromEntries(saidForAll.flatMap((key) => (key in data ? [[key, data[key]]] : [])))
  return [
    { id: 'tenant', version: String(data.effectiveFrom), content: said, at: files.tenant.at },
    ...loaded.map(({ yaml, activity: { id, version } }) => ({ id, version, content: yaml.data, at: yaml.at })),
  ]
}

const loadTenant = (dir: string, slug: string, needs: readonly ActivityNeeds[]) => {
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
    ...files.problems,
    ...parsed.flatMap((one) => one.problems),
    ...loaded.flatMap(checkActivity),
    ...(unreadable ? [] : checkTogether({ folder, declared, loaded }, needs)),
  ]
  const activities = new Map(loaded.map(({ activity }) => [activity.id, activity]))
  const declarations = declarationsOf(files, loaded)
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

/**
 * Reads every tenant below `dir`: `<slug>/tenant.yaml` and `<slug>/activities/*.yaml`, and holds them against the
 * schema, the law as far as it can be checked, and what the features need. A tenant with any problem is quarantined,
 * the others run.
 * @throws if `dir` cannot be read.
 */
export const loadRegister = (dir: string, needs: readonly ActivityNeeds[]): Register => {
  const slugs = readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort()
  const all = slugs.map((slug) => loadTenant(dir, slug, needs))
  const running = new Map<string, RunningTenant>()
  const quarantined = new Map<string, QuarantinedTenant>()
  for (const one of all) {
    const problems = [...one.problems, ...sameId(one, all)]
    const { slug, tenant, activities, hash, declarations } = one
    if (tenant && problems.length === 0) running.set(slug, { tenant, activities, hash, declarations })
    else quarantined.set(slug, { slug, problems })
  }
  return { running, quarantined }
}
