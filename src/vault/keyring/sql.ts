import { sql } from 'kysely'
import type { InstallationTx, TenantTx } from '#platform/db/db.ts'
import { instant } from '#platform/db/instants.ts'

export type TenantKeyRow = { generation: number; wrapped: Buffer; usedFrom: Temporal.Instant | null }

/** A tenant's wrapped keys, newest generation first. `usedFrom` of a retired one is null: it was in use. */
export const listTenantKeys = async (tx: TenantTx): Promise<TenantKeyRow[]> => {
  const { rows } = await sql<{ generation: number; wrapped: Buffer; used_from: Date | null }>`
    select generation, wrapped, used_from from vault.tenant_key where tenant_id = ${tx.tenantId}
    union all
    select generation, wrapped, null from vault.retired_key where tenant_id = ${tx.tenantId}
    order by generation desc`.execute(tx)
  return rows.map((row) => ({
    generation: row.generation,
    wrapped: row.wrapped,
    usedFrom: row.used_from && instant(row.used_from),
  }))
}

/** The same, locked against a second rotation at the same time. */
export const lockTenantKeys = async (tx: TenantTx): Promise<TenantKeyRow[]> => {
  await sql`select from vault.tenant_key where tenant_id = ${tx.tenantId} for no key update`.execute(tx)
  return listTenantKeys(tx)
}

export const insertTenantKey = async (tx: TenantTx, wrapped: Buffer, at: Temporal.Instant): Promise<void> => {
  await tx
    .insertInto('app.known_tenant')
    .values({ id: tx.tenantId })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  await tx
    .insertInto('vault.tenant_key')
    .values({ tenant_id: tx.tenantId, wrapped, created_at: at.toString() })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Makes a new generation the tenant's key and keeps the one before as retired. */
export const replaceTenantKey = async (
  tx: TenantTx,
  key: { generation: number; wrapped: Buffer; at: Temporal.Instant; usedFrom: Temporal.Instant },
): Promise<void> => {
  await sql`
    with before as (
      insert into vault.retired_key (tenant_id, generation, wrapped, retired_at)
      select tenant_id, generation, wrapped, ${key.usedFrom.toString()}::timestamptz
      from vault.tenant_key where tenant_id = ${tx.tenantId}
    )
    update vault.tenant_key
    set generation = ${key.generation}, wrapped = ${key.wrapped}, created_at = ${key.at.toString()}::timestamptz,
        used_from = ${key.usedFrom.toString()}::timestamptz
    where tenant_id = ${tx.tenantId}`.execute(tx)
}

/** Puts other wrappings around the same keys, by generation. */
export const updateTenantKeys = async (
  tx: TenantTx,
  keys: readonly Pick<TenantKeyRow, 'generation' | 'wrapped'>[],
): Promise<void> => {
  for (const table of ['vault.tenant_key', 'vault.retired_key'] as const) {
    for (const { generation, wrapped } of keys) {
      await tx
        .updateTable(table)
        .set({ wrapped })
        .where('tenant_id', '=', tx.tenantId)
        .where('generation', '=', generation)
        .execute()
    }
  }
}

export type OlderKey = {
  id: string
  activity: string
  registerVersion: string
  sealed: Buffer
  wrapped: Buffer
  generation: number
  digests: Buffer[]
}

/** Records after this id whose keys are of an older generation, locked; those that are locked already are left out. */
export const lockOlderKeys = async (
  tx: TenantTx,
  generation: number,
  after: string,
  limit: number,
): Promise<OlderKey[]> => {
  const { rows } = await sql<Omit<OlderKey, 'registerVersion'> & { register_version: string }>`
    select r.id, r.activity, r.register_version, r.sealed, k.wrapped, k.generation, array(
      select b.digest from vault.blind_index b
      where b.tenant_id = k.tenant_id and b.record_id = k.record_id and b.generation < ${generation}
    ) as digests
    from vault.key k join vault.record r on r.tenant_id = k.tenant_id and r.id = k.record_id
    where k.tenant_id = ${tx.tenantId} and k.record_id > ${after}::uuid and k.generation < ${generation}
    order by k.record_id limit ${limit} for update of k skip locked`.execute(tx)
  return rows.map(({ register_version, ...row }) => ({ ...row, registerVersion: register_version }))
}

export const updateKeys = async (
  tx: TenantTx,
  generation: number,
  keys: readonly { recordId: string; wrapped: Buffer }[],
): Promise<void> => {
  if (keys.length === 0) return
  await sql`
    update vault.key k set wrapped = n.wrapped, generation = ${generation}
    from unnest(${keys.map((key) => key.recordId)}::uuid[], ${keys.map((key) => key.wrapped)}::bytea[]) n (id, wrapped)
    where k.tenant_id = ${tx.tenantId} and k.record_id = n.id`.execute(tx)
}

/** The ids of the records with one of these check values, for `id = …`. As an array, found first: PostgreSQL keeps no
 *  statistics of check values, and would join as if thousands had the same. */
export const anyWithDigest = (tx: TenantTx, digests: readonly Buffer[]) => sql`any(array(
  select record_id from vault.blind_index where tenant_id = ${tx.tenantId} and digest = any(${digests}::bytea[])))`

export const updateDigests = async (
  tx: TenantTx,
  generation: number,
  digests: readonly { recordId: string; old: Buffer; now: Buffer }[],
): Promise<void> => {
  if (digests.length === 0) return
  await sql`
    update vault.blind_index b set digest = n.now, generation = ${generation}
    from unnest(${digests.map((each) => each.recordId)}::uuid[], ${digests.map((each) => each.old)}::bytea[],
                ${digests.map((each) => each.now)}::bytea[]) n (id, old, now)
    where b.tenant_id = ${tx.tenantId} and b.record_id = n.id and b.digest = n.old`.execute(tx)
}

/** Deletes keys that were retired before and that nothing needs. Returns how many. */
export const deleteRetiredKeys = async (tx: TenantTx, before: Temporal.Instant): Promise<number> => {
  const { numAffectedRows } = await sql`
    delete from vault.retired_key old
    where tenant_id = ${tx.tenantId} and retired_at < ${before.toString()}::timestamptz
      and not exists (select from vault.key k where k.tenant_id = old.tenant_id and k.generation = old.generation)
      and not exists (select from vault.blind_index b where b.tenant_id = old.tenant_id and b.generation = old.generation)
      and not exists (select from vault.signing_key s where s.tenant_id = old.tenant_id
                      and s.generation = old.generation and s.sealed_seed is not null)`.execute(tx)
  return Number(numAffectedRows ?? 0)
}

/** Writes the file of all tenants' keys anew, without the bytes of erased ones. False: it was in use, or
 *  erased ones had to be taken along, as somebody could still see them. */
export const compactKeys = async (tx: InstallationTx): Promise<boolean> =>
  (await sql<{ done: boolean }>`select vault.compact_keys() as done`.execute(tx)).rows[0]?.done === true
