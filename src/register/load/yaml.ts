import { type Document, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml'
import type { Problem } from '../register.ts'

/** Where a value stands: keys and indexes from the top of the file. */
export type Path = readonly PropertyKey[]

/** A YAML file, read. With `faults` it has no data. */
export type YamlFile = {
  readonly file: string
  readonly data: unknown
  readonly faults: readonly Problem[]
  /** A problem at the line of `path`, or of the nearest part of it that exists. */
  at(path: Path, message: string, remedy: string): Problem
}

const maxBytes = 200_000

const lineOf = (document: Document, lines: LineCounter, path: Path): number => {
  let node: unknown = document.contents
  let offset = 0
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
      if (!pair || !isScalar(pair.key)) break
      offset = pair.key.range?.[0] ?? offset
      node = pair.value
    } else if (isSeq(node)) {
      const item = node.items[Number(step)] as { range?: [number, number, number] | null } | undefined
      if (!item) break
      offset = item.range?.[0] ?? offset
      node = item
    } else break
  }
  return Math.max(1, lines.linePos(offset).line)
}

const remedies: Record<string, string> = {
  DUPLICATE_KEY: 'keep one of the two entries',
  TAB_AS_INDENT: 'indent with blanks',
  MULTIPLE_DOCS: 'keep one document; put the other one into a file of its own',
  TAG_RESOLVE_FAILED: 'remove the tag that begins with an exclamation mark',
}

const tooDeep = [
  'not readable as YAML: nested too deeply',
  "flatten it; see another tenant's file of this name",
] as const

// One fault of syntax often makes a hundred.
const maxFaults = 5

/** Faults of the file as YAML: syntax, duplicate keys, tags, aliases. */
const faultsOf = (file: string, document: Document, lines: LineCounter): Problem[] => {
  // The parser gives up on nesting with an error of its own.
  if (document.errors.some(({ code }) => code === 'RESOURCE_EXHAUSTION')) return noYaml(file, ...tooDeep).faults.slice()
  const found = [...document.errors, ...document.warnings].slice(0, maxFaults).map((error) => ({
    file,
    line: lines.linePos(error.pos[0]).line,
    message: `not valid YAML: ${error.message}`,
    remedy: remedies[error.code] ?? 'correct indentation, colons and quotes near this line',
  }))
  // An alias can blow a small file up to gigabytes, and hides what a line means.
  visit(document, {
    Alias: (_key, node) => {
      const line = lines.linePos(node.range?.[0] ?? 0).line
      found.push({
        file,
        line,
        message: `alias '*${node.source}'`,
        remedy: 'write the value out; aliases are not allowed',
      })
      return visit.BREAK
    },
  })
  return found
}

/** A file of which nothing can be read but what is wrong with it. */
export const noYaml = (file: string, message: string, remedy: string): YamlFile => ({
  file,
  data: undefined,
  faults: [{ file, line: 1, message, remedy }],
  at: (_path, text, cure) => ({ file, line: 1, message: text, remedy: cure }),
})

/** Reads YAML 1.2 (core schema: a date stays text), strictly and without aliases. Never throws on a faulty file. */
export const readYaml = (file: string, bytes: Uint8Array): YamlFile => {
  if (bytes.length > maxBytes) return noYaml(file, `larger than ${maxBytes} bytes`, 'shorten it or split it')
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    const lineCounter = new LineCounter()
    const options = {
      lineCounter,
      strict: true,
      uniqueKeys: true,
      version: '1.2',
      schema: 'core',
      prettyErrors: false,
    } as const
    const document = parseDocument(text, options)
    const faults = faultsOf(file, document, lineCounter)
    return {
      file,
      data: faults.length > 0 ? undefined : document.toJS({ maxAliasCount: 0 }),
      faults,
      at: (path, message, remedy) => ({ file, line: lineOf(document, lineCounter, path), message, remedy }),
    }
  } catch (error) {
    if (error instanceof TypeError) return noYaml(file, 'not UTF-8 text', 'save the file in the encoding UTF-8')
    return noYaml(file, ...tooDeep)
  }
}
