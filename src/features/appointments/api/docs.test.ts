import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { apiProblemStatus, problemType } from '#platform/http/api-problem.ts'
import { apiBase } from '#platform/http/routes.ts'
import { type Installation, startInstallation } from '#test/helpers/installation.ts'
import { program } from '../api.fixture.ts'
import { start } from '../booking.fixture.ts'
import { endpoints } from './endpoints.ts'

/* docs/api.md is true, and the description that the server serves leaves nothing unsaid. */

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ start, withoutWorker: true })
})
afterAll(() => installation.close())

const text = readFileSync('docs/api.md', 'utf8')
const kindOf = (kind: keyof typeof apiProblemStatus) => problemType(kind).split(':').at(-1)

test('its table of problems has each of them, with its status', () => {
  const listed = [...text.matchAll(/^\| ((?:`[a-z-]+`(?:, )?)+) +\| (\d{3}) /gm)].flatMap(([, names = '', status]) =>
    [...names.matchAll(/`([a-z-]+)`/g)].map(([, name]) => `${name} ${status}`),
  )
  const kinds = Object.keys(apiProblemStatus) as (keyof typeof apiProblemStatus)[]
  expect(listed.toSorted()).toEqual(kinds.map((kind) => `${kindOf(kind)} ${apiProblemStatus[kind]}`).toSorted())
})

test('its table of addresses has each of them, with what its bearer needs', () => {
  const listed = [...text.matchAll(/^\| ((?:`(?:GET|POST|DELETE) [^`]+`(?:, )?)+) +\| (\w*) +\|/gm)].flatMap(
    ([, cell = '', bearer]) => [...cell.matchAll(/`([^`]+)`/g)].map(([, address]) => `${address} ${bearer}`),
  )
  const words = { holdKey: 'key', manageToken: 'token', none: '' }
  const declared = endpoints.map(({ method, route, access }) => {
    const path = route.path.slice(apiBase.length).replace(/:(\w+)/g, '{$1}')
    return `${method} ${path} ${words[access === 'public' ? 'none' : access.name]}`
  })
  expect(listed.toSorted()).toEqual(declared.toSorted())
})

type Command = { method: 'get' | 'post' | 'delete'; path: string; bearer?: string; body?: unknown }

const commandOf = (line: string): Command => {
  const [, path = ''] = /"\$api([^"]+)"/.exec(line) ?? []
  const [, bearer] = /Bearer ([^"]+)"/.exec(line) ?? []
  const [, json] = /--json '([\s\S]*)'/.exec(line) ?? []
  const method = line.includes('-X DELETE') ? 'delete' : json === undefined ? 'get' : 'post'
  return { method, path, ...(bearer ? { bearer } : {}), ...(json ? { body: JSON.parse(json) } : {}) }
}

test('its commands lead from a free time to an appointment that is moved and cancelled', async () => {
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block = '']) => block)
  const lines = blocks
    .join('\n')
    .split(/^(?=curl )/m)
    .filter((line) => line.startsWith('curl '))
  expect(lines.length).toBe(8)
  const who = await program(installation)
  const known: Record<string, string> = {}
  for (const line of lines) {
    const filled = line.replace(/<([\w.]+)>/g, (_, name: string) => known[name] ?? `no ${name} yet`)
    const { method, path, ...asking } = commandOf(filled)
    const { status, body } = await who[method](path, asking)
    expect([line, status, status < 300 ? '' : body]).toEqual([line, expect.any(Number), ''])
    if (body.starts) Object.assign(known, { start: body.first, other: body.starts.at(-1) })
    if (body.consent) {
      known['notice.hash'] = body.notice.hash
      known['terms.version'] = body.terms.version
      known.hash = body.consent.languages.find((each: { language: string }) => each.language === 'de').hash
    }
    for (const name of ['id', 'key', 'token']) if (body[name]) known[name] = body[name]
  }
  expect(Object.keys(known)).toContain('token')
})

test('the description says of each operation what it does, for whom and under what, and of each parameter what it means', async () => {
  const { description } = await program(installation)
  const tags = new Map(description.tags.map((tag) => [tag.name, tag.description]))
  const operations = Object.values(description.paths).flatMap((path) => Object.values(path))
  expect(operations).toHaveLength(endpoints.length)
  for (const { operationId, summary, description: text, tags: own, security, parameters } of operations) {
    expect([operationId, summary, text]).toEqual([operationId, expect.stringMatching(/./), expect.stringMatching(/./)])
    expect([operationId, own.map((name) => tags.get(name))]).toEqual([operationId, [expect.stringMatching(/./)]])
    expect([operationId, security]).toEqual([operationId, expect.any(Array)])
    for (const parameter of parameters)
      expect([operationId, parameter]).toEqual([
        operationId,
        expect.objectContaining({ description: expect.stringMatching(/./) }),
      ])
  }
  expect(description.info.contact).toEqual({
    name: 'Jobcenter Kreis Segeberg',
    url: expect.stringMatching(/\/segeberg\/en\/impressum$/),
  })
})

test('an operation needs a key or a token exactly where it refuses whoever has none', async () => {
  const { description } = await program(installation)
  for (const { operationId, security } of Object.values(description.paths).flatMap((path) => Object.values(path))) {
    const endpoint = endpoints.find(({ id }) => id === operationId)
    const bearers = security.flatMap((needed) => Object.keys(needed))
    expect([operationId, bearers.length > 0]).toEqual([operationId, endpoint?.refuses.includes('unauthorized')])
  }
})

test('the examples of requests are such as the server reads', () => {
  const bodies = endpoints.flatMap(({ id, body }) => (body ? [{ id, body }] : []))
  expect(bodies.length).toBeGreaterThan(0)
  for (const { id, body } of bodies) {
    const { examples = [] } = body.meta() ?? {}
    expect([id, examples]).toEqual([id, [expect.anything()]])
    for (const example of examples as unknown[]) expect([id, body.safeParse(example).success]).toEqual([id, true])
  }
})
