import type { KeyObject } from 'node:crypto'
import type { Clock } from '#platform/clock.ts'
import { RefusedError } from '#platform/config.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { type Masters, openTenantKey, type TenantKeys } from '../keys.ts'
import { TamperedError } from '../seal.ts'
import { listTenantKeys, type TenantKeyRow } from './sql.ts'

/** How long a process goes by what it knows of a tenant's generations. Shorter than a new one is announced before it is
 *  used, so that nobody looks for a record under old keys only. */
export const ringLasts = Temporal.Duration.from('PT1M')

/** One tenant's keys of all generations in use. */
export type Ring = {
  /** The generation under which new things are sealed at this moment. */
  current: { generation: number; keys: TenantKeys }
  /** Every generation, newest first: things are looked for under each of them. */
  all: { generation: number; keys: TenantKeys }[]
}

type Held = {
  rows: readonly TenantKeyRow[]
  opened: Map<number, { wrapped: Buffer; keys: TenantKeys }>
  readAt: Temporal.Instant
}

const openWithAny = (masters: readonly KeyObject[], tenantId: string, wrapped: Buffer): TenantKeys | null => {
  for (const master of masters) {
    try {
      return openTenantKey(master, tenantId, wrapped)
    } catch (error) {
      if (!(error instanceof TamperedError)) throw error
    }
  }
  return null
}

/** Opens a tenant's wrapped key with whichever master key fits, reading the file anew if none does.
 *  @throws TamperedError */
export const unwrap = (masters: Masters, tenantId: string, wrapped: Buffer): TenantKeys => {
  const keys = openWithAny(masters.keys(), tenantId, wrapped) ?? openWithAny(masters.read(), tenantId, wrapped)
  if (!keys) throw new TamperedError()
  return keys
}

const isUsed = (row: TenantKeyRow, now: Temporal.Instant): boolean =>
  row.usedFrom === null || Temporal.Instant.compare(row.usedFrom, now) <= 0

/** The keys of all tenants that this process has met, in memory. */
export const createKeyring = (masters: Masters, clock: Clock) => {
  const held = new Map<string, Held>()

  const read = async (tx: TenantTx): Promise<Held> => {
    const readAt = clock() // from before the question: however long the answer takes, it is as old as that
    const rows = await listTenantKeys(tx)
    if (rows.length === 0) {
      throw new RefusedError(`The tenant ${tx.tenantId} has never run on this database: start the server once.`)
    }
    const before = held.get(tx.tenantId)?.opened
    const opened: Held['opened'] = new Map()
    for (const { generation, wrapped } of rows) {
      const known = before?.get(generation)
      if (known?.wrapped.equals(wrapped)) {
        opened.set(generation, known)
        continue
      }
      try {
        opened.set(generation, { wrapped, keys: unwrap(masters, tx.tenantId, wrapped) })
      } catch (error) {
        // Wrapped anew under a master key whose file has not reached this machine yet: what is inside stays the same.
        if (!known || !(error instanceof TamperedError)) throw error
        opened.set(generation, known)
      }
    }
    const fresh = { rows, opened, readAt }
    held.set(tx.tenantId, fresh)
    return fresh
  }

  const isFresh = ({ readAt }: Held): boolean => {
    const age = readAt.until(clock())
    return age.sign >= 0 && Temporal.Duration.compare(age, ringLasts) < 0
  }

  const get = async (tx: TenantTx): Promise<Held> => {
    const known = held.get(tx.tenantId)
    return known && isFresh(known) ? known : read(tx)
  }

  const keysIn = ({ opened }: Held, generation: number): TenantKeys | undefined => opened.get(generation)?.keys

  return {
    /** False of a tenant that has never run on this database. */
    hasAny: async (tx: TenantTx): Promise<boolean> => held.has(tx.tenantId) || (await listTenantKeys(tx)).length > 0,
    ring: async (tx: TenantTx): Promise<Ring> => {
      const found = await get(tx)
      const all = found.rows.flatMap(({ generation }) => {
        const keys = keysIn(found, generation)
        return keys ? [{ generation, keys }] : []
      })
      const now = clock()
      const used = found.rows.find((row) => isUsed(row, now)) ?? found.rows.at(-1)
      const current = all.find(({ generation }) => generation === used?.generation)
      if (!current) throw new TamperedError()
      return { current, all }
    },
    /** @throws TamperedError when the tenant has no key of this generation (any more). */
    ofGeneration: async (tx: TenantTx, generation: number): Promise<TenantKeys> => {
      const keys = keysIn(await get(tx), generation) ?? keysIn(await read(tx), generation)
      if (!keys) throw new TamperedError()
      return keys
    },
    /** What was read in a transaction that may have been rolled back. */
    forget: (tenantId: string): void => void held.delete(tenantId),
  }
}

export type Keyring = ReturnType<typeof createKeyring>
