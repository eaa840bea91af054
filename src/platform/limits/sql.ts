import { sql } from 'kysely'
import type { InstallationTx, TenantTx } from '#platform/db/db.ts'
import { instant } from '#platform/db/instants.ts'

/** The salt of one day of a tenant. */
export type Salt = { id: string; day: string; salt: Uint8Array }

export const findSalt = async (tx: TenantTx, day: string): Promise<Salt | null> => {
  const row = await tx
    .selectFrom('app.limit_salt')
    .select(['id', 'salt'])
    .where('tenant_id', '=', tx.tenantId)
    .where('day', '=', day)
    .executeTakeFirst()
  return row ? { id: row.id, day, salt: row.salt } : null
}

/** The tenant's salts that are stored: of today, and for a while of the day before. */
export const listSalts = async (tx: TenantTx): Promise<Salt[]> =>
  tx.selectFrom('app.limit_salt').select(['id', 'day', 'salt']).where('tenant_id', '=', tx.tenantId).execute()

/** Makes the salt of a day, unless another server has just made it. */
export const insertSalt = async (tx: TenantTx, { id, day, salt }: Salt, end: Temporal.Instant): Promise<void> => {
  await tx
    .insertInto('app.limit_salt')
    .values({ tenant_id: tx.tenantId, id, day, salt: Buffer.from(salt), erase_at: end.toString() })
    .onConflict((oc) => oc.columns(['tenant_id', 'day']).doNothing())
    .execute()
}

export type PlaceRow = {
  id: string
  saltId: string
  name: Uint8Array
  weights: Readonly<Record<string, number>>
  most: Readonly<Record<string, number>>
  now: Temporal.Instant
  until: Temporal.Instant
  instead: string | null
}

/** `taken`; `full <label> <label>…`; or `salt` when the salt is another one by now. */
export const takePlace = async (tx: TenantTx, place: PlaceRow): Promise<string> => {
  const { rows } = await sql<{ outcome: string }>`
    select app.take_place(${place.id}, ${place.saltId}, ${Buffer.from(place.name)}, ${JSON.stringify(place.weights)},
      ${JSON.stringify(place.most)}, ${place.now.toString()}, ${place.until.toString()}, ${place.instead}) as outcome`.execute(
    tx,
  )
  return rows[0]?.outcome ?? 'salt'
}

/** Keeps a place of one of these ids that is not over yet until a later moment, as long as its salt is there; false when
 *  there is none. */
export const renewPlace = async (
  tx: TenantTx,
  ids: readonly string[],
  now: Temporal.Instant,
  until: Temporal.Instant,
): Promise<boolean> => {
  const { rows } = await sql<{ id: string }>`
    update app.limit_place p set erase_at = least(${until.toString()}::timestamptz, s.erase_at) from app.limit_salt s
    where p.tenant_id = ${tx.tenantId} and p.id = any(${ids}::uuid[]) and p.erase_at > ${now.toString()}::timestamptz
      and s.tenant_id = p.tenant_id and s.id = p.salt_id returning p.id`.execute(tx)
  return rows.length > 0
}

/** When the place of one of these ids is over that is not over yet; null when there is none. */
export const findEnd = async (
  tx: TenantTx,
  ids: readonly string[],
  now: Temporal.Instant,
): Promise<Temporal.Instant | null> => {
  const { rows } = await sql<{ erase_at: Date }>`
    select erase_at from app.limit_place where tenant_id = ${tx.tenantId} and id = any(${ids}::uuid[])
      and erase_at > ${now.toString()}::timestamptz`.execute(tx)
  return rows[0] ? instant(rows[0].erase_at) : null
}

export const deletePlaces = async (tx: TenantTx, ids: readonly string[]): Promise<void> => {
  await sql`delete from app.limit_place where tenant_id = ${tx.tenantId} and id = any(${ids}::uuid[])`.execute(tx)
}

/** Lets a place count no longer under one of its labels. */
export const dropLabel = async (tx: TenantTx, id: string, label: string): Promise<void> => {
  await sql`update app.limit_place set labels = labels - ${label}::text
    where tenant_id = ${tx.tenantId} and id = ${id}`.execute(tx)
}

/** What each place of this name counts for. */
export const listPlacesOf = async (
  tx: TenantTx,
  name: Uint8Array,
  now: Temporal.Instant,
): Promise<Record<string, number>[]> => {
  const { rows } = await sql<{ labels: Record<string, number> }>`
    select labels from app.limit_place where tenant_id = ${tx.tenantId} and name = ${Buffer.from(name)}
      and erase_at > ${now.toString()}::timestamptz`.execute(tx)
  return rows.map(({ labels }) => labels)
}

/** Says that a web server is there, and counts it with those seen since `gone`. Forgets the others an hour later: clocks
 *  may differ. */
export const countNodes = async (
  tx: InstallationTx,
  id: string,
  now: Temporal.Instant,
  gone: Temporal.Instant,
): Promise<number> => {
  const { rows } = await sql<{ count: number }>`
    with others as (
      select id from app.web_node where id <> ${id} and seen_at > ${gone.toString()}::timestamptz
    ), seen as (
      insert into app.web_node (id, seen_at) values (${id}, ${now.toString()}::timestamptz)
      on conflict (id) do update set seen_at = excluded.seen_at
    ), left_behind as (
      delete from app.web_node where id <> ${id} and seen_at <= ${gone.toString()}::timestamptz - interval '1 hour'
    )
    select 1 + count(*)::int as count from others`.execute(tx)
  return rows[0]?.count ?? 1
}

export const deleteNode = async (tx: InstallationTx, id: string): Promise<void> => {
  await tx.deleteFrom('app.web_node').where('id', '=', id).execute()
}
