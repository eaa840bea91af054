import type { TenantTx } from '#platform/db/db.ts'
import { isUuid } from '#platform/random.ts'
import type { Own } from '../own/own.ts'
import type { Scene } from '../scene.ts'
import { endOffer, offerFreed } from '../waiting/offer.ts'
import * as waiting from '../waiting/sql.ts'
import { isOpen } from '../waiting/waiting.ts'
import { moveBooked } from './booking.ts'

export type Accepted = { kind: 'accepted' } | { kind: 'late' }

/** Moves the appointment into the time that was kept for it. Sent twice, it stays moved. Late, or an offer to somebody else:
 *  nothing happens. */
export const acceptOffer = async (
  tx: TenantTx,
  scene: Scene,
  own: Own,
  { id, token }: { id: string; token: string },
): Promise<Accepted> => {
  const offer = isUuid(id) ? await waiting.lockOffer(tx, own.appointment.id, id) : null
  if (offer?.status === 'accepted') return { kind: 'accepted' }
  if (!offer || !isOpen(offer, scene)) return { kind: 'late' }
  // Free within this transaction only: nobody else gets at these rows before it ends.
  await endOffer(tx, offer, 'accepted')
  const { kind } = await moveBooked(tx, scene, own, offer.startsAt, token)
  if (kind !== 'moved') await endOffer(tx, offer, 'withdrawn') // e.g. the service is not offered any more
  await offerFreed(tx, scene, [offer])
  return { kind: kind === 'moved' ? 'accepted' : 'late' }
}
