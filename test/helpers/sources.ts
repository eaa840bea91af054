import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from 'vite'

/** A node of the syntax tree; every kind has its own further properties. */
export type Node = { type: string; start: number } & Record<string, unknown>

/** A file of the program, parsed. `path` begins with `src/`; words in comments are no part of `nodes`. */
export type Source = { path: string; nodes: readonly Node[]; lineOf: (node: Node) => number }

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'

const allNodes = (root: unknown): Node[] => {
  if (Array.isArray(root)) return root.flatMap(allNodes)
  if (!isNode(root)) return []
  return [root, ...Object.values(root).flatMap(allNodes)]
}

/** Paths of all files below `folder` whose name matches, in order. */
export const filesBelow = (folder: string, name: RegExp): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && name.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()

/** A file as it is parsed. @throws where it does not parse. */
export const readSource = (path: string): Source => {
  const text = readFileSync(path, 'utf8')
  const { program, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`)
  return { path, nodes: allNodes(program), lineOf: ({ start }) => text.slice(0, start).split('\n').length }
}

/** Where features stand that are no part of the product: examples, held to all that features are held to. */
export const exampleFeatures = 'test/fixtures/features'

/** The path of a file of an example as if it were a feature of the product; any other as it is. */
export const asShipped = (path: string): string =>
  path.startsWith(`${exampleFeatures}/`) ? path.replace(exampleFeatures, 'src/features') : path

/** The program without its tests, and the examples of features as if they were part of it. */
export const readSources = (): Source[] =>
  ['src', exampleFeatures]
    .flatMap((folder) => filesBelow(folder, /\.tsx?$/))
    .filter((path) => !/\.(test|fixture)\.tsx?$/.test(path))
    .map((path) => ({ ...readSource(path), path: asShipped(path) }))

/** What a file imports, types included, and where. */
export const importsOf = ({ nodes }: Source): { specifier: string; node: Node }[] =>
  nodes
    .filter(({ type }) =>
      ['ImportDeclaration', 'ImportExpression', 'ExportNamedDeclaration', 'ExportAllDeclaration'].includes(type),
    )
    .flatMap((node) => (isNode(node.source) ? [{ specifier: String(node.source.value), node: node.source }] : []))

/** `a.b.c` as text; empty for anything that is not a plain chain of names. */
export const chain = (node: unknown): string => {
  if (!isNode(node)) return ''
  if (node.type === 'Identifier') return String(node.name)
  if (node.type !== 'MemberExpression' || node.computed) return ''
  const object = chain(node.object)
  return object === '' ? '' : `${object}.${chain(node.property)}`
}

/** Texts in a file: string literals, and template literals with `hole` for what is filled in. */
export const textsOf = ({ nodes }: Source, hole: string): { text: string; node: Node }[] =>
  nodes.flatMap((node) => {
    if (node.type === 'Literal' && typeof node.value === 'string') return [{ text: node.value, node }]
    if (node.type !== 'TemplateLiteral') return []
    const parts = (node.quasis as { value: { cooked: string } }[]).map(({ value }) => value.cooked)
    return [{ text: parts.join(hole), node }]
  })
