import type { Day } from '../law/laws.ts'
import type { Path, YamlFile } from '../load/yaml.ts'
import type { Finding } from '../register.ts'
import { rulesOfBases } from './bases.ts'
import { rulesOfConsent } from './consent.ts'
import { rulesOfCookies } from './cookies.ts'
import { rulesOfNotice } from './notice.ts'
import { rulesOfParties } from './parties.ts'
import type { Published } from './published.ts'
import type { Rule } from './rule.ts'
import { rulesOfStorage } from './storage.ts'

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
const noticeDate = ({ notice: { date, readOn } }: Published): string =>
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
