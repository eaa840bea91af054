import { expect, test } from 'vitest'
import { inSteps } from '#platform/small-cells.ts'
import { counter, histogram, metricsText } from './metrics.ts'

test('a metric is its explanation, its type and a line for each set of labels', () => {
  const requests = counter('requests_total', 'Requests.')
  requests.add({ status: '2xx' })
  requests.add({ status: '2xx' })
  requests.add({ status: '5xx' })
  expect(metricsText([requests.read()])).toBe(
    '# HELP requests_total Requests.\n# TYPE requests_total counter\nrequests_total{status="2xx"} 2\nrequests_total{status="5xx"} 1\n',
  )
})

test('the buckets of a histogram add up from the smallest to all, a limit belonging to the bucket below', () => {
  const durations = histogram('took_seconds', 'Took.', [0.1, 1])
  for (const seconds of [0.05, 0.1, 0.5, 7]) durations.observe({ route: '/' }, seconds)
  const lines = metricsText([durations.read()]).split('\n').slice(2, 7)
  expect(lines).toEqual([
    'took_seconds_bucket{route="/",le="0.1"} 2',
    'took_seconds_bucket{route="/",le="1"} 3',
    'took_seconds_bucket{route="/",le="+Inf"} 4',
    'took_seconds_sum{route="/"} 7.65',
    'took_seconds_count{route="/"} 4',
  ])
})

test('counted in steps, nothing of a metric changes between two of them', () => {
  const requests = counter('requests_total', 'Requests.', inSteps)
  const durations = histogram('took_seconds', 'Took.', [0.1, 1], inSteps)
  const texts: string[] = []
  for (let i = 0; i < 11; i++) {
    requests.add({ route: '/' })
    durations.observe({ route: '/' }, i % 2 ? 0.05 : 0.5)
    texts.push(metricsText([requests.read(), durations.read()]))
  }
  expect(texts.map((text) => texts.indexOf(text))).toEqual([0, 0, 0, 0, 0, 5, 5, 5, 5, 5, 10])
  expect(texts[5]).toContain('requests_total{route="/"} 10')
  expect(texts[5]).toContain('took_seconds_count{route="/"} 10')
})

test('what would end a label or a line early is escaped', () => {
  const text = metricsText([
    { name: 'x', about: 'two\nlines', type: 'gauge', samples: [{ labels: { a: 'b"c\\d\ne' }, value: 1 }] },
  ])
  expect(text).toBe('# HELP x two\\nlines\n# TYPE x gauge\nx{a="b\\"c\\\\d\\ne"} 1\n')
})

test('a metric of which nothing is known is left out', () => {
  expect(metricsText([counter('requests_total', 'Requests.').read()])).toBe('')
})
