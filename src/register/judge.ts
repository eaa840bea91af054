import { rulesOfBases } from './judge-bases.ts'
import { rulesOfConsent } from './judge-consent.ts'
import { rulesOfCookies } from './judge-cookies.ts'
import { rulesOfNotice } from './judge-notice.ts'
import { rulesOfParties } from './judge-parties.ts'
import type { Rule } from './judge-rule.ts'
import { rulesOfStorage } from './judge-storage.ts'
import type { Day } from './laws.ts'
import type { Published } from './published.ts'
import type { Path, YamlFile } from './yaml.ts'

/** Something a published notice gets wrong, for the data protection officer. Stops nothing. */
export type Finding = {
  file: string
  line: number
  rule: string
  message: string
  law: string
  remedy: string
  /** The date the notice bears, e.g. `2020-11`, or `undated, read 2026-11-22`. */
  noticeDate: string
  /** Ids of the statements it is about, as annotated in the file. */
  facts: readonly string[]
}

/** Facts of the nearest group around a place. */
const factsAt = (published: Published, path: Path): readonly string[] => {
  let found: readonly string[] = []
  let node: unknown = published
  for (const step of [null, ...path]) {
    if (step !== null) node = (node as Record<PropertyKey, unknown> | null | undefined)?.[step]
    const { facts } = (typeof node === 'object' && node !== null ? node : {}) as { facts?: readonly string[] }
    if (facts) found = facts
  }
  return found
}

/** The date of a notice in words. */
export const noticeDate = ({ notice: { date, readOn } }: Published): string =>
  date === 'undated' ? `undated, read ${readOn}` : date

/** Every rule there is. */
export const rules: readonly Rule[] = [
  ...rulesOfBases,
  ...rulesOfConsent,
  ...rulesOfParties,
  ...rulesOfStorage,
  ...rulesOfCookies,
  ...rulesOfNotice,
]

/** All that the rules object to in a published notice on a day, in the order of the file. */
export const judge = (yaml: YamlFile, published: Published, on: Day): Finding[] =>
  rules
    .flatMap(({ name, law, find }) =>
      find(published, on).map(({ path, message, remedy }) => ({
        ...yaml.at(path, message, remedy),
        rule: name,
        law,
        noticeDate: noticeDate(published),
        facts: factsAt(published, path),
      })),
    )
    .sort((a, b) => a.line - b.line)
