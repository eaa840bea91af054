import { z } from 'zod'
import type { ApiProblemKind, Fault, Refusal } from '#platform/http/api-problem.ts'
import type { ParamsOf, RoutePath } from '#platform/http/routes.ts'
import type { Holder, Visitor } from './actor.ts'
import type { ApiContext, BearerLink, Endpoint } from './feature.ts'

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

type Given<Q extends z.ZodType, B extends z.ZodType> = { query: z.output<Q>; body: z.output<B> }

/** Who asks for an endpoint of this access, once its guard has let them in. */
type BearerOf<K> = K extends { admit: (context: never, given: never, go: (found: infer Proof) => never) => unknown }
  ? Holder<Proof>
  : Visitor

type Declared<P extends string, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType, K> = Omit<
  Endpoint<Q, B, A>,
  'query' | 'body' | 'route' | 'refuses' | 'access' | 'handler'
> & {
  route: RoutePath<P>
  access: K & ('public' | BearerLink<ParamsOf<P>, Given<Q, B>>)
  query?: Q
  body?: B
  refuses?: readonly ApiProblemKind[]
  handler: (context: ApiContext<ParamsOf<P>, BearerOf<K>>, given: Given<Q, B>) => Promise<z.input<A> | Refusal>
}

/** Declares an endpoint. Without `query` and `body` it takes none. */
export const endpoint = <
  P extends string,
  A extends z.ZodType,
  const K extends 'public' | BearerLink,
  Q extends z.ZodType = typeof Nothing,
  B extends z.ZodType = z.ZodUndefined,
>(
  parts: Declared<P, Q, B, A, K>,
): Endpoint => ({ query: Nothing, body: null, refuses: [], ...parts }) as unknown as Endpoint

export const isRefusal = (outcome: unknown): outcome is Refusal =>
  typeof outcome === 'object' && outcome !== null && 'problem' in outcome
