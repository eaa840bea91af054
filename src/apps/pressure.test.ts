import { setTimeout as pause } from 'node:timers/promises'
import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { nextLate, shedLoad } from './pressure.ts'

/* Whom a busy server turns away. */

const longestDelay = 2000
const sampleOf = (count: number, milliseconds = Number.NaN) => ({ count, mean: milliseconds * 1e6 })
const lateAfter = (...samples: ReturnType<typeof sampleOf>[]): number =>
  samples.reduce((late, sample) => nextLate(late, sample, longestDelay), 0)

test.each([
  ['a machine with time to spare', [sampleOf(400, 12)], false],
  ['one whose turns are just within the limit', [sampleOf(2, 2009), sampleOf(2, 2009)], false],
  ['one that stood still for longer than a sample', [sampleOf(0)], false],
  ['one that stood still twice, with a good sample in between', [sampleOf(0), sampleOf(400, 12), sampleOf(0)], false],
  ['one whose every turn takes too long', [sampleOf(1, 2200)], true],
  ['one whose every turn takes longer than a sample does', [sampleOf(0), sampleOf(0)], true],
  [
    'one that was too late and is itself again',
    [sampleOf(0), sampleOf(0), sampleOf(1, 2200), sampleOf(300, 15)],
    false,
  ],
])('%s: is anybody turned away?', (_what, samples, isTooLate) => {
  expect(lateAfter(...samples) > 1).toBe(isTooLate)
})

test('who starves the event loop is turned away, and taken on again soon after; who watches is always answered', async () => {
  const app = Fastify()
  const delay = 100
  shedLoad(app, delay)
  app.get('/', async () => 'here')
  app.get('/healthz', async () => 'ok')
  const ask = async (url = '/') => (await app.inject(url)).statusCode
  expect(await ask()).toBe(200)
  let status = 200
  for (let i = 0; status === 200 && i < 50; i++) {
    for (const end = performance.now() + 3 * delay; performance.now() < end; );
    await pause(1)
    status = await ask()
  }
  expect([status, await ask('/healthz')]).toEqual([503, 200])
  await expect.poll(() => ask(), { timeout: 60_000, interval: 2 * delay }).toBe(200)
  await app.close()
})
