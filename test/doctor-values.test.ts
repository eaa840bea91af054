import type { FastifyInstance, FastifyRequest } from 'fastify'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { clientDir } from '#apps/compose.ts'
import type { AppDeps } from '#apps/deps.ts'
import { differenceLine, examine } from '#apps/doctor/index.ts'
import { features } from '#apps/features.ts'
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
    const log: AppDeps['log'] = {
      ...deps.log,
      access: (slug, line) => deps.log.access(slug, (access?.(line, last) ?? line) as AccessLine),
    }
    const pageCounts: AppDeps['pageCounts'] = {
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
  return { ...real, shortenAddress: (address) => (spoilt.now.address ?? real.shortenAddress)(address ?? '') }
})
vi.mock(import('#platform/fault-text.ts'), async (importOriginal) => {
  const { faultText } = await importOriginal()
  return { faultText: (where, error) => spoilt.now.faultText?.(error) ?? faultText(where, error) }
})

let installation: Installation
let deps: AppDeps
beforeAll(async () => {
  installation = await startInstallation({ tenants: ['segeberg'], withoutWorker: true })
  deps = { ...installation.deps, config: { ...installation.config, databaseUrl: null, smtpUrl: null } }
})
afterAll(() => installation.close())
afterEach(() => {
  spoilt.now = {}
})

const differences = async (spoil: Spoilt = {}, given: AppDeps = deps): Promise<string[]> => {
  spoilt.now = spoil
  return (await examine(given, installation.database.connection, features, clientDir)).map(differenceLine)
}
const expectNamed = async (spoil: Spoilt, messages: readonly string[], given: AppDeps = deps): Promise<void> => {
  const found = await differences(spoil, given)
  for (const message of messages) expect(found).toContainEqual(expect.stringContaining(message))
}

/** What an answer gets as a header, last of all; an empty text takes it away, null leaves it. */
type Header = { name: string; value: (request: FastifyRequest, body: unknown) => string | null }
const withHeaders =
  (headers: readonly Header[]) =>
  (app: FastifyInstance): void => {
    app.addHook('onSend', async (request, reply, body) => {
      for (const { name, value } of headers) {
        const said = value(request, body)
        if (said === '') reply.removeHeader(name)
        else if (said !== null) reply.header(name, said)
      }
    })
  }
const byHttps = () => ({ ...deps, config: { ...deps.config, publicUrl: 'https://anlaufstelle.test' } })

test('a server that nobody spoilt is as the doctor expects, by http and by https', async () => {
  expect(await differences()).toEqual([])
  expect(await differences({}, byHttps())).toEqual([])
})

describe('the access log, by value', () => {
  test('every field that holds more than it should is named, and a further one', async () => {
    const access = (line: AccessLine, { ip, url, headers }: FastifyRequest) => ({
      time: `${line.time.slice(0, -1)}.123456789Z`,
      page: url, // with the secrets of links, and with what stands behind the question mark
      status: `${line.status} ${headers.cookie}`,
      address: ip, // whole, under its declared name
      browser: headers['user-agent'],
      operatingSystem: headers['accept-language'],
      from: headers.referer,
    })
    await expectNamed({ access }, [
      ...['time', 'page', 'status', 'address', 'browser', 'operatingSystem', 'from'].map(
        (field) => `the access log of segeberg holds under '${field}' what may not stand there`,
      ),
      "holds 'from', which web.delivery does not declare",
      ...['IPv4 address', 'IPv6 address', 'email', 'link', 'browser', 'cookie', 'accepted language', 'referrer'].map(
        (what) => `the access log of segeberg holds what came with a request: the canary '${what}'`,
      ),
    ])
  })

  test('so is a secret part of a link without anything behind the question mark', async () => {
    const access = (line: AccessLine, { url }: FastifyRequest) => ({ ...line, page: url.split('?')[0] })
    await expectNamed({ access }, ["holds under 'page' what may not stand there", "the canary 'link'"])
  })

  test('so is an address that only looks shortened, or is that of somebody who is no proxy', async () => {
    const onlyIPv4 = (address: string) => (address.includes(':') ? address : address.replace(/\d+$/, '0'))
    await expectNamed({ address: onlyIPv4 }, ["the canary 'IPv6 address'"])
    const tooLong = (address: string) => (address.includes(':') ? '2001:db8:ca4a:1e5::' : '203.0.113.0')
    await expectNamed({ address: tooLong }, [`under 'address' what may not stand there, e.g. "2001:db8:ca4a:1e5::"`])
    const forwarded = (line: AccessLine, { headers }: FastifyRequest) => ({
      ...line,
      address: String(headers['x-forwarded-for']).replace(/\d+$/, '0'),
    })
    await expectNamed({ access: forwarded }, [`under 'address' what may not stand there, e.g. "198.51.100.0"`])
  })
})

