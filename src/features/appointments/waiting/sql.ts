import { sql } from 'kysely'
import type { TenantTx } from '#platform/db/db.ts'
import { at, instant } from '#platform/db/instants.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Freed, Waiting } from './wish.ts'

export type Offer = Freed & {
  id: string
  appointmentId: string
  heldId: string | null
  status: Tables['offer']['status']
  until: Temporal.Instant
}

type Row = Omit<Tables['offer'], 'starts_at' | 'ends_at' | 'offered_at' | 'until'> & {
  starts_at: Date
  ends_at: Date
  until: Date
}

const toOffer = (row: Row): Offer => ({
  id: row.id,
  appointmentId: row.appointment_id,
  heldId: row.held_id,
  status: row.status,
  siteId: row.site_id,
  deskId: row.desk_id,
  startsAt: instant(row.starts_at),
  endsAt: instant(row.ends_at),
  until: instant(row.until),
})

/** Begins to wait. False: this appointment waits already. */
export const insertWish = async (
  tx: TenantTx,
  wish: { appointmentId: string; recordId: string; at: Temporal.Instant },
): Promise<boolean> => {
  const inserted = await tx
    .insertInto('wish')
    .values({
      tenant_id: tx.tenantId,
      appointment_id: wish.appointmentId,
      record_id: wish.recordId,
      wished_at: wish.at.toString(),
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('appointment_id')
    .executeTakeFirst()
  return inserted !== undefined
}

/** False: nobody waited. */
export const deleteWish = async (tx: TenantTx, appointmentId: string): Promise<boolean> => {
  const { numDeletedRows } = await tx
    .deleteFrom('wish')
    .where('tenant_id', '=', tx.tenantId)
    .where('appointment_id', '=', appointmentId)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** Since when an appointment waits; null when it does not. */
export const findWish = async (tx: TenantTx, appointmentId: string): Promise<Temporal.Instant | null> => {
  const row = await tx
    .selectFrom('wish')
    .select('wished_at')
    .where('tenant_id', '=', tx.tenantId)
    .where('appointment_id', '=', appointmentId)
    .executeTakeFirst()
  return row ? instant(row.wished_at) : null
}

/** Who waits at this site for something before the appointment they have, has nothing on offer, and has been offered less
 *  than `most`; whoever waits longest comes first. At most `limit`. */
export const listWaiting = async (
  tx: TenantTx,
  freed: Freed,
  { most, limit }: { most: number; limit: number },
): Promise<Waiting[]> => {
  const { rows } = await sql<{ id: string; site_id: string; service_ids: string[]; starts_at: Date }>`
    select a.id, a.site_id, a.service_ids, a.starts_at
    from wish w join appointment a on a.tenant_id = w.tenant_id and a.id = w.appointment_id
    where w.tenant_id = ${tx.tenantId} and a.site_id = ${freed.siteId} and a.status = 'booked'
      and a.starts_at > ${at(freed.startsAt)}
      and not exists (select from offer o
        where o.tenant_id = w.tenant_id and o.appointment_id = w.appointment_id and o.status = 'open')
      and ${most} > (select count(*) from offer o
        where o.tenant_id = w.tenant_id and o.appointment_id = w.appointment_id)
    order by w.wished_at, w.appointment_id limit ${limit}`.execute(tx)
  return rows.map((row) => ({
    appointmentId: row.id,
    siteId: row.site_id,
    serviceIds: row.service_ids,
    startsAt: instant(row.starts_at),
  }))
}

/** Locks somebody who waits, with their appointment, and returns its record. Null when they do not wait for anything before
 *  this time any more, or are doing something with their appointment at this moment: whoever offers never waits for
 *  whoever else, or two who free times for each other would wait for ever. */
export const lockWaiting = async (tx: TenantTx, waiting: Waiting): Promise<string | null> => {
  const { rows } = await sql<{ record_id: string }>`
    select w.record_id
    from wish w join appointment a on a.tenant_id = w.tenant_id and a.id = w.appointment_id
    where w.tenant_id = ${tx.tenantId} and w.appointment_id = ${waiting.appointmentId}
      and a.status = 'booked' and a.starts_at = ${at(waiting.startsAt)}
    for update of w, a skip locked`.execute(tx)
  return rows[0]?.record_id ?? null
}

/** What was offered to an appointment until now, open or not. Asked under the lock above, it does not change any more. */
export const listOffered = async (tx: TenantTx, appointmentId: string): Promise<Offer[]> =>
  (await selectOffers(tx).where('appointment_id', '=', appointmentId).execute()).map(toOffer)

const selectOffers = (tx: TenantTx) => tx.selectFrom('offer').selectAll().where('tenant_id', '=', tx.tenantId)

export const findOpen = async (tx: TenantTx, appointmentId: string): Promise<Offer | null> => {
  const row = await selectOffers(tx)
    .where('appointment_id', '=', appointmentId)
    .where('status', '=', 'open')
    .executeTakeFirst()
  return row ? toOffer(row) : null
}

/** An offer to this appointment, locked; null when there is none of this id. */
export const lockOffer = async (tx: TenantTx, appointmentId: string, id: string): Promise<Offer | null> => {
  const row = await selectOffers(tx)
    .where('appointment_id', '=', appointmentId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  return row ? toOffer(row) : null
}

export const insertOffer = async (
  tx: TenantTx,
  offer: Omit<Offer, 'status'>,
  offeredAt: Temporal.Instant,
): Promise<void> => {
  await tx
    .insertInto('offer')
    .values({
      tenant_id: tx.tenantId,
      id: offer.id,
      appointment_id: offer.appointmentId,
      held_id: offer.heldId,
      status: 'open',
      site_id: offer.siteId,
      desk_id: offer.deskId,
      starts_at: offer.startsAt.toString(),
      ends_at: offer.endsAt.toString(),
      offered_at: offeredAt.toString(),
      until: offer.until.toString(),
    })
    .execute()
}

/** Ends an offer; its hold goes, and with it nothing keeps the time any more (the cells are the caller's to free). */
export const endOffer = async (tx: TenantTx, offer: Offer, status: Exclude<Offer['status'], 'open'>): Promise<void> => {
  await tx
    .updateTable('offer')
    .set({ status, held_id: null })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', offer.id)
    .execute()
  await tx
    .deleteFrom('appointment')
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', offer.heldId)
    .where('status', '=', 'held')
    .execute()
}

/** Open offers whose time to answer is over, the longest first. */
export const listLapsed = async (tx: TenantTx, now: Temporal.Instant): Promise<string[]> =>
  (
    await tx
      .selectFrom('offer')
      .select('id')
      .where('tenant_id', '=', tx.tenantId)
      .where('status', '=', 'open')
      .where('until', '<=', at(now))
      .orderBy('until')
      .limit(500)
      .execute()
  ).map(({ id }) => id)

/** One of them, locked; null when it was answered meanwhile, or another worker has it in hand. */
export const lockLapsed = async (tx: TenantTx, id: string, now: Temporal.Instant): Promise<Offer | null> => {
  const row = await selectOffers(tx)
    .where('id', '=', id)
    .where('status', '=', 'open')
    .where('until', '<=', at(now))
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()
  return row ? toOffer(row) : null
}

/** Clears away wishes of appointments that have begun or do not stand, and what was offered to these. */
export const tidy = async (tx: TenantTx, now: Temporal.Instant): Promise<void> => {
  await sql`delete from wish w using appointment a
    where w.tenant_id = ${tx.tenantId} and a.tenant_id = w.tenant_id and a.id = w.appointment_id
      and (a.status <> 'booked' or a.starts_at <= ${at(now)})`.execute(tx)
  await sql`delete from offer o using appointment a
    where o.tenant_id = ${tx.tenantId} and o.status <> 'open' and a.tenant_id = o.tenant_id and a.id = o.appointment_id
      and (a.status <> 'booked' or a.starts_at <= ${at(now)})`.execute(tx)
}
