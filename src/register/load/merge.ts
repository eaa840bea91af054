import { asText, type Group, hasIds, idOf, type List, type Node, type Origin, wordIn } from './tree.ts'
import type { Path, YamlFile } from './yaml.ts'

/*
 * How a file is put together from what it takes of the catalogue and what it says itself. Four words mean something wherever
 * they stand as keys:
 *
 *   use: accessTrail@1     the part of that name; keys beside it change it
 *   sentences: [ … ]       texts, joined to one
 *   after: email           in an entry of a list: it comes after that one (before: …)
 *
 * and `off` takes away an entry, a group or a list. A group changes a group key by key, and a list of entries with ids by
 * their ids. A text is replaced in all languages at once, any other list whole.
 */

type Raw = Record<string, unknown>

/** A file that is being put together. */
export type Source = {
  readonly yaml: YamlFile
  /** The entry of the catalogue that it is; null for a tenant's file. */
  readonly entry: string | null
  /** The part of this name, or null, after having said what is wrong. */
  readonly take: (name: unknown, at: Path) => Node | null
  readonly fault: (at: Path, message: string, remedy: string) => void
}

const isRaw = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value)

const without = (raw: Raw, ...keys: readonly string[]): Raw =>
  Object.fromEntries(Object.entries(raw).filter(([key]) => !keys.includes(key)))

const nameOf = (path: Path): string => path.map(String).join('.')

const originOf = ({ yaml, entry }: Source, path: Path): Origin => ({ yaml, path, entry, via: null })

/** What a file says by itself, with the parts that it uses. */
export const expand = (source: Source, data: unknown, path: Path): Node => {
  const origin = originOf(source, path)
  if (Array.isArray(data)) {
    return { kind: 'list', items: data.map((item, index) => expand(source, item, [...path, index])), origin }
  }
  if (!isRaw(data)) return { kind: 'value', value: data, origin }
  if (Object.hasOwn(data, 'use')) return expandPart(source, data, path)
  if (Array.isArray(data.sentences)) return joined(source, data.sentences, path)
  const entries = new Map(Object.entries(data).map(([key, value]) => [key, expand(source, value, [...path, key])]))
  return { kind: 'group', entries, origin }
}

const expandPart = (source: Source, { use, ...changes }: Raw, path: Path): Node => {
  const part = source.take(use, [...path, 'use'])
  if (!part) return { kind: 'value', value: null, origin: originOf(source, path) }
  return Object.keys(changes).length === 0 ? part : merge(source, part, changes, path)
}

/** Texts after one another as one text, in every language that all of them have. */
const joined = (source: Source, sentences: readonly unknown[], path: Path): Node => {
  const texts = sentences.map((data, index) => expand(source, data, [...path, 'sentences', index]))
  const strange = texts.findIndex((text) => !asText(text))
  if (strange >= 0) {
    const at = [...path, 'sentences', strange]
    source.fault(
      at,
      `${nameOf(at)}: not a text`,
      "write 'de:' and the other languages, or 'use:' a part that is a text",
    )
  }
  const groups = texts.flatMap((text) => asText(text) ?? [])
  const languages = [...(groups[0]?.entries.keys() ?? [])].filter((each) =>
    groups.every((one) => one.entries.has(each)),
  )
  const origin = originOf(source, path)
  const said = (language: string): Node => ({
    kind: 'value',
    value: groups.map((one) => wordIn(one, language) ?? '').join(' '),
    origin,
  })
  return { kind: 'group', entries: new Map(languages.map((each) => [each, said(each)])), origin }
}

const kindOf = (node: Node): string => {
  if (asText(node)) return 'a text'
  if (hasIds(node)) return 'entries by their id'
  return { group: 'a group of keys', list: 'a list', value: 'a single value' }[node.kind]
}

/** What `base` becomes when a file says `over` about it. */
export const merge = (source: Source, base: Node, over: unknown, path: Path): Node => {
  const own = () => expand(source, over, path)
  if (isRaw(over)) {
    if (asText(base)) return own()
    if (hasIds(base)) return mergeEntries(source, base, over, path)
    if (base.kind === 'group') return mergeGroups(source, base, over, path)
  } else if (Array.isArray(over)) {
    if (base.kind === 'list' && !hasIds(base)) return own()
  } else if (base.kind === 'value') return own()
  const from = base.origin.entry ?? 'it'
  source.fault(
    path,
    `${nameOf(path)}: ${from} has ${kindOf(base)} here`,
    hasIds(base) ? "write each entry under its id, e.g. 'email:' instead of '- id: email'" : `write ${kindOf(base)}`,
  )
  return base
}

