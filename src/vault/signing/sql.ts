import type { TenantTx } from '#platform/db/db.ts'
import { instant } from '#platform/db/instants.ts'

export type SigningKeyRow = {
  kid: string
  publicKey: Buffer
  /** Null once the key is retired. */
  sealedSeed: Buffer | null
  generation: number
  retiredAt: Temporal.Instant | null
}

const select = (tx: TenantTx) =>
  tx
    .selectFrom('vault.signing_key')
    .select(['kid', 'public_key', 'sealed_seed', 'generation', 'retired_at'])
    .where('tenant_id', '=', tx.tenantId)

type Selected = Awaited<ReturnType<ReturnType<typeof select>['execute']>>[number]

const toRow = (row: Selected): SigningKeyRow => ({
  kid: row.kid,
  publicKey: row.public_key,
  sealedSeed: row.sealed_seed,
  generation: row.generation,
  retiredAt: row.retired_at && instant(row.retired_at),
})

/** All there ever were, the one in use first, then the last retired. */
export const listSigningKeys = async (tx: TenantTx): Promise<SigningKeyRow[]> =>
  (
    await select(tx)
      .orderBy('retired_at', (order) => order.desc().nullsFirst())
      .execute()
  ).map(toRow)

/** The one in use, locked against being replaced twice. */
export const lockSigningKey = async (tx: TenantTx): Promise<SigningKeyRow | null> => {
  const row = await select(tx).where('retired_at', 'is', null).forUpdate().executeTakeFirst()
  return row ? toRow(row) : null
}

/** Nothing when another process was faster: there is one in use. */
export const insertSigningKey = async (
  tx: TenantTx,
  key: { kid: string; publicKey: Buffer; sealedSeed: Buffer; generation: number; at: Temporal.Instant },
): Promise<void> => {
  await tx
    .insertInto('vault.signing_key')
    .values({
      tenant_id: tx.tenantId,
      kid: key.kid,
      public_key: key.publicKey,
      sealed_seed: key.sealedSeed,
      generation: key.generation,
      made_at: key.at.toString(),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Takes the private half away; the public one stays. */
export const retireSigningKey = async (tx: TenantTx, kid: string, at: Temporal.Instant): Promise<void> => {
  await tx
    .updateTable('vault.signing_key')
    .set({ sealed_seed: null, retired_at: at.toString() })
    .where('tenant_id', '=', tx.tenantId)
    .where('kid', '=', kid)
    .execute()
}
