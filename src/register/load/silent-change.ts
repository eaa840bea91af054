import { canonicalJson } from '../canonical.ts'
import type { Day } from '../law/laws.ts'
import type { Declaration, Problem } from '../register.ts'

/** A value that is not what it was. `path` names it as people would: `retention.after.period`; list items go by their
 *  id, where they have one. `steps` lead to it in the file of today. */
export type Difference = { path: string; steps: readonly PropertyKey[]; before: unknown; after: unknown }

type Group = Record<string, unknown>
type Place = { path: string; steps: readonly PropertyKey[] }

const isGroup = (value: unknown): value is Group => typeof value === 'object' && value !== null && !Array.isArray(value)

const below = ({ path, steps }: Place, name: string, step: PropertyKey = name): Place => ({
  path: path === '' ? name : `${path}.${name}`,
  steps: [...steps, step],
})

const idOf = (item: unknown): string | null => {
  const { id, norm } = isGroup(item) ? item : {}
  return typeof id === 'string' ? id : typeof norm === 'string' ? norm : null
}

/** The ids of a list's items, if every item has one of its own. */
const idsOf = (list: readonly unknown[]): string[] | null => {
  const ids = list.map(idOf)
  return ids.every((id) => id !== null) && new Set(ids).size === ids.length ? ids : null
}

const inGroups = (before: Group, after: Group, place: Place): Difference[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
    differences(before[key], after[key], below(place, key)),
  )

const inLists = (before: readonly unknown[], after: readonly unknown[], place: Place): Difference[] => {
  const [was, is] = [idsOf(before), idsOf(after)]
  if (!was || !is) {
    const length = Math.max(before.length, after.length)
    return Array.from({ length }, (_, index) =>
      differences(before[index], after[index], below(place, String(index), index)),
    ).flat()
  }
  const found = [...new Set([...was, ...is])].flatMap((id) => {
    const index = is.indexOf(id)
    return differences(before[was.indexOf(id)], after[index], below(place, id, index < 0 ? after.length : index))
  })
  const moved = was.filter((id) => is.includes(id)).join() !== is.filter((id) => was.includes(id)).join()
  return moved ? [...found, { ...place, before: was.join(', '), after: is.join(', ') }] : found
}

const differences = (before: unknown, after: unknown, place: Place): Difference[] => {
  if (canonicalJson(before ?? null) === canonicalJson(after ?? null)) return []
  if (isGroup(before) && isGroup(after)) return inGroups(before, after, place)
  if (Array.isArray(before) && Array.isArray(after)) return inLists(before, after, place)
  return [{ ...place, before, after }]
}

/** What differs between a content as it was published and as it is declared now, every value by name. */
export const changedSilently = (published: unknown, current: unknown): Difference[] =>
  differences(published, current, { path: '', steps: [] })

const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? value : canonicalJson(value ?? null)
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}

const sentence = (id: string, version: string, { path, before, after }: Difference): string => {
  const published = id === 'tenant' ? `what took effect on ${version}` : `version ${version}`
  if (before === undefined) return `${path}: is new, and was not in ${published}`
  return after === undefined
    ? `${path}: is gone, but ${published} was published with ${shown(before)}`
    : `${path}: is ${shown(after)}, but ${published} was published with ${shown(before)}`
}

/** Versions like `2`, `10` or `2026-12-01`, compared as people would. */
const order = new Intl.Collator('en', { numeric: true })

/** Files older than what was published already: whoever reads the newer promise would not be given it. `publishedOf` gives
 *  the versions under which a declaration was published. A day after `today` can be taken back: nobody was told that it holds
 *  already, and a slip of the pen would else bind for years. */
export const olderThanPublished = (
  declarations: readonly Declaration[],
  publishedOf: (id: string) => readonly string[],
  today: Day,
): Problem[] =>
  declarations.flatMap(({ id, version, at }) => {
    const published = publishedOf(id).filter((each) => id !== 'tenant' || each <= today)
    const newest = published.toSorted(order.compare).at(-1)
    if (newest === undefined || order.compare(version, newest) >= 0) return []
    const key = id === 'tenant' ? 'effectiveFrom' : 'version'
    return [
      at(
        [key],
        `${key}: is ${version}, but ${newest} has been published: this file is older than the promise people were given`,
        `take the newer file, or write what shall apply now, with a '${key}' after ${newest}`,
      ),
    ]
  })

/** Promises that changed without a new version: nobody who read the version could know. `publishedAs` gives the content
 *  under which a version was first published; undefined when it never was. */
export const silentChanges = (
  declarations: readonly Declaration[],
  publishedAs: (id: string, version: string) => unknown,
): Problem[] =>
  declarations.flatMap(({ id, version, content, at }) => {
    const published = publishedAs(id, version)
    if (published === undefined) return []
    const remedy =
      id === 'tenant'
        ? "write the day from which this applies into 'effectiveFrom' of tenant.yaml, or take the change back"
        : `raise 'version' (it is '${version}'), or take the change back`
    return changedSilently(published, content).map((difference) =>
      at(difference.steps, sentence(id, version, difference), remedy),
    )
  })
