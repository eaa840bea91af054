import type { Feature } from '#features/feature.ts'
import { base, openApi } from '#platform/http/routes.ts'
import { languages } from '#platform/i18n/translate.ts'
import { getActivity, type RunningTenant } from '#register/register.ts'
import { canariesIn, expectedLine } from './canaries.ts'
import type { Difference } from './difference.ts'

/** Patterns of a tenant's addresses: what may stand in its log and in its counts. */
export const patternsOf = ({ tenant: { slug } }: RunningTenant, features: readonly Feature[]): ReadonlySet<string> => {
  const below = (language: (typeof languages)[number], path: string) => base({ slug, language }) + path
  return new Set([
    ...features.flatMap(({ pages }) => pages).flatMap(({ route }) => languages.map((each) => below(each, route.path))),
    ...features.flatMap(({ endpoints = [] }) => endpoints).map(({ route }) => below('de', route.path)),
    below('de', openApi.ofTenant),
  ])
}

/** What each field of a line may hold, after requests with canaries. */
const mayHold = (patterns: ReadonlySet<string>): Readonly<Record<string, (value: unknown) => boolean>> => {
  const oneOf = (values: readonly string[]) => (value: unknown) => typeof value === 'string' && values.includes(value)
  return {
    time: (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value),
    page: (value) => typeof value === 'string' && patterns.has(value),
    status: (value) => Number.isInteger(value),
    address: oneOf(expectedLine.address),
    browser: oneOf(expectedLine.browser),
    operatingSystem: oneOf(expectedLine.operatingSystem),
  }
}

/** Of each field, the first value that may not stand there. */
const compareValues = (
  slug: string,
  lines: readonly Record<string, unknown>[],
  patterns: ReadonlySet<string>,
): Difference[] => {
  const may = mayHold(patterns)
  const wrong = lines.flatMap((line) => Object.entries(line)).filter(([field, value]) => !may[field]?.(value))
  return [...Map.groupBy(wrong, ([field]) => field)].map(([field, [first]]) => ({
    message: `the access log of ${slug} holds under '${field}' what may not stand there, e.g. ${JSON.stringify(first?.[1])}`,
    remedy: 'write only what web.delivery says of this field; what it may hold stands in src/apps/doctor/log.ts',
  }))
}

const compareNames = (running: RunningTenant, written: readonly string[]): Difference[] => {
  const { slug } = running.tenant
  const declared = getActivity(running, 'web.delivery')
    .fields.filter(({ store }) => store === 'log')
    .map(({ id }) => id)
  return [
    ...written
      .filter((field) => !declared.includes(field))
      .map((field) => ({
        message: `the access log of ${slug} holds '${field}', which web.delivery does not declare`,
        remedy: "declare it with 'store: log', or stop writing it",
      })),
    ...declared
      .filter((field) => !written.includes(field))
      .map((field) => ({
        message: `web.delivery of ${slug} declares '${field}' for the access log, where nothing writes it`,
        remedy: 'remove it from the activity',
      })),
  ]
}

/** Holds the lines of a tenant's log, as they would stand in its file, against what is declared, by name and by value. */
export const compareLines = (
  running: RunningTenant,
  texts: readonly string[],
  patterns: ReadonlySet<string>,
): Difference[] => {
  if (texts.length === 0) return []
  const lines = texts.map((text) => JSON.parse(text) as Record<string, unknown>)
  const written = [...new Set(lines.flatMap((line) => Object.keys(line)))]
  return [
    ...compareNames(running, written),
    ...compareValues(running.tenant.slug, lines, patterns),
    ...compareText(`the access log of ${running.tenant.slug}`, texts.join('\n')),
  ]
}

/** Pages of a tenant under which views were counted: patterns of its own, and nothing else. */
export const compareCounts = (
  { tenant }: RunningTenant,
  pages: Iterable<string>,
  patterns: ReadonlySet<string>,
): Difference[] =>
  [...pages]
    .filter((page) => !patterns.has(page))
    .map((page) => ({
      message: `views of ${tenant.slug} are counted under ${page}, which is no page`,
      remedy: 'count under the pattern of the address, never under the address as it was asked for',
    }))

/** Whatever else is written or sent, e.g. a fault or the metrics: no canary stands in it. */
export const compareText = (where: string, text: string): Difference[] =>
  canariesIn(text).map((what) => ({
    message: `${where} holds what came with a request: the canary '${what}'`,
    remedy: 'find what passes it on; src/apps/doctor/canaries.ts sends it',
  }))
