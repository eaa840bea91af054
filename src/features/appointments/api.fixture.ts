import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'vitest'
import { type Installation, publicUrl } from '#test/helpers/installation.ts'

/* What the tests of the API share: a program that holds every answer against the description of the API. */

type Json = Record<string, unknown>
// biome-ignore lint/suspicious/noExplicitAny: the answer of a server, held against its schema just before
type Body = any

export type Operation = {
  operationId: string
  summary: string
  description: string
  tags: string[]
  security: Record<string, string[]>[]
  parameters: object[]
  responses: Record<string, { content?: Record<string, { schema: Json }> }>
}
export type Description = {
  info: { contact: object }
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, Operation>>
  components: Json
}

/** The schema that also refuses what it does not name: so that no answer says more than the description. */
const closed = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== 'object' || schema === null) return schema
  if ('allOf' in schema) return { ...schema, unevaluatedProperties: false }
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]))
  return 'properties' in schema && !('additionalProperties' in schema)
    ? { ...inner, additionalProperties: false }
    : inner
}

const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true })

const operationAt = (description: Description, method: string, path: string) => {
  const found = Object.entries(description.paths).find(([template]) =>
    new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(path),
  )
  return found?.[1][method.toLowerCase()]
}

/** What was answered so far, as `holdTime 201` or `holdTime taken`. */
export const answered = new Set<string>()

const check = (description: Description, operation: Operation, status: number, type: string, body: unknown) => {
  const declared = operation.responses[status]
  expect(declared, `${operation.operationId} answers ${status}`).toBeDefined()
  const kind = (body as { type?: string }).type?.split(':').at(-1)
  answered.add(`${operation.operationId} ${status < 400 ? status : kind}`)
  const schema = declared?.content?.[type.split(';')[0] ?? '']?.schema
  if (!schema) return expect([declared?.content, body]).toEqual([undefined, ''])
  const validate = ajv.compile({ ...(closed(schema) as Json), components: description.components })
  expect(validate(body) ? [] : validate.errors, `${operation.operationId} ${status}: ${JSON.stringify(body)}`).toEqual(
    [],
  )
}

type Asking = { bearer?: string; body?: unknown; raw?: string; headers?: Record<string, string> }

let programs = 0

/** A program with a connection of its own. Each answer has to be one that the description declares. */
export const program = async (installation: Installation, slug = 'segeberg', address?: string) => {
  programs += 1
  const from = address ?? `10.200.${programs >> 8}.${programs & 255}`
  const read = await installation.app.inject(`/${slug}/api/v1/openapi.json`)
  const description = read.json() as Description
  const ask = async (method: 'GET' | 'POST' | 'DELETE', path: string, asking: Asking = {}) => {
    const { bearer, body, raw, headers = {} } = asking
    const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body))
    const response = await installation.app.inject({
      method,
      url: `/${slug}/api/v1${path}`,
      headers: {
        host: new URL(publicUrl).host,
        'x-forwarded-for': from,
        ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        ...headers,
      },
      ...(payload === undefined ? {} : { payload }),
    })
    const type = String(response.headers['content-type'] ?? '')
    const answer: Body = response.body === '' ? '' : response.json()
    const operation = operationAt(description, method, path.split('?')[0] ?? '')
    if (operation) check(description, operation, response.statusCode, type, answer)
    const problem = response.statusCode < 400 ? null : (String(answer.type).split(':').at(-1) as string)
    return { status: response.statusCode, problem, body: answer, headers: response.headers, type }
  }
  return {
    description,
    get: (path: string, asking?: Asking) => ask('GET', path, asking),
    post: (path: string, asking?: Asking) => ask('POST', path, asking),
    delete: (path: string, asking?: Asking) => ask('DELETE', path, asking),
  }
}

export type Program = Awaited<ReturnType<typeof program>>

/** What Erika enters; the values are markers that a search for leaks finds again. */
export const erikaFields = {
  name: 'Erika Markerfrau',
  birthDate: '1984-08-12',
  customerOrBgNumber: '131A0990815',
  email: 'erika.markerfrau@example.org',
  freeText: 'Zetermordio-Markertext',
}

export const firstStart = async (who: Program, service = 'beratung-vor-ort'): Promise<string> =>
  (await who.get(`/availability?services=${service}`)).body.first

export const holdOne = async (who: Program, service = 'beratung-vor-ort') => {
  const start = await firstStart(who, service)
  return (await who.post('/holds', { body: { services: [service], start } })).body as {
    id: string
    start: string
    until: string
    key: string
  }
}

/** What the person agrees to, as the tenant has it in force. */
export const agreedTo = async (who: Program, language = 'de') => {
  const { notice, consent, terms } = (await who.get('/consent')).body
  const { hash } = consent.languages.find((each: { language: string }) => each.language === language)
  return { notice: notice.hash, consent: hash, ...(terms ? { terms: terms.version } : {}) }
}

export const bookingOf = async (who: Program, hold: string, fields: Record<string, string> = erikaFields) => ({
  hold,
  fields,
  language: 'de',
  agreed: await agreedTo(who),
})

/** Goes the whole way. */
export const bookOne = async (who: Program, fields?: Record<string, string>) => {
  const hold = await holdOne(who)
  const body = await bookingOf(who, hold.id, fields)
  const booked = await who.post('/appointments', { bearer: hold.key, body })
  return { hold, body, booked, token: booked.body.token as string }
}
