import { createSecretKey, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientDir } from '#apps/compose.ts'
import { features } from '#apps/features.ts'
import { createServer } from '#apps/server.ts'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { holdOne, program } from '../api.fixture.ts'
import { start } from '../booking.fixture.ts'

/* What programs are told when something is wrong on our side. */

let installation: Installation
beforeAll(async () => {
  const edit = { 'musterstadt/tenant.yaml': (text: string) => text.replace('Europe/Berlin', 'Europe/Nowhere') }
  installation = await startInstallation({ start, withoutWorker: true, edit })
})
afterAll(() => installation.close())

test('a Jobcenter with faulty files is closed to programs, too, and no longer offered by the description', async () => {
  for (const path of ['sites', 'openapi.json', 'nothing']) {
    const response = await installation.app.inject(`/musterstadt/api/v1/${path}`)
    expect([response.statusCode, response.headers['retry-after'], response.json().type]).toEqual([
      503,
      '30',
      'urn:problem-type:anlaufstelle:closed',
    ])
  }
  const { servers } = (await installation.app.inject('/api/openapi.json')).json()
  expect(servers).toEqual([{ url: 'http://anlaufstelle.test/segeberg/api/v1' }])
})

test.each([
  ['that passes by itself', Object.assign(new Error('no database'), { code: 'ECONNREFUSED' }), 503, 'outage', '30'],
  ['that nobody expected', new Error('Erika Markerfrau'), 500, 'fault', undefined],
] as const)('a fault %s is told as what it is, without its words', async (_, error, status, kind, retryAfter) => {
  const { deps } = installation
  const faults: unknown[] = []
  const broken = {
    ...deps,
    db: { ...deps.db, inTenant: () => Promise.reject(error) },
    log: { ...deps.log, fault: (where: string, what: unknown) => void faults.push([where, what]) },
  }
  const app = await createServer(broken, features, clientDir)
  const response = await app.inject('/segeberg/api/v1/availability?services=beratung-vor-ort')
  await app.close()
  expect([response.statusCode, response.headers['retry-after']]).toEqual([status, retryAfter])
  expect(Object.keys(response.json())).toEqual(['type', 'title', 'status'])
  expect(response.json().type).toBe(`urn:problem-type:anlaufstelle:${kind}`)
  expect(faults).toEqual([['GET /:tenant/api/v1/availability', error]])
})

test('a key that another server has signed with newer keys opens its hold here, too', async () => {
  const who = await program(installation)
  const hold = await holdOne(who)
  installation.deps.formKeys.set('segeberg', [createSecretKey(randomBytes(32))])
  expect((await who.post(`/holds/${hold.id}/extend`, { bearer: hold.key })).status).toBe(200)
  expect((await who.delete(`/holds/${hold.id}`, { bearer: hold.key })).status).toBe(204)
})
