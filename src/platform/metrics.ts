/*
 * Numbers for whoever watches, in the text format that Prometheus reads (version 0.0.4). Labels are names of our own,
 * never anything that came with a request: no address, no path as it was asked for, no person.
 *
 * Not a package: nearly all numbers are read from the database when they are asked for, so that a client with a registry
 * of its own would have to be filled anew each time; what is left of it are these lines.
 */

export const metricsType = 'text/plain; version=0.0.4; charset=utf-8'

export type Labels = Readonly<Record<string, string>>

/** One number of a metric; `suffix` for the parts of a histogram. */
type Sample = { labels: Labels; value: number; suffix?: string }

/** A metric with everything that is known of it. Counters only grow and begin anew with the process; by Prometheus's
 *  convention their names end in `_total`, and units are seconds and bytes. */
export type Metric = {
  name: string
  about: string
  type: 'counter' | 'gauge' | 'histogram'
  samples: readonly Sample[]
}

const escapeText = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
const escapeLabel = (text: string) => escapeText(text).replaceAll('"', '\\"')

const lineOf = (name: string, { labels, value, suffix = '' }: Sample): string => {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`)
  return `${name}${suffix}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`
}

/** The metrics as text; one without samples is left out. */
export const metricsText = (metrics: readonly Metric[]): string =>
  metrics
    .filter(({ samples }) => samples.length > 0)
    .flatMap(({ name, about, type, samples }) => [
      `# HELP ${name} ${escapeText(about)}`,
      `# TYPE ${name} ${type}`,
      ...samples.map((sample) => lineOf(name, sample)),
      '',
    ])
    .join('\n')

const keyOf = (labels: Labels) => JSON.stringify(labels)

/** What of a count is shown. */
type Steps = (count: number) => number

/** Counts by labels. */
export const counter = (name: string, about: string, steps: Steps = (count) => count) => {
  const counts = new Map<string, { labels: Labels; value: number }>()
  return {
    add: (labels: Labels): void => {
      const known = counts.get(keyOf(labels))
      if (known) known.value++
      else counts.set(keyOf(labels), { labels, value: 1 })
    },
    read: (): Metric => ({
      name,
      about,
      type: 'counter',
      samples: [...counts.values()].map(({ labels, value }) => ({ labels, value: steps(value) })),
    }),
  }
}

type Observed = { counts: number[]; sum: number }

/** Counts durations by labels into buckets; `limits` are their upper ends in seconds, the smallest first. Buckets and sum
 *  change when the count that is shown does. */
export const histogram = (name: string, about: string, limits: readonly number[], steps: Steps = (count) => count) => {
  const all = new Map<string, { labels: Labels; now: Observed; shown: Observed }>()
  const samplesOf = ({ labels, shown: { counts, sum } }: { labels: Labels; shown: Observed }): Sample[] => {
    let total = 0
    const buckets = counts.map((count, index): Sample => {
      total += count
      const le = index < limits.length ? String(limits[index]) : '+Inf'
      return { suffix: '_bucket', labels: { ...labels, le }, value: steps(total) }
    })
    return [...buckets, { suffix: '_sum', labels, value: sum }, { suffix: '_count', labels, value: steps(total) }]
  }
  const nothing = (): Observed => ({ counts: [...limits, Infinity].map(() => 0), sum: 0 })
  return {
    observe: (labels: Labels, seconds: number): void => {
      const known = all.get(keyOf(labels)) ?? { labels, now: nothing(), shown: nothing() }
      const bucket = limits.findIndex((limit) => seconds <= limit)
      const index = bucket === -1 ? limits.length : bucket
      known.now.counts[index] = (known.now.counts[index] ?? 0) + 1
      known.now.sum += seconds
      const total = known.now.counts.reduce((sum, count) => sum + count, 0)
      if (steps(total) !== steps(total - 1)) known.shown = { ...known.now, counts: [...known.now.counts] }
      all.set(keyOf(labels), known)
    },
    read: (): Metric => ({ name, about, type: 'histogram', samples: [...all.values()].flatMap(samplesOf) }),
  }
}
