import { languages } from '#platform/i18n/languages.ts'
import type { Problem } from '../register.ts'
import { type Catalogue, isMissing, type Kind, whole } from './catalogue.ts'
import type { Source } from './merge.ts'
import { type Group, mapTexts, type Node, nearest, takenBy, toData } from './tree.ts'
import type { Path, YamlFile } from './yaml.ts'

const isLanguage = (key: string): boolean => languages.some((language) => language === key)

/** What a file takes from whom it belongs to. */
export type Owner = {
  /** The languages in which people are spoken to: texts of the catalogue come in no other. */
  readonly languages: readonly string[]
  /** The name of the Jobcenter by language: what stands for `{jobcenter}` in a text. */
  readonly names: Readonly<Record<string, unknown>>
}

/** The text in these languages only. What is no language stays, for the schema to find: a comma that nobody quoted would
 *  else cut a text without a word. */
const narrowed =
  (spoken: readonly string[]) =>
  (text: Group): Node => ({
    ...text,
    entries: new Map([...text.entries].filter(([key]) => spoken.includes(key) || !isLanguage(key))),
  })

const placeholder = /\{([A-Za-z]+)\}/g

/** Fills in what stands between braces in a text. `unknown` is told of a name that stands for nothing. */
const filled =
  ({ names }: Owner, unknown: (name: string, origin: Node['origin']) => void) =>
  (text: Group): Node => {
    const fill = ([language, node]: readonly [string, Node]): [string, Node] => {
      if (node.kind !== 'value' || typeof node.value !== 'string') return [language, node]
      const value = node.value.replace(placeholder, (all, name: string) => {
        if (name !== 'jobcenter') unknown(name, node.origin)
        return name === 'jobcenter' && Object.hasOwn(names, language) ? String(names[language]) : all
      })
      return [language, { ...node, value }]
    }
    return { ...text, entries: new Map([...text.entries].map(fill)) }
  }

/** A problem at a value: at the line of the file where it stands, or at the line that took it from the catalogue. */
const problemAt =
  (file: YamlFile, { yaml, path, entry, via }: Node['origin'], left: Path) =>
  (message: string, remedy: string): Problem => {
    const there = yaml.at([...path, ...left], message, remedy)
    return via === null ? there : file.at(via, `${message} (from ${entry}, ${there.file}:${there.line})`, remedy)
  }

/** A tenant's file as a whole: with the activity that it extends and the parts that it uses. Its problems stand at the line
 *  that a person has to change. */
export const resolve = (file: YamlFile, catalogue: Catalogue, owner: Owner): YamlFile => {
  if (file.faults.length > 0) return file
  const faults: Problem[] = []
  const takeAs = (kind: Kind) => (name: unknown, at: Path) => {
    const found = catalogue.find(kind, name)
    if (isMissing(found)) {
      faults.push(file.at(at, `${at.map(String).join('.')}: ${found.message}`, found.remedy))
      return null
    }
    return mapTexts(takenBy(found, at), narrowed(owner.languages))
  }
  const source: Source = {
    yaml: file,
    entry: null,
    take: takeAs('part'),
    fault: (at, message, remedy) => void faults.push(file.at(at, message, remedy)),
  }
  const tree = mapTexts(
    whole(source, file.data, [], takeAs('activity')),
    filled(owner, (name, origin) => {
      faults.push(problemAt(file, origin, [])(`{${name}} stands for nothing`, 'write {jobcenter}, or no braces'))
    }),
  )
  return {
    file: file.file,
    data: faults.length > 0 ? undefined : toData(tree),
    faults,
    at: (path, message, remedy) => {
      const { node, left } = nearest(tree, path)
      return problemAt(file, node.origin, left)(message, remedy)
    },
  }
}
