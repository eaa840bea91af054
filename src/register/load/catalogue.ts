import { catalogueFiles } from '#register/load/catalogue-files.ts'
import { expand, merge, type Source } from './merge.ts'
import type { Node } from './tree.ts'
import { type Path, readYaml, type YamlFile } from './yaml.ts'

/** What a tenant's file takes of the catalogue: a whole activity (`extends`), or a part of one (`use`). */
export type Kind = 'activity' | 'part'

type Missing = { readonly message: string; readonly remedy: string }
type Found = Node | Missing

export const isMissing = (found: Found): found is Missing => !('kind' in found)

/** Activities and parts of them that many tenants share, each under a name and a version that never change. */
export type Catalogue = {
  /** What stands under a name such as `mail.delivery@1`, put together; or why there is no such thing. */
  readonly find: (kind: Kind, name: unknown) => Found
  /** The newest version of an activity, such as `mail.delivery@2`; undefined where the catalogue has none. */
  readonly newest: (id: string) => string | undefined
  /** The names of all entries of a kind, e.g. `mail.delivery@1`. */
  readonly names: (kind: Kind) => readonly string[]
}

type Entry = { readonly yaml: YamlFile; readonly path: Path; readonly data: unknown }

const keyOf: Record<Kind, string> = { activity: 'extends', part: 'use' }

const order = new Intl.Collator('en', { numeric: true })

const idIn = (name: string): string => name.split('@')[0] ?? ''

/** Each activity is a file called by its name; a file below `parts/` has a part under each of its keys. */
const entriesOf = (file: string, text: string): [Kind, string, Entry][] => {
  const yaml = readYaml(file, new TextEncoder().encode(text))
  if (!file.includes('/parts/')) {
    const name = /([^/]+)\.yaml$/.exec(file)?.[1] ?? file
    return [['activity', name, { yaml, path: [], data: yaml.data }]]
  }
  const parts = typeof yaml.data === 'object' && yaml.data !== null ? Object.entries(yaml.data) : []
  return parts.map(([name, data]) => ['part', name, { yaml, path: [name], data }])
}

/** A catalogue of these files, by path: what they contain. */
export const createCatalogue = (files: Readonly<Record<string, string>>): Catalogue => {
  const all = Object.entries(files).flatMap(([file, text]) => entriesOf(file, text))
  const entries = new Map(all.map(([kind, name, entry]) => [`${keyOf[kind]} ${name}`, entry]))
  const done = new Map<string, Found>()

  const names = (kind: Kind) =>
    all
      .filter(([of]) => of === kind)
      .map(([, name]) => name)
      .sort(order.compare)

  const newest = (id: string, kind: Kind = 'activity') => names(kind).findLast((name) => idIn(name) === id)

  const unknown = (kind: Kind, name: unknown): Missing => {
    const known = typeof name === 'string' ? newest(idIn(name), kind) : undefined
    return known
      ? { message: `the catalogue has no '${name}'`, remedy: `write ${known}, or another version that exists` }
      : {
          message: `the catalogue has no ${kind} '${String(name)}'`,
          remedy: `write one of ${[...new Set(names(kind).map((each) => newest(idIn(each), kind)))].join(', ')}`,
        }
  }

  const build = (name: string, { yaml, path, data }: Entry, way: readonly string[]): Found => {
    const faults = yaml.faults.map(({ line, message }) => `${yaml.file}:${line}: ${message}`)
    const takeAs = (kind: Kind) => (wanted: unknown, at: Path) => {
      const found = find(kind, wanted, way)
      if (!isMissing(found)) return found
      source.fault(at, found.message, found.remedy)
      return null
    }
    const source: Source = {
      yaml,
      entry: name,
      take: takeAs('part'),
      fault: (at, message) => {
        const { file, line } = yaml.at(at, message, '')
        faults.push(`${file}:${line}: ${message}`)
      },
    }
    const node = whole(source, data, path, takeAs('activity'))
    return faults.length === 0
      ? node
      : { message: `${name} of the catalogue is faulty: ${faults[0]}`, remedy: 'take another version, and report this' }
  }

  const find = (kind: Kind, name: unknown, way: readonly string[]): Found => {
    const key = `${keyOf[kind]} ${String(name)}`
    const entry = entries.get(key)
    if (typeof name !== 'string' || !entry) return unknown(kind, name)
    if (way.includes(key)) {
      const circle = [...way.slice(way.indexOf(key)), key].map((each) => each.split(' ')[1]).join(' → ')
      return { message: `comes back to itself: ${circle}`, remedy: 'take another version, and report this' }
    }
    const found = done.get(key) ?? build(name, entry, [...way, key])
    done.set(key, found)
    return found
  }

  return { find: (kind, name) => find(kind, name, []), newest: (id) => newest(id), names }
}

/** A file, or an entry of the catalogue: the activity that it extends with what it says itself, or only the latter. */
export const whole = (
  source: Source,
  data: unknown,
  path: Path,
  takeActivity: (name: unknown, at: Path) => Node | null,
): Node => {
  if (typeof data !== 'object' || data === null || !Object.hasOwn(data, 'extends')) return expand(source, data, path)
  const { extends: name, ...own } = data as Record<string, unknown>
  const base = takeActivity(name, [...path, 'extends'])
  return base ? merge(source, base, own, path) : expand(source, own, path)
}

let own: Catalogue | undefined

/** The catalogue that this program ships with. */
export const shippedCatalogue = (): Catalogue => {
  own ??= createCatalogue(
    Object.fromEntries(Object.entries(catalogueFiles).map(([path, text]) => [path.replace(/^\//, ''), text])),
  )
  return own
}
