import type { z } from 'zod'
import type { Holder } from '#features/actor.ts'
import type { ApiContext, BearerLink } from '#features/feature.ts'
import type { Refusal } from '#platform/http/api-problem.ts'
import { isUuid } from '#platform/random.ts'
import { extendFor, holdFor, makeKey, readKey, releaseFor } from '../booking/hold.ts'
import { readConcern } from './http.choice.ts'
import { problemOf, tooManyOf } from './problem.ts'
import type * as schema from './schema.ts'

/* Keeping a time, for longer, and giving it up. */

/** Full seconds: what is left is never less than what is said. */
const inSeconds = (at: Temporal.Instant): string =>
  at.round({ smallestUnit: 'second', roundingMode: 'floor' }).toString()

/** The key of the hold that the address names. */
export const holdKey: BearerLink<{ id: string }, unknown, { holdId: string }> = {
  kind: 'link',
  name: 'holdKey',
  admit: async (context, _given, go) => {
    const { id } = context.params
    return isUuid(id) && readKey(context, id, context.bearer) !== null
      ? go({ holdId: id })
      : { problem: 'unauthorized' as const }
  },
}

type HoldContext = ApiContext<{ id: string }, Holder<{ holdId: string }>>

export const hold = async (
  context: ApiContext,
  { body }: { body: z.output<typeof schema.HoldBody> },
): Promise<z.input<typeof schema.Hold> | Refusal> => {
  const concern = readConcern(context, body, (part) => ({ pointer: `#/${part}` }))
  if ('problem' in concern) return concern
  const replaces = body.replaces ?? null
  if (replaces !== null && readKey(context, replaces, context.bearer) === null) return { problem: 'unauthorized' }
  const start = Temporal.Instant.from(body.start)
  const held = await holdFor(context, concern, start, replaces)
  if (held.kind === 'caller-full') return tooManyOf(context, held.of)
  if (held.kind !== 'held') return { problem: problemOf[held.kind] }
  const { id, until } = held
  return { id, start: start.toString(), until: inSeconds(until), key: makeKey(context, id) }
}

export const extend = async (context: HoldContext): Promise<z.input<typeof schema.ExtendedHold> | Refusal> => {
  const { holdId: id } = context.actor.proves
  const outcome = await extendFor(context, id)
  switch (outcome.kind) {
    case 'extended':
      return { id, until: inSeconds(outcome.until) }
    case 'caller-full':
      return tooManyOf(context, outcome.of)
    case 'enough':
      return { problem: 'enough' }
    case 'taken':
      return { problem: 'gone' }
    default:
      return outcome satisfies never
  }
}

export const release = async (context: HoldContext): Promise<undefined | Refusal> => {
  const outcome = await releaseFor(context, context.actor.proves.holdId)
  return outcome.kind === 'released' ? undefined : { problem: 'gone' }
}
