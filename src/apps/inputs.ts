import type { FastifyRequest } from 'fastify'
import type { Feature } from '#features/feature.ts'
import { pick, type Sent } from '#platform/http/body.ts'
import { tokenField } from '#platform/http/form-token.ts'
import { inputNames } from '#register/form.ts'
import type { RunningTenant } from '#register/register.ts'

/** Names that are declared, and what a request sent under them, each with all its values. */
export type Inputs = {
  names: (running: RunningTenant) => ReadonlySet<string>
  form: (running: RunningTenant, request: FastifyRequest) => Record<string, string[]>
  query: (running: RunningTenant, request: FastifyRequest) => Record<string, string[]>
}

/** Reads what features and the tenant's files declare, and nothing else: no other name is looked at, carried on or shown
 *  again, however much of it was sent. */
export const declaredInputs = (features: readonly Feature[]): Inputs => {
  const ofFeatures = [tokenField, ...features.flatMap(({ inputs = [] }) => inputs)]
  const known = new WeakMap<RunningTenant, ReadonlySet<string>>()
  const namesOf = (running: RunningTenant): ReadonlySet<string> => {
    const names =
      known.get(running) ?? new Set([...ofFeatures, ...[...running.activities.values()].flatMap(inputNames)])
    known.set(running, names)
    return names
  }
  return {
    names: namesOf,
    // Of any other body there is no page that says something of what it sent.
    form: (running, { body, headers }) =>
      /^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '')
        ? pick((body ?? {}) as Sent, namesOf(running))
        : {},
    query: (running, { query }) => pick(query as Sent, namesOf(running)),
  }
}

/** Path and query of a request, of the query what is declared. */
export const pathOf = ({ url }: FastifyRequest, query: Readonly<Record<string, readonly string[]>>): string => {
  const [path = ''] = url.split('?')
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([name, values]) => values.map((value) => [name, value])),
  ).toString()
  return search === '' ? path : `${path}?${search}`
}