const mergeGroups = (source: Source, base: Group, over: Raw, path: Path): Node => {
  if (Object.hasOwn(over, 'use')) {
    source.fault(
      [...path, 'use'],
      `${nameOf(path)}: ${base.origin.entry} says what this is, and ${String(over.use)} claims it, too`,
      "write only what differs, or take the first away with 'off' and add the other under its own id",
    )
    return base
  }
  const entries = new Map(base.entries)
  for (const [key, value] of Object.entries(over)) {
    const known = base.entries.get(key)
    const at = [...path, key]
    if (value === 'off' && known && known.kind !== 'value') entries.delete(key)
    else entries.set(key, known ? merge(source, known, value, at) : expand(source, value, at))
  }
  return { kind: 'group', entries: inOrder(entries), origin: originOf(source, path) }
}

/** Id and version in front, where somebody who reads it looks for them. */
const inOrder = (entries: ReadonlyMap<string, Node>): ReadonlyMap<string, Node> => {
  const isFirst = ([key]: readonly [string, Node]) => key === 'id' || key === 'version'
  const all = [...entries]
  return new Map([...all.filter(isFirst).sort(([a], [b]) => (a < b ? -1 : 1)), ...all.filter((one) => !isFirst(one))])
}

const mergeEntries = (source: Source, base: List, over: Raw, path: Path): Node => {
  const items = Object.entries(over).reduce<readonly Node[]>(
    (found, [id, change]) => changeEntry(source, { items: found, entry: base.origin.entry }, [id, change], path),
    base.items,
  )
  return { kind: 'list', items, origin: originOf(source, path) }
}

type Entries = { items: readonly Node[]; entry: string | null }

/** A list of entries with one of them changed, moved, added or taken away. */
const changeEntry = (
  source: Source,
  { items, entry }: Entries,
  [id, change]: readonly [string, unknown],
  path: Path,
): readonly Node[] => {
  const at = [...path, id]
  const fault = (message: string, remedy: string) => {
    source.fault(at, `${nameOf(at)}: ${message}`, remedy)
    return items
  }
  const index = items.findIndex((item) => idOf(item) === id)
  const known = items[index]
  const others = items.filter((_, each) => each !== index)
  if (change === 'off') return known ? others : fault(`${entry} has nothing of this id to take away`, 'correct the id')
  if (!isRaw(change)) return fault('neither a group of keys nor off', "write what differs, or 'off'")
  const mark = markOf(change)
  if (!known && !mark) {
    return fault(`${entry} has nothing of this id`, "correct it, or add 'after:' with the id that it shall come after")
  }
  const changes = without(change, 'after', 'before')
  if (Object.hasOwn(changes, 'id'))
    return fault('has an id already', "remove 'id:', or add it under the id that it shall have")
  const node = known ? changed(source, known, changes, at) : added(source, id, changes, at)
  if (!mark) return items.with(index, node)
  const target = others.findIndex((item) => idOf(item) === mark.id)
  if (target < 0)
    return fault(
      `there is no '${mark.id}' to stand ${mark.side}`,
      `write an id that ${entry} has, or that is added further up`,
    )
  return others.toSpliced(mark.side === 'after' ? target + 1 : target, 0, node)
}

const markOf = ({ after, before }: Raw) => {
  if (after !== undefined) return { side: 'after', id: String(after) } as const
  return before === undefined ? null : ({ side: 'before', id: String(before) } as const)
}

const changed = (source: Source, known: Node, changes: Raw, at: Path): Node =>
  Object.keys(changes).length === 0 ? known : merge(source, known, changes, at)

/** An entry that the base does not have. It is called as its key says, whatever a part that it uses is called. */
const added = (source: Source, id: string, changes: Raw, at: Path): Node => {
  const node = expand(source, changes, at)
  if (node.kind !== 'group') return node
  const name: Node = { kind: 'value', value: id, origin: originOf(source, at) }
  return { ...node, entries: inOrder(new Map([...node.entries, ['id', name]])) }
}
