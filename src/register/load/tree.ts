import type { Path, YamlFile } from './yaml.ts'

/** Where a value is written. `entry`: in which entry of the catalogue, such as `mail.delivery@1`; null in a tenant's own
 *  file. `via`: what took it from there, as a path in the tenant's file; null for what stands in the file itself. */
export type Origin = {
  readonly yaml: YamlFile
  readonly path: Path
  readonly entry: string | null
  readonly via: Path | null
}

/** A value of a YAML file that knows where it is written, even when it has been put together from several files. */
export type Node =
  | { readonly kind: 'group'; readonly entries: ReadonlyMap<string, Node>; readonly origin: Origin }
  | { readonly kind: 'list'; readonly items: readonly Node[]; readonly origin: Origin }
  | { readonly kind: 'value'; readonly value: unknown; readonly origin: Origin }

export type Group = Extract<Node, { kind: 'group' }>
export type List = Extract<Node, { kind: 'list' }>

/** The plain data of a tree. Every key becomes one of its own, whatever it is called. */
export const toData = (node: Node): unknown => {
  if (node.kind === 'value') return node.value
  if (node.kind === 'list') return node.items.map(toData)
  return Object.fromEntries([...node.entries].map(([key, child]) => [key, toData(child)]))
}

/** The words under a key of a group; null where there are none. */
export const wordIn = (node: Node, key: string): string | null => {
  const child = node.kind === 'group' ? node.entries.get(key) : undefined
  return child?.kind === 'value' && typeof child.value === 'string' ? child.value : null
}

/** The node if it is a text for people: it has words under a key `de`. */
export const asText = (node: Node): Group | null => (node.kind === 'group' && wordIn(node, 'de') !== null ? node : null)

/** The id of an entry of a list; null for what has none. */
export const idOf = (node: Node): string | null => wordIn(node, 'id')

/** Whether it is a list of entries of which each has an id, such as fields. */
export const hasIds = (node: Node): node is List =>
  node.kind === 'list' && node.items.length > 0 && node.items.every((item) => idOf(item) !== null)

/** A tree with every group that is a text changed by `change`. */
export const mapTexts = (node: Node, change: (text: Group) => Node): Node => {
  const text = asText(node)
  if (text) return change(text)
  if (node.kind === 'list') return { ...node, items: node.items.map((item) => mapTexts(item, change)) }
  if (node.kind === 'value') return node
  return { ...node, entries: new Map([...node.entries].map(([key, child]) => [key, mapTexts(child, change)])) }
}

/** The same tree as taken by the place `via` of a tenant's file. */
export const takenBy = (node: Node, via: Path): Node => {
  const origin = { ...node.origin, via }
  if (node.kind === 'value') return { ...node, origin }
  if (node.kind === 'list') return { ...node, origin, items: node.items.map((item) => takenBy(item, via)) }
  return { ...node, origin, entries: new Map([...node.entries].map(([key, child]) => [key, takenBy(child, via)])) }
}

/** The node at a path, or the last one on the way to it that exists, with the steps that are left. */
export const nearest = (node: Node, [step, ...rest]: Path): { node: Node; left: Path } => {
  if (step === undefined) return { node, left: [] }
  const child =
    node.kind === 'group' ? node.entries.get(String(step)) : node.kind === 'list' ? node.items[Number(step)] : undefined
  return child ? nearest(child, rest) : { node, left: [step, ...rest] }
}
