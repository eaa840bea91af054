import { sql } from 'kysely'
import type { TenantTx } from '#platform/db/db.ts'
import { instant } from '#platform/db/instants.ts'
import type { NoticeContents } from '#register/notice/notice.ts'

/** A version of the notice, without its words. `effectiveFrom` is an ISO 8601 day. */
export type VersionLine = { number: number; hash: string; effectiveFrom: string; firstSeenAt: Temporal.Instant }

/** Makes whoever else prepares this tenant wait until this transaction ends. */
export const lockVersions = async (tx: TenantTx): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`notice_version ${tx.tenantId}`}, 0))`.execute(tx)
}

/** All versions, oldest first. */
export const listVersions = async (tx: TenantTx): Promise<VersionLine[]> => {
  const rows = await tx
    .selectFrom('notice_version')
    .select(['number', 'hash', 'first_seen_at', sql<string>`effective_from::text`.as('effective_from')])
    .where('tenant_id', '=', tx.tenantId)
    .orderBy('number')
    .execute()
  return rows.map((row) => ({
    number: row.number,
    hash: row.hash,
    effectiveFrom: row.effective_from,
    firstSeenAt: instant(row.first_seen_at),
  }))
}

/** What a version says, by language. @throws if there is no such version. */
export const readNotices = async (tx: TenantTx, number: number): Promise<NoticeContents> => {
  const { notices } = await tx
    .selectFrom('notice_version')
    .select('notices')
    .where('tenant_id', '=', tx.tenantId)
    .where('number', '=', number)
    .executeTakeFirstOrThrow()
  return notices as NoticeContents
}

export const insertVersion = async (
  tx: TenantTx,
  version: VersionLine & { activities: Record<string, string>; notices: NoticeContents },
): Promise<void> => {
  await tx
    .insertInto('notice_version')
    .values({
      tenant_id: tx.tenantId,
      number: version.number,
      hash: version.hash,
      effective_from: version.effectiveFrom,
      first_seen_at: version.firstSeenAt.toString(),
      activities: JSON.stringify(version.activities),
      notices: JSON.stringify(version.notices),
    })
    .execute()
}

type Published = { id: string; version: string; content: unknown }

/** Keeps what a declared version says, unless it has been published before: the first time counts. */
export const insertPublished = async (
  tx: TenantTx,
  { id, version, content }: Published,
  now: Temporal.Instant,
): Promise<void> => {
  await tx
    .insertInto('published_declaration')
    .values({
      tenant_id: tx.tenantId,
      declaration: id,
      version,
      content: JSON.stringify(content),
      first_seen_at: now.toString(),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export const listPublished = async (tx: TenantTx): Promise<Published[]> => {
  const rows = await tx
    .selectFrom('published_declaration')
    .select(['declaration', 'version', 'content'])
    .where('tenant_id', '=', tx.tenantId)
    .execute()
  return rows.map(({ declaration, version, content }) => ({ id: declaration, version, content }))
}

/** A note that this tenant's pages were checked, and when that was. */
export type CheckLine = { note: string; checkedAt: Temporal.Instant; eraseAt: Temporal.Instant }

/** Keeps the note; one that is there already is as new as this one. */
export const insertCheck = async (tx: TenantTx, { note, checkedAt, eraseAt }: CheckLine): Promise<void> => {
  const times = { checked_at: checkedAt.toString(), erase_at: eraseAt.toString() }
  await tx
    .insertInto('page_check')
    .values({ tenant_id: tx.tenantId, note, ...times })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'note']).doUpdateSet(times))
    .execute()
}

/** All notes whose end has not come. */
export const listChecks = async (tx: TenantTx, now: Temporal.Instant): Promise<CheckLine[]> => {
  const rows = await tx
    .selectFrom('page_check')
    .select(['note', 'checked_at', 'erase_at'])
    .where('tenant_id', '=', tx.tenantId)
    .where('erase_at', '>', sql<Date>`${now.toString()}::timestamptz`)
    .execute()
  return rows.map((row) => ({
    note: row.note,
    checkedAt: instant(row.checked_at),
    eraseAt: instant(row.erase_at),
  }))
}
