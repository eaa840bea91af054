import Fastify, { type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { addGate } from './gate.ts'

/* Whom the gate lets in: here somebody who has asked for too much already. */

let app: FastifyInstance
beforeEach(() => {
  app = Fastify()
  addGate(app, { nameOf: () => 'somebody', isInPace: () => false }, (_request, reply, kind) =>
    reply.code(429).send(kind),
  )
  for (const method of ['GET', 'POST'] as const)
    for (const url of ['/healthz', '/readyz', '/metrics', '/page'])
      app.route({ method, url, handler: async () => 'here' })
})
afterEach(() => app.close())

test.each([
  ['GET', '/healthz', 200],
  ['HEAD', '/healthz', 200],
  ['GET', '/readyz?from=here', 200],
  ['GET', '/metrics', 200],
  ['POST', '/healthz', 429],
  ['POST', '/metrics', 429],
  ['GET', '/page', 429],
] as const)('%s %s is answered with %i', async (method, url, status) => {
  expect((await app.inject({ method, url })).statusCode).toBe(status)
})
