import { setTimeout as pause } from 'node:timers/promises'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { shedLoad } from './pressure.ts'

/* Whom a busy server turns away. The machine itself is starved by turns of the event loop that take long. */

let app: FastifyInstance
/** In milliseconds; a sample lasts two and a half times as long. */
const longestDelay = 100
const sample = 2.5 * longestDelay

beforeEach(async () => {
  app = Fastify()
  await shedLoad(app, longestDelay)
  app.get('/', async () => 'here')
  await app.ready()
})
afterEach(() => app.close())

const turns = async (count: number, milliseconds: number): Promise<void> => {
  for (let i = 0; i < count; i++) {
    for (const end = performance.now() + milliseconds; performance.now() < end; );
    await pause(1)
  }
}
const ask = async () => (await app.inject('/')).statusCode

test('a machine that stood still for longer than a sample turns nobody away', async () => {
  await turns(1, 2 * sample)
  expect(app.isUnderPressure()).toBe(true) // the plugin alone would
  expect(await ask()).toBe(200)
})

test('one whose every turn takes longer than a sample does, and is itself again soon after', async () => {
  await turns(6, 1.2 * sample)
  expect(await ask()).toBe(503)
  for (let i = 0; (await ask()) === 503 && i < 40; i++) await pause(sample)
  expect(await ask()).toBe(200)
})