describe('what else is written', () => {
  test('views counted under the address that was asked for', async () => {
    const found = await differences({ counts: ({ url }) => url })
    expect(found).toContainEqual(expect.stringMatching(/views of segeberg are counted under .*, which is no page/))
  })

  test('a fault with all its words, and with the details of the database', async () => {
    const faultText = (error: unknown) => `${error instanceof Error && error.message} ${JSON.stringify(error)}`
    await expectNamed(
      { faultText },
      ['name', 'email', 'iban', 'phone', 'link', 'IPv4 address'].map(
        (what) => `standard error holds what came with a request: the canary '${what}'`,
      ),
    )
  })
})

describe('an answer', () => {
  test('with each header that protects loosened or missing is named', async () => {
    const loosened = {
      'content-security-policy': "default-src 'self'",
      'cache-control': 'private',
      'cross-origin-opener-policy': 'unsafe-none',
      'cross-origin-resource-policy': 'cross-origin',
      'permissions-policy': 'camera=(self)',
      'referrer-policy': 'unsafe-url',
      'strict-transport-security': 'max-age=1',
      'x-content-type-options': '',
      'x-frame-options': 'SAMEORIGIN',
    }
    const app = withHeaders(Object.entries(loosened).map(([name, value]) => ({ name, value: () => value })))
    const messages = Object.entries(loosened).map(([name, value]) => `answers with ${name}: ${value || 'nothing'}`)
    const kinds = ['/segeberg/', 'POST /segeberg/termin/buchen', '/segeberg/api/v1/sites', '/healthz', '/metrics']
    await expectNamed({ app }, [
      ...messages.flatMap((message) => kinds.map((url) => `${url} ${message}`)),
      `${deps.assets.script} answers with content-security-policy: default-src 'self'`,
    ])
  })

  test('with a policy that is looser for pages behind links only, or a missing promise of https, is named', async () => {
    const app = withHeaders([
      {
        name: 'content-security-policy',
        value: ({ url }) => (url.includes('/verwalten/') ? "default-src 'none';script-src 'self' https:" : null),
      },
      { name: 'strict-transport-security', value: () => '' },
    ])
    const https = 'answers with strict-transport-security: nothing → expected: max-age=63072000'
    await expectNamed({ app }, ['/beleg answers with content-security-policy', `/segeberg/ ${https}`], byHttps())
  })

  test('that repeats what came with the request, in whatever part of it, is named', async () => {
    const app = (server: FastifyInstance) => {
      withHeaders([
        { name: 'x-request-id', value: ({ headers }) => String(headers['x-request-id']) },
        { name: 'etag', value: (_request, body) => `"${String(body).length}"` }, // tells who saw which contents
        {
          name: 'location',
          value: ({ url }) => (url.includes('/termin?') ? `/segeberg/?${url.split('?')[1]}` : '//elsewhere.example/'),
        },
        {
          name: 'set-cookie',
          value: ({ headers }) =>
            `disclaimer=${headers['x-forwarded-for']}; Max-Age=1; Path=/segeberg; HttpOnly; SameSite=Lax`,
        },
      ])(server)
      server.addHook('onSend', async ({ method, headers }, _reply, body) =>
        method === 'HEAD' ? body : `${body}<!-- ${headers['user-agent']} -->`,
      )
    }
    await expectNamed({ app }, [
      '/segeberg/ answers with a header x-request-id that is not expected there',
      "a header of /segeberg/ holds what came with a request: the canary 'request id'",
      '/segeberg/ answers with a header etag that is not expected there',
      "a header of /segeberg/termin holds what came with a request: the canary 'email'",
      '/segeberg/ answers with a header location that is not expected there',
      "holds what came with a request: the canary 'address that a stranger forwards'",
      'sets the cookie disclaimer, which has another value than in the answer before',
      "/segeberg/ shows what came with the request beside what was typed: the canary 'browser'",
    ])
  })

  test('whose cookie reaches other tenants, is read by scripts, or has no end is named', async () => {
    const app = withHeaders([{ name: 'set-cookie', value: () => 'disclaimer=1; Path=/; Domain=example.org' }])
    await expectNamed(
      { app },
      [
        'is not path=/segeberg',
        'is not httponly',
        'is not samesite=Lax',
        'is not secure',
        'has domain',
        'has no end',
      ].map((fault) => `/segeberg/ sets the cookie disclaimer, which ${fault}`),
      byHttps(),
    )
  })

  test('whose cookie stays longer than is declared is named', async () => {
    const tenYears = 10 * 365 * 24 * 60 * 60
    const cookie = `disclaimer=1; Max-Age=${tenYears}; Path=/segeberg; HttpOnly; SameSite=Lax`
    const found = await differences({ app: withHeaders([{ name: 'set-cookie', value: () => cookie }]) })
    expect(found).toContainEqual(
      expect.stringContaining(
        `/segeberg/ sets the cookie disclaimer, which lives for ${tenYears} seconds, longer than`,
      ),
    )
  })
})

