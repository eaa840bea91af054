import type { FastifyInstance, FastifyRequest } from 'fastify'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { clientDir } from '#apps/compose.ts'
import { differenceLine, examine } from '#apps/doctor/index.ts'
import { features } from '#apps/features.ts'
import type { Deps } from '#features/feature.ts'
import type { AccessLine } from '#platform/log.ts'
import { type Installation, startInstallation } from './helpers/installation.ts'

/* The doctor looks at values, not only at names. Each test spoils one thing in the server, as a careless change would, and
 * the doctor names it. */

/** What is spoilt in the server that the doctor makes: what it writes, how it answers. */
type Spoilt = {
  access?: (line: AccessLine, request: FastifyRequest) => object
  counts?: (request: FastifyRequest) => string
  app?: (app: FastifyInstance) => void
  address?: (address: string) => string
  faultText?: (error: unknown) => string
}
const spoilt: { now: Spoilt } = vi.hoisted(() => ({ now: {} }))

vi.mock(import('#apps/server.ts'), async (importOriginal) => {
  const { createServer } = await importOriginal()
  const spoil: typeof createServer = async (deps, ...rest) => {
    const { access, counts, app: change } = spoilt.now
    let last: FastifyRequest
    const log: Deps['log'] = {
      ...deps.log,
      access: (slug, line) => deps.log.access(slug, (access?.(line, last) ?? line) as AccessLine),
    }
    const pageCounts: Deps['pageCounts'] = {
      ...deps.pageCounts,
      add: (slug, page, views) => deps.pageCounts.add(slug, counts?.(last) ?? page, views),
    }
    const app = await createServer({ ...deps, log, pageCounts }, ...rest)
    app.addHook('onRequest', async (request) => {
      last = request
    })
    change?.(app as unknown as FastifyInstance)
    return app
  }
  return { createServer: spoil }
})
vi.mock(import('#platform/http/caller.ts'), async (importOriginal) => {
  const real = await importOriginal()
  return { ...real, shortenAddress: (address) => (spoilt.now.address ?? real.shortenAddress)(address) }
})
vi.mock(import('#platform/fault-text.ts'), async (importOriginal) => {
  const { faultText } = await importOriginal()
  return { faultText: (where, error) => spoilt.now.faultText?.(error) ?? faultText(where, error) }
})

let installation: Installation
let deps: Deps
beforeAll(async () => {
  installation = await startInstallation({ tenants: ['segeberg'], withoutWorker: true })
  deps = { ...installation.deps, config: { ...installation.config, databaseUrl: null, smtpUrl: null } }
})
afterAll(() => installation.close())
afterEach(() => {
  spoilt.now = {}
})

const differences = async (spoil: Spoilt = {}, given: Deps = deps): Promise<string[]> => {
  spoilt.now = spoil
  return (await examine(given, installation.database.connection, features, clientDir)).map(differenceLine)
}
/** Every answer gets, or loses, a header; the last to touch it. */
const header =
  (name: string, value: (request: FastifyRequest, body: unknown) => string | null, only = /^/): Spoilt['app'] =>
  (app) => {
    app.addHook('onSend', async (request, reply, body) => {
      const said = only.test(request.url) ? value(request, body) : null
      if (said === null) return
      if (said === '') reply.removeHeader(name)
      else reply.header(name, said)
    })
  }

test('a server that nobody spoilt is as the doctor expects, by http and by https', async () => {
  expect(await differences()).toEqual([])
  const config = { ...deps.config, publicUrl: 'https://anlaufstelle.test' }
  expect(await differences({}, { ...deps, config })).toEqual([])
})

