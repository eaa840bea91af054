import { setTimeout as pause } from 'node:timers/promises'
import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { nextLate, shedLoad } from './pressure.ts'

/* Whom a busy server turns away. */

const good = Array.from({ length: 50 }, () => 100)
const lateAfter = (...samples: (readonly number[])[]): number =>
  samples.reduce((late, sample) => nextLate(late, sample, 2000), 0)

test.each([
  ['a machine with time to spare', [good], false],
  [
    'one whose turns are just within the limit',
    [
      [2000, 2000, 2000],
      [1900, 2100, 2000],
    ],
    false,
  ],
  ['one that stood still for longer than a sample', [[60_000]], false],
  ['one that stood still in the middle of a sample', [good, [100, 100, 60_000]], false],
  ['one that stood still twice, with a good sample in between', [[6000], good, [6000]], false],
  ['one whose every turn takes too long', [[2200, 2200, 2200]], true],
  ['one whose every turn takes longer than a sample does', [[6000], [6000]], true],
  ['one that was too late and is itself again', [[6000], [6000], [2200, 2900], good], false],
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