describe('a job', () => {
  test('that holds anything but UUIDs is named, by its place and not by its words', async () => {
    const { admin } = installation
    const uuid = '0b6f7a0e-3f0f-4c8e-9d52-6a1f6f0c7f11'
    const email = 'erika@example.org'
    const ids = { id: uuid, tenantId: uuid }
    const jobs: [name: string, data: unknown, column?: string][] = [
      ['mail.deliver', { id: email, tenantId: uuid }],
      ['rights.sendCode', { id: { to: email }, tenantId: uuid }],
      ['ledger.append', email],
      ['mail.deliver', ids, 'output'],
      ['mail.deliver', ids, 'source_output'],
      ['mail.deliver', ids, 'singleton_key'],
    ]
    for (const [name, data, column] of jobs) {
      await admin.query(
        `insert into jobs.job (name, data ${column ? `, ${column}` : ''}) values ($1, $2 ${column ? ', to_jsonb($3::text)' : ''})`,
        [name, JSON.stringify(data), ...(column ? [email] : [])],
      )
    }
    const found = await differences()
    await admin.query('delete from jobs.job')
    const places = ['ledger.append data', 'mail.deliver data.id']
    const columns = ['output', 'singleton_key', 'source_output'].map((column) => `mail.deliver ${column}`)
    expect(found.filter((line) => line.startsWith('jobs hold'))).toEqual(
      [...places, ...columns, 'rights.sendCode data.id'].map((place) =>
        expect.stringContaining(`jobs hold under '${place}' something that is no UUID`),
      ),
    )
    expect(found.join()).not.toContain('erika')
  })

  test('cannot even be enqueued with anything but a UUID', async () => {
    const [running] = deps.register.running.values()
    const enqueue = deps.db.inTenant(running?.tenant.id ?? '', (tx) =>
      deps.jobs.enqueue(tx, 'mail.deliver', 'erika@example.org'),
    )
    await expect(enqueue).rejects.toThrow('a job carries UUIDs only')
  })
})