describe('the access log, by value', () => {
  const whole = (line: AccessLine, { ip }: FastifyRequest) => ({ ...line, address: ip })

  test.each<[string, Spoilt, string]>([
    ['a whole address under its declared name', { access: whole }, "holds under 'address' what may not stand there"],
    ['an address that nothing shortens', { address: (address) => address }, "the canary 'IPv4 address'"],
    [
      'an IPv6 address that only IPv4 is shortened for',
      { address: (address) => (address.includes(':') ? address : address.replace(/\d+$/, '0')) },
      "the canary 'IPv6 address'",
    ],
    [
      'what somebody forwards who is no proxy',
      { access: (line, { headers }) => ({ ...line, address: `${headers['x-forwarded-for']}`.replace(/\d+$/, '0') }) },
      'holds under \'address\' what may not stand there, e.g. "198.51.100.0"',
    ],
    [
      'the address that was asked for, with its secrets',
      { access: (line, { url }) => ({ ...line, page: url }) },
      "holds under 'page' what may not stand there",
    ],
    [
      'the same without what stands behind the question mark',
      { access: (line, { url }) => ({ ...line, page: url.split('?')[0] }) },
      "the canary 'link'",
    ],
    [
      'everything that a browser says of itself',
      { access: (line, { headers }) => ({ ...line, browser: headers['user-agent'] }) },
      "the canary 'browser'",
    ],
    [
      'who somebody is, as a status',
      { access: (line, { headers }) => ({ ...line, status: `${line.status} ${headers.cookie}` }) },
      "the canary 'cookie'",
    ],
    [
      'a field more, with where somebody came from',
      { access: (line, { headers }) => ({ ...line, from: headers.referer }) },
      "holds 'from', which web.delivery does not declare",
    ],
    [
      'a time to the nanosecond',
      { access: (line) => ({ ...line, time: '2026-11-23T08:00:00.123456789Z' }) },
      "holds under 'time' what may not stand there",
    ],
  ])('%s', async (_what, spoil, message) => {
    expect(await differences(spoil)).toContainEqual(expect.stringContaining(message))
  })
})

describe('what else is written', () => {
  test('views counted under the address that was asked for', async () => {
    expect(await differences({ counts: ({ url }) => url })).toContainEqual(
      expect.stringMatching(/views of segeberg are counted under .*, which is no page/),
    )
  })

  test('a fault with all its words', async () => {
    const found = await differences({ faultText: (error) => String(error instanceof Error && error.message) })
    for (const what of ['name', 'email', 'iban', 'IPv4 address'])
      expect(found).toContainEqual(
        expect.stringContaining(`standard error holds what came with a request: the canary '${what}'`),
      )
  })

  test('a fault with the details of the database', async () => {
    const found = await differences({ faultText: (error) => JSON.stringify(error) })
    expect(found).toContainEqual(
      expect.stringContaining("standard error holds what came with a request: the canary 'phone'"),
    )
  })
})

