import { z } from 'zod'
import type { ApiProblemKind } from '#platform/http/api-problem.ts'
import type { RoutePath } from '#platform/http/routes.ts'
import type { Endpoint, Fault, Refusal } from './feature.ts'

/** What is wrong with one part of a request: of its body (`pointer`, RFC 6901) or of its address (`parameter`). */
const FaultSchema = z.object({
  pointer: z.string().optional().describe('JSON pointer into the body, as URI fragment (RFC 6901)'),
  parameter: z.string().optional().describe('Name of a parameter in the address'),
  code: z.string().describe('Stable name of what is wrong'),
  detail: z.string().describe('The same in words for people, in the language asked for'),
}) satisfies z.ZodType<Fault>

/** Problem details (RFC 9457). */
export const Problem = z.object({
  type: z.string(),
  title: z.string().describe('In the language of Accept-Language'),
  status: z.int(),
  errors: z.array(FaultSchema).optional(),
})

const Nothing = z.strictObject({})

type Parts<Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType> = Omit<
  Endpoint<Q, B, A>,
  'query' | 'body' | 'route' | 'refuses'
> & {
  route: RoutePath<never> | RoutePath
  query?: Q
  body?: B
  refuses?: readonly ApiProblemKind[]
}

/** Declares an endpoint. Without `query` and `body` it takes none. */
export const endpoint = <
  A extends z.ZodType,
  Q extends z.ZodType = typeof Nothing,
  B extends z.ZodType = z.ZodUndefined,
>(
  parts: Parts<Q, B, A>,
): Endpoint => ({ query: Nothing, body: null, refuses: [], ...parts }) as unknown as Endpoint

export const isRefusal = (outcome: unknown): outcome is Refusal =>
  typeof outcome === 'object' && outcome !== null && 'problem' in outcome
