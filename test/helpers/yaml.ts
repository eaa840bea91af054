import type { Document, DocumentOptions, ParseOptions, SchemaOptions } from 'yaml'
import * as yaml from '../../node_modules/yaml/dist/index.js'

/*
 * What `yaml` is in tests (vitest.config.ts): the package itself, which remembers what it has parsed. Hundreds of tests read
 * the tenants' files, each with another line changed, and to parse them is most of what reading a register costs.
 */

export * from '../../node_modules/yaml/dist/index.js'

type Options = ParseOptions & DocumentOptions & SchemaOptions

const most = 300
const parsed = new Map<string, { document: Document.Parsed; lineStarts: readonly number[] }>()

/** Parses anew unless the caller counts lines, as the register does: it only reads what it gets. */
export const parseDocument = (text: string, options?: Options): Document.Parsed => {
  const { lineCounter, ...others } = options ?? {}
  if (!lineCounter) return yaml.parseDocument(text, options)
  const key = `${JSON.stringify(others)}${text}`
  const known = parsed.get(key)
  parsed.delete(key)
  const document = known?.document ?? yaml.parseDocument(text, options)
  if (known) lineCounter.lineStarts.push(...known.lineStarts)
  parsed.set(key, { document, lineStarts: [...lineCounter.lineStarts] })
  const [oldest] = parsed.keys()
  if (parsed.size > most && oldest !== undefined) parsed.delete(oldest)
  return document
}