describe('an answer', () => {
  test.each<[string, Spoilt['app'], string]>([
    [
      'with a looser policy at its own constant',
      header('content-security-policy', () => "default-src 'self'"),
      "/segeberg/ answers with content-security-policy: default-src 'self'",
    ],
    [
      'with a policy that is looser for one page only',
      header(
        'content-security-policy',
        () => "default-src 'none';script-src 'self' https:",
        /^\/segeberg\/termin\/verwalten/,
      ),
      '/beleg answers with content-security-policy',
    ],
    ['that may be framed', header('x-frame-options', () => 'SAMEORIGIN'), 'x-frame-options: SAMEORIGIN'],
    [
      'that tells others where somebody was',
      header('referrer-policy', () => 'unsafe-url'),
      'referrer-policy: unsafe-url',
    ],
    [
      'that caches may keep',
      header('cache-control', () => 'private'),
      '/segeberg/ answers with cache-control: private',
    ],
    ['that lets browsers guess', header('x-content-type-options', () => ''), 'x-content-type-options: nothing'],
    [
      'that may ask for the camera',
      header('permissions-policy', () => 'camera=(self)'),
      'permissions-policy: camera=(self)',
    ],
    [
      'that repeats a number',
      header('x-request-id', ({ headers }) => String(headers['x-request-id'])),
      "the canary 'request id'",
    ],
    ['with a header more', header('x-request-id', () => '1'), 'a header x-request-id that is not expected'],
    ['with a mark of its contents', header('etag', (_request, body) => `"${String(body).length}"`), 'a header etag'],
    [
      'that leads on with what was typed',
      header('location', ({ url }) => `/segeberg/?${url.split('?')[1] ?? ''}`, /\/termin\?/),
      "a header of /segeberg/termin holds what came with a request: the canary 'email'",
    ],
    ['that leads elsewhere', header('location', () => 'https://elsewhere.example/'), 'a header location'],
    [
      'whose cookie tells people apart',
      header('set-cookie', ({ id }) => `disclaimer=${id}; Max-Age=1; Path=/segeberg; HttpOnly; SameSite=Lax`),
      'sets the cookie disclaimer, which has another value than in the answer before',
    ],
    [
      'whose cookie holds who somebody is',
      header(
        'set-cookie',
        ({ headers }) => `disclaimer=${headers['x-forwarded-for']}; Max-Age=1; Path=/segeberg; HttpOnly; SameSite=Lax`,
      ),
      "holds what came with a request: the canary 'address that a stranger forwards'",
    ],
    [
      'whose cookie reaches other tenants and has no end',
      header('set-cookie', () => 'disclaimer=1; Path=/; HttpOnly; SameSite=Lax'),
      'sets the cookie disclaimer, which has no end',
    ],
    [
      'that shows what the browser said of itself',
      (app) => {
        app.addHook('onSend', async (request, _reply, body) => `${body}<!-- ${request.headers['user-agent']} -->`)
      },
      "shows what came with the request beside what was typed: the canary 'browser'",
    ],
  ])('%s', async (_what, app, message) => {
    expect(await differences({ app: app as NonNullable<Spoilt['app']> })).toContainEqual(
      expect.stringContaining(message),
    )
  })

  test('without strict transport security where people come by https', async () => {
    const config = { ...deps.config, publicUrl: 'https://anlaufstelle.test' }
    const app = header('strict-transport-security', () => '')
    const found = await differences({ app: app as NonNullable<Spoilt['app']> }, { ...deps, config })
    expect(found).toContainEqual(
      expect.stringContaining(
        '/segeberg/ answers with strict-transport-security: nothing → expected: max-age=63072000',
      ),
    )
  })
})

describe('a job', () => {
  const id = '0b6f7a0e-3f0f-4c8e-9d52-6a1f6f0c7f11'
  test.each([
    ['an address under the declared key', { id: 'erika@example.org', tenantId: id }, '', 'data.id'],
    ['words under the declared key', { id: { to: 'erika@example.org' }, tenantId: id }, '', 'data.id'],
    ['words instead of ids', 'erika@example.org', '', 'data'],
    ['an address as its output', { id, tenantId: id }, `output = '{"value":"erika@example.org"}'`, 'output'],
    ['an address that keeps it single', { id, tenantId: id }, `singleton_key = 'erika@example.org'`, 'singleton_key'],
  ])('with %s', async (_what, data, change, place) => {
    const { admin } = installation
    await admin.query(`insert into jobs.job (name, data) values ('mail.deliver', $1)`, [JSON.stringify(data)])
    if (change) await admin.query(`update jobs.job set ${change}`)
    const found = await differences()
    await admin.query('delete from jobs.job')
    expect(found).toEqual([
      expect.stringContaining(`jobs hold under 'mail.deliver ${place}' something that is no UUID`),
    ])
    expect(found.join()).not.toContain('erika')
    expect(await differences()).toEqual([])
  })

  test('cannot even be enqueued with anything but a UUID', async () => {
    const [running] = deps.register.running.values()
    const enqueue = deps.db.inTenant(running?.tenant.id ?? '', (tx) =>
      deps.jobs.enqueue(tx, 'mail.deliver', 'erika@example.org'),
    )
    await expect(enqueue).rejects.toThrow('a job carries UUIDs only')
  })
})
