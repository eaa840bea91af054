import { z } from 'zod'
import { Problem } from '#features/endpoint.ts'
import type { Endpoint } from '#features/feature.ts'
import { type ApiProblemKind, apiProblemStatus, everywhere, problemType } from '#platform/http/api-problem.ts'
import { apiBase } from '#platform/http/routes.ts'
import { translator } from '#platform/i18n/translate.ts'
import { hostOf, isThisMachine } from '#platform/outbound.ts'

type Json = { [key: string]: unknown }

/** A JSON Schema (2020-12) without what OpenAPI says once for the whole document. Of answers, properties that are not
 *  named may come: within a version they only gain. */
const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    override: ({ jsonSchema }) => {
      if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
    },
  })
  return rest
}

const parametersOf = ({ route, query, parts = {} }: Endpoint): Json[] => {
  const inPath = route.names.map((name) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
    ...(name in parts ? { description: parts[name] } : {}),
  }))
  const { properties = {}, required = [] } = schemaOf(query, 'input') as {
    properties?: Record<string, Json>
    required?: string[]
  }
  const inQuery = Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
    ...(description ? { description } : {}),
  }))
  return [...inPath, ...inQuery]
}

const problemsOf = (endpoint: Endpoint): Json => {
  const unclear = endpoint.method === 'GET' ? [] : (['unclear'] as const)
  const all = new Set([...everywhere, ...unclear, ...endpoint.refuses])
  const kinds = Map.groupBy(all, (kind) => apiProblemStatus[kind])
  return Object.fromEntries([...kinds].map(([status, list]) => [String(status), problemResponse(status, list)]))
}

const problemResponse = (status: number, kinds: readonly ApiProblemKind[]): Json => ({
  description: kinds.map((kind) => `${translator('en')(`apps.api.problem.${kind}`)}.`).join(' '),
  ...(status === 429 || status >= 503
    ? { headers: { 'Retry-After': { description: 'In so many seconds', schema: { type: 'integer' } } } }
    : {}),
  content: {
    'application/problem+json': {
      schema: {
        allOf: [{ $ref: '#/components/schemas/Problem' }, { properties: { type: { enum: kinds.map(problemType) } } }],
      },
    },
  },
})

/** Where a key is needed for a part of what can be asked only, it may be missing. An empty list says that nothing is needed. */
const securityOf = ({ access, refuses }: Endpoint): Json[] => {
  if (access !== 'public') return [{ [access.name]: [] }]
  return refuses.includes('unauthorized') ? [{}, { holdKey: [] }] : []
}

const operationOf = (endpoint: Endpoint): Json => ({
  operationId: endpoint.id,
  tags: [endpoint.tag.name],
  summary: endpoint.summary,
  description: endpoint.description,
  security: securityOf(endpoint),
  parameters: parametersOf(endpoint),
  ...(endpoint.body
    ? {
        requestBody: {
          required: true,
          content: { 'application/json': { schema: schemaOf(endpoint.body, 'input') } },
        },
      }
    : {}),
  responses: {
    [endpoint.status]: {
      description: endpoint.summary,
      ...(endpoint.status === 204
        ? {}
        : { content: { 'application/json': { schema: schemaOf(endpoint.answer, 'output') } } }),
    },
    ...problemsOf(endpoint),
  },
})

const pathsOf = (endpoints: readonly Endpoint[]): Json => {
  const paths: Record<string, Json> = {}
  for (const endpoint of endpoints) {
    const path = endpoint.route.path.slice(apiBase.length).replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operationOf(endpoint) }
  }
  return paths
}

/** Whose API is described: one tenant's, or that of all on this installation. */
type Described = {
  publicUrl: string
  slugs: readonly string[]
  /** Whom to ask about it. */
  contact: { name: string; url: string }
}

/** What the addresses of the API begin with. The name of one's own machine says nothing to anybody else: there they go by
 *  the address of the description itself. */
const serverOf = (publicUrl: string): string => {
  const host = hostOf(publicUrl)
  return host !== null && isThisMachine(host) ? new URL(publicUrl).pathname.replace(/\/$/, '') : publicUrl
}

/** Describes these endpoints as an OpenAPI 3.1 document, made of the schemas that parse the requests. */
export const describeApi = (endpoints: readonly Endpoint[], { publicUrl, slugs, contact }: Described): Json => {
  const bearer = (description: string) => ({ type: 'http', scheme: 'bearer', description })
  const [slug] = slugs
  const server = serverOf(publicUrl)
  const tenant = { default: slug ?? 'tenant', ...(slug === undefined ? {} : { enum: slugs }) }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Anlaufstelle',
      version: '1',
      description:
        'Appointments at a Jobcenter, for other programs. Within this version answers and endpoints are only added: ignore what you do not know.',
      contact,
      license: { name: 'EUPL-1.2', identifier: 'EUPL-1.2' },
    },
    servers:
      slugs.length === 1
        ? [{ url: `${server}/${slug}${apiBase}` }]
        : [{ url: `${server}/{tenant}${apiBase}`, variables: { tenant } }],
    tags: [...new Set(endpoints.map(({ tag }) => tag))],
    paths: pathsOf(endpoints),
    components: {
      schemas: { Problem: schemaOf(Problem, 'output') },
      securitySchemes: {
        holdKey: bearer('The key that came with the hold'),
        manageToken: bearer('The token that came with the booking; the last part of the link to the appointment'),
      },
    },
  }
}
