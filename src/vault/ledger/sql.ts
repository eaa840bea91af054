import { sql } from 'kysely'
import type { TenantTx } from '#platform/db/db.ts'
import { instant } from '#platform/db/instants.ts'
import type { Rule } from '../retention.ts'
import type { ErasureLine, LedgerLine, LegalHoldLine } from './line.ts'

export const listErasures = async (tx: TenantTx, limit: number) => {
  const rows = await tx
    .selectFrom('vault.erasure')
    .select(['activity', 'rule', 'record_ids', 'erased_at'])
    .where('tenant_id', '=', tx.tenantId)
    .orderBy('erased_at', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    activity: row.activity,
    rule: row.rule,
    count: row.record_ids.length,
    at: instant(row.erased_at),
  }))
}

/** Which of these records some line says are erased. */
export const whichErased = async (tx: TenantTx, ids: readonly string[]): Promise<string[]> => {
  const { rows } = await sql<{ id: string }>`
    select distinct gone as id from vault.erasure, unnest(record_ids) gone
    where tenant_id = ${tx.tenantId} and gone = any(${ids}::uuid[])`.execute(tx)
  return rows.map(({ id }) => id)
}

const selectErasures = (tx: TenantTx) =>
  tx
    .selectFrom('vault.erasure')
    .select(['id', 'activity', 'rule', 'record_ids', 'erased_at'])
    .where('tenant_id', '=', tx.tenantId)

const selectChanges = (tx: TenantTx) =>
  tx
    .selectFrom('vault.hold_change')
    .select(['id', 'record_id', 'kind', 'cause', 'changed_at'])
    .where('tenant_id', '=', tx.tenantId)

type Row<Q extends typeof selectErasures | typeof selectChanges> = Awaited<ReturnType<ReturnType<Q>['execute']>>[number]

const toErasure = (tenant: string, row: Row<typeof selectErasures>): ErasureLine => ({
  kind: 'erased',
  tenant,
  id: row.id,
  activity: row.activity,
  rule: row.rule,
  records: row.record_ids,
  at: instant(row.erased_at),
})

// The table's own checks hold kind and cause together.
const toChange = (tenant: string, row: Row<typeof selectChanges>): LegalHoldLine =>
  ({
    kind: row.kind,
    tenant,
    id: row.id,
    record: row.record_id,
    ...(row.cause !== null && { cause: row.cause }),
    at: instant(row.changed_at),
  }) as LegalHoldLine

/** The line of this id; null when there is none. */
export const findLine = async (tx: TenantTx, id: string): Promise<LedgerLine | null> => {
  const erasure = await selectErasures(tx).where('id', '=', id).executeTakeFirst()
  if (erasure) return toErasure(tx.tenantId, erasure)
  const change = await selectChanges(tx).where('id', '=', id).executeTakeFirst()
  return change ? toChange(tx.tenantId, change) : null
}

type Mark = { at: Temporal.Instant; id: string }

/** Erasures after a given line, by instant and id, oldest first. */
export const listErasureLines = async (tx: TenantTx, after: Mark, limit: number): Promise<ErasureLine[]> => {
  const rows = await selectErasures(tx)
    .where(sql<boolean>`(erased_at, id) > (${after.at.toString()}::timestamptz, ${after.id}::uuid)`)
    .orderBy('erased_at')
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map((row) => toErasure(tx.tenantId, row))
}

const knowsChanges = async (tx: TenantTx): Promise<boolean> =>
  (await sql<{ is: boolean }>`select to_regclass('vault.hold_change') is not null as is`.execute(tx)).rows[0]?.is ===
  true

/** The same of what legal holds changed; none in a database of a version that did not take it down, as a backup meets it. */
export const listLegalHoldLines = async (tx: TenantTx, after: Mark, limit: number): Promise<LegalHoldLine[]> => {
  if (!(await knowsChanges(tx))) return []
  const rows = await selectChanges(tx)
    .where(sql<boolean>`(changed_at, id) > (${after.at.toString()}::timestamptz, ${after.id}::uuid)`)
    .orderBy('changed_at')
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map((row) => toChange(tx.tenantId, row))
}

/** Takes down what a legal hold changed. False when it stands there already, as in a restored backup. */
export const insertChange = async (tx: TenantTx, line: LegalHoldLine): Promise<boolean> => {
  const inserted = await tx
    .insertInto('vault.hold_change')
    .values({
      tenant_id: tx.tenantId,
      id: line.id,
      record_id: line.record,
      kind: line.kind,
      cause: line.kind === 'released' ? null : line.cause,
      changed_at: line.at.toString(),
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst()
  return inserted !== undefined
}

export const findPromises = async (tx: TenantTx, ids: readonly string[]): Promise<{ id: string; promise: Rule[] }[]> =>
  tx
    .selectFrom('vault.record')
    .select(['id', 'promise'])
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', sql<string>`any(${ids}::uuid[])`)
    .execute()

/** Erases whatever of these records is there, and keeps the ledger's line as it was, also where nothing is left. One
 *  that was held when the backup was made had been released before it went. */
export const eraseAgain = async (tx: TenantTx, line: ErasureLine): Promise<void> => {
  await sql`update vault.record set hold_reason = null, held_at = null, restricted_at = null
    where tenant_id = ${tx.tenantId} and id = any(${line.records}::uuid[]) and hold_reason is not null`.execute(tx)
  await sql`
    with gone as (
      delete from vault.record where tenant_id = ${tx.tenantId} and id = any(${line.records}::uuid[])
    ), trail as (
      delete from vault.access where tenant_id = ${tx.tenantId} and record_id = any(${line.records}::uuid[])
    )
    insert into vault.erasure (tenant_id, id, activity, rule, record_ids, erased_at)
    values (${tx.tenantId}, ${line.id}, ${line.activity}, ${line.rule}, ${line.records}::uuid[], ${line.at.toString()})
    on conflict (tenant_id, id) do nothing`.execute(tx)
}

// The file outside the database is written moments after an erasure; until then a restore would undo it, and somebody has
// to know when these moments become hours.

/** Notes that the file has the line of this id. */
export const updateWritten = async (tx: TenantTx, id: string, at: Temporal.Instant): Promise<void> => {
  for (const table of ['vault.erasure', 'vault.hold_change']) {
    await sql`update ${sql.table(table)} set written_at = ${at.toString()}
      where tenant_id = ${tx.tenantId} and id = ${id} and written_at is null`.execute(tx)
  }
}

/** Notes that the file has every line up to then: it has just been completed. */
export const updateAllWritten = async (tx: TenantTx, until: Temporal.Instant): Promise<void> => {
  await sql`update vault.erasure set written_at = ${until.toString()}
    where tenant_id = ${tx.tenantId} and written_at is null and erased_at <= ${until.toString()}`.execute(tx)
  await sql`update vault.hold_change set written_at = ${until.toString()}
    where tenant_id = ${tx.tenantId} and written_at is null and changed_at <= ${until.toString()}`.execute(tx)
}

/** When the oldest of these happened of which the file has no line. */
export const firstUnwritten = async (tx: TenantTx): Promise<Temporal.Instant | null> => {
  const { rows } = await sql<{ first: Date | null }>`
    select least(
      (select min(erased_at) from vault.erasure where tenant_id = ${tx.tenantId} and written_at is null),
      (select min(changed_at) from vault.hold_change where tenant_id = ${tx.tenantId} and written_at is null)
    ) as first`.execute(tx)
  return rows[0]?.first ? instant(rows[0].first) : null
}
