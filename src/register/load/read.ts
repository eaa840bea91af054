import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { z } from 'zod'
import { languages } from '#platform/i18n/translate.ts'
import type { Problem } from '../register.ts'
import type { Catalogue } from './catalogue.ts'
import { explain } from './explain.ts'
import { type Owner, resolve } from './resolve.ts'
import { noYaml, readYaml, type YamlFile } from './yaml.ts'

/** As people see it: from the working directory, or absolute if it lies elsewhere. */
export const shownPath = (path: string): string => {
  const short = relative('', path)
  return short.startsWith('..') ? path : short
}

/** Whether there is a folder of this name. */
export const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

/** What a file says, held against its schema; or what is wrong with it. */
export const parseAs = <S extends z.ZodType>(
  yaml: YamlFile,
  schema: S,
): { value: z.output<S> | null; problems: readonly Problem[] } => {
  if (yaml.faults.length > 0) return { value: null, problems: yaml.faults }
  const parsed = schema.safeParse(yaml.data)
  return parsed.success
    ? { value: parsed.data, problems: [] }
    : { value: null, problems: parsed.error.issues.flatMap((issue) => explain(yaml, issue)) }
}

const cannotRead: Record<string, [string, string]> = {
  ENOENT: ['no such file', "add it, or remove the folder if it is no tenant's"],
  EACCES: ['may not be read', 'give the account that runs the server the right to read it'],
  EISDIR: ['a folder, not a file', 'rename or remove it'],
}

/** Reads a file as YAML; `seen` gets its bytes. */
export const readFile = (path: string, seen: (bytes: Uint8Array) => void = () => {}): YamlFile => {
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

/** The names of the folders below `dir`, each of a tenant. @throws if `dir` cannot be read. */
export const foldersIn = (dir: string): string[] =>
  readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort()

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

/** Whom a tenant's files belong to, as far as its `tenant.yaml` says it rightly. */
const ownerOf = (data: unknown): Owner => {
  const { languages: spoken, name } = (data ?? {}) as { languages?: unknown; name?: unknown }
  return {
    languages: Array.isArray(spoken) ? spoken : languages,
    names: typeof name === 'object' && name !== null ? (name as Owner['names']) : {},
  }
}

/** The files of the tenant in this folder, each as a whole with what it takes of the catalogue. `hash` is over all that was
 *  read, of the files and of the catalogue. */
export const readTenant = (folder: string, catalogue: Catalogue) => {
  const { paths, problems } = listActivities(join(folder, 'activities'))
  const hash = createHash('sha256')
  const read = (path: string): YamlFile =>
    readFile(path, (bytes) => hash.update(`${relative(folder, path)}\0${bytes.length}\0`).update(bytes))
  const [tenant, activities] = [read(join(folder, 'tenant.yaml')), paths.map(read)]
  const owner = ownerOf(tenant.data)
  const whole = (file: YamlFile): YamlFile => {
    const resolved = resolve(file, catalogue, owner)
    hash.update(JSON.stringify(resolved.data ?? null))
    return resolved
  }
  return { tenant: whole(tenant), activities: activities.map(whole), problems, hash }
}

export type TenantFiles = ReturnType<typeof readTenant>
