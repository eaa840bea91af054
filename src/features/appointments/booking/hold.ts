import type { Context } from '#features/feature.ts'
import { readNote, signNote } from '#platform/http/form-token.ts'
import { capability } from '#platform/random.ts'
import type { Concern } from '../concern.ts'
import { type Extended, extendHold, type Held, holdTime, type Released, releaseHold } from './held.ts'

/* Holds as one caller asks for them, whether by page or by program: what both share. */

/** Holds one caller may have open; far above one person's need, because a shelter's phones share an address. */
const holdsPerCaller = 30

type Caller = Pick<Context, 'deps' | 'running' | 'now' | 'caller' | 'inTenant'>

const limitOf = ({ caller }: Caller) => `hold ${caller}`

/** Keeps a time for this caller, as long as not too many are kept for the same one. */
export const holdFor = async (
  context: Caller,
  concern: Concern,
  start: Temporal.Instant,
  previousId: string | null,
): Promise<Held | { kind: 'too-many' }> => {
  const { limits } = context.deps
  const { holdMinutes } = context.running.tenant.booking
  if (!limits.take(limitOf(context), holdsPerCaller, holdMinutes)) return { kind: 'too-many' }
  const held = await context.inTenant((tx) => holdTime(tx, context, concern, start, previousId))
  if (held.kind !== 'held' || held.replaced) limits.giveBack(limitOf(context))
  return held
}

/** Keeps a held time for longer, and with it its place among those of this caller. Nobody is refused more time for want of
 *  places, as others may share their address. */
export const extendFor = async (context: Caller, holdId: string): Promise<Extended> => {
  const { limits } = context.deps
  const { holdMinutes } = context.running.tenant.booking
  const outcome = await context.inTenant((tx) => extendHold(tx, context, holdId))
  if (outcome.kind !== 'extended') return outcome
  if (outcome.early) limits.renew(limitOf(context), holdMinutes)
  else limits.take(limitOf(context), holdsPerCaller, holdMinutes)
  return outcome
}

/** Gives a hold up, and with it its place among those of this caller, unless that has run out already. */
export const releaseFor = async (context: Caller, holdId: string): Promise<Released> => {
  const released = await context.inTenant((tx) => releaseHold(tx, context, holdId))
  if (released.kind === 'released' && released.early) context.deps.limits.giveBack(limitOf(context))
  return released
}

type Signing = Pick<Context, 'running' | 'formKeys' | 'deps'>

/** The manage link's capability travels with the caller, signed for one hold, so that no booking gets the link of another. */
const keyPurpose = ({ running }: Pick<Signing, 'running'>, holdId: string) =>
  `manage link ${running.tenant.slug} ${holdId}`

/** The key of a hold: whoever has it may book. */
export const makeKey = (context: Signing, holdId: string): string =>
  signNote(context.formKeys, keyPurpose(context, holdId), capability(context.deps.random))

/** The capability in a key; null when the key is not of this hold. */
export const readKey = (context: Omit<Signing, 'deps'>, holdId: string, key: string | undefined): string | null =>
  readNote(context.formKeys, keyPurpose(context, holdId), key)
