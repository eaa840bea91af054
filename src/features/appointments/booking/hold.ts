import type { Context } from '#features/feature.ts'
import { readNote, signNote } from '#platform/http/form-token.ts'
import { capability } from '#platform/random.ts'
import type { Concern } from '../concern.ts'
import { findAppointment } from '../own/sql.ts'
import { type Booked, type BookingRequest, bookHeld } from './booking.ts'
import { type Extended, extendHold, type Held, holdTime, type Released, releaseHold } from './held.ts'
import { idOfTwice, placesOf } from './places.ts'

/* Holds as one caller asks for them, whether by page or by program: what both share. */

type Caller = Pick<Context, 'deps' | 'running' | 'now' | 'caller' | 'inTenant'>

/** Keeps a time for this caller, as long as they have a place for it. */
export const holdFor = (
  context: Caller,
  concern: Concern,
  start: Temporal.Instant,
  previousId: string | null,
): Promise<Held> => context.inTenant((tx) => holdTime(tx, context, concern, start, previousId, placesOf(context)))

/** Keeps a held time for longer, and with it its place. */
export const extendFor = (context: Caller, holdId: string): Promise<Extended> =>
  context.inTenant((tx) => extendHold(tx, context, holdId, placesOf(context)))

/** Gives a hold up, and with it its place. */
export const releaseFor = (context: Caller, holdId: string): Promise<Released> =>
  context.inTenant((tx) => releaseHold(tx, holdId, placesOf(context)))

/** Books a held time for this caller; `twice`: unless they have just booked for the same person, and nobody said that they
 *  mean it (`isMeant`). */
export const bookFor = (
  context: Caller,
  request: BookingRequest,
  isMeant: boolean,
): Promise<Booked | { kind: 'twice' }> =>
  context.inTenant(async (tx) => {
    const places = placesOf(context)
    if (!isMeant && (await places.isTwice(tx, request))) return { kind: 'twice' }
    const outcome = await bookHeld(tx, context, request, places)
    if (!isMeant && outcome.kind !== 'booked') await places.giveBack(tx, idOfTwice(request.holdId))
    return outcome
  })

/** Whether a hold has become an appointment, and this capability is of it. */
export const isBookedAs = (context: Caller, holdId: string, token: string): Promise<boolean> =>
  context.inTenant(async (tx) => {
    const appointment = await findAppointment(tx, holdId)
    const recordId = appointment?.status === 'booked' ? appointment.recordId : null
    return recordId !== null && context.deps.vault.matches(tx, recordId, 'manageLink', token)
  })

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
