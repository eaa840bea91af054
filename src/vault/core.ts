import type { Clock } from '#platform/clock.ts'
import type { TenantTx } from '#platform/db/db.ts'
import { type Random, uuid } from '#platform/random.ts'
import type { RunningTenant } from '#register/register.ts'
import { isExact } from './fields.ts'
import { createKeyring } from './keyring/keyring.ts'
import { type Masters, openRecordKey } from './keys.ts'
import { blindIndex } from './seal.ts'
import * as sql from './sql.ts'

export type VaultDeps = {
  masters: Masters
  tenants: Iterable<RunningTenant>
  clock: Clock
  random: Random
  /** Called in the transaction that erased, or changed something by a legal hold, with the id of the line in the ledger. */
  onLine: (tx: TenantTx, id: string) => Promise<void>
}

/** What all parts of the vault stand on: tenants, keys, and the one way in which records go. */
export const createCore = ({ masters, tenants, clock, random, onLine }: VaultDeps) => {
  const byId = new Map([...tenants].map((running) => [running.tenant.id, running]))
  const keyring = createKeyring(masters, clock)

  /** Undefined for a tenant that does not run. */
  const findRunning = (tx: TenantTx): RunningTenant | undefined => byId.get(tx.tenantId)

  const runningOf = (tx: TenantTx): RunningTenant => {
    const running = findRunning(tx)
    if (!running) throw new Error(`no running tenant ${tx.tenantId}`)
    return running
  }

  /** A value's check values under each generation of the tenant's key. */
  const digestsOf = async (tx: TenantTx, field: string, value: string): Promise<Buffer[]> => {
    const exact = isExact(runningOf(tx), field)
    return (await keyring.ring(tx)).all.map(({ keys }) => blindIndex(keys.index, field, value, exact))
  }

  /** A record's own key, and what its fields are bound to. @throws TamperedError */
  const keyOf = async (tx: TenantTx, row: sql.RecordRow) => {
    const key = openRecordKey(await keyring.ofGeneration(tx, row.generation), tx.tenantId, row.id, row.wrapped)
    const { activity, registerVersion } = row
    return { key, place: { tenantId: tx.tenantId, recordId: row.id, activity, registerVersion } }
  }

  /** Erases records by one rule, with a line in the ledger. Returns how many there were. */
  const erase = async (tx: TenantTx, ids: readonly string[], activity: string, rule: string): Promise<number> => {
    const id = uuid(random)
    const count = await sql.eraseRecords(tx, ids, { id, activity, rule, at: clock() })
    if (count > 0) await onLine(tx, id)
    return count
  }

  return { masters, clock, random, onLine, keyring, findRunning, runningOf, digestsOf, keyOf, erase }
}

export type Core = ReturnType<typeof createCore>
