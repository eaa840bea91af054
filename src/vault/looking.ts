import type { TenantTx } from '#platform/db/db.ts'
import { uuid } from '#platform/random.ts'
import { getActivity, type LookReason } from '#register/register.ts'
import type { Core } from './core.ts'
import { restrictedSince } from './legal-hold.ts'
import { openedFor, refusePurpose } from './purposes.ts'
import { openFields } from './seal.ts'
import * as sql from './sql.ts'
import { insertLook, type LooksBefore } from './trail/sql.ts'
import type { OpenRecord, Vault } from './vault.ts'

type Looking = Pick<Vault, 'open' | 'openMany' | 'findBySubject' | 'findRestricted' | 'listBySubject' | 'matches'>

/** Who looks at what: for a declared purpose, and with a line in the trail. */
export const looking = ({ clock, random, keyring, runningOf, digestsOf, keyOf }: Core): Looking => {
  const opened = (row: sql.RecordRow, fields: OpenRecord['fields'], before: LooksBefore): OpenRecord => ({
    id: row.id,
    activity: row.activity,
    fields,
    createdAt: row.createdAt,
    events: row.events,
    due: row.eraseAt && row.eraseRule ? { at: row.eraseAt, rule: row.eraseRule } : null,
    legalHold: row.legalHold && {
      reason: row.legalHold.reason,
      since: row.legalHold.at,
      restrictedSince: restrictedSince(row.legalHold.restrictedAt, row.eraseAt, clock()),
    },
    looks: before.get(row.id) ?? { count: 0, last: null },
  })

  const openAll = async (tx: TenantTx, rows: readonly sql.RecordRow[], access: LookReason): Promise<OpenRecord[]> => {
    for (const row of rows) refusePurpose(getActivity(runningOf(tx), row.activity), row.purposes, access)
    const fields: OpenRecord['fields'][] = []
    for (const row of rows) {
      const { key, place } = await keyOf(tx, row)
      fields.push(openFields(key, row.sealed, place))
    }
    const records = rows.map(({ id }) => id)
    const before = await insertLook(tx, { id: uuid(random), records, ...access, at: clock() })
    return rows.map((row, i) => opened(row, fields[i] ?? {}, before))
  }

  const find = async (
    tx: TenantTx,
    { field, value, which }: { field: string; value: string; which: sql.Readable },
    access: LookReason,
  ): Promise<OpenRecord[]> => {
    const activities = openedFor(runningOf(tx), access)
    if (!(await keyring.hasAny(tx))) return [] // it has never run here, and nothing is stored of it
    const rows = await sql.findByDigest(tx, await digestsOf(tx, field, value), { now: clock(), which, activities })
    return openAll(tx, rows, access)
  }

  const openMany: Vault['openMany'] = async (tx, recordIds, access) => {
    const rows = new Map((await sql.findRecords(tx, recordIds, clock())).map((row) => [row.id, row]))
    const asked = [...new Set(recordIds)].flatMap((id) => rows.get(id) ?? [])
    return openAll(tx, asked, access)
  }

  return {
    open: async (tx, recordId, access) => (await openMany(tx, [recordId], access))[0] ?? null,

    openMany,

    findBySubject: (tx, field, value, access) => find(tx, { field, value, which: 'in-use' }, access),

    findRestricted: (tx, field, value, access) => find(tx, { field, value, which: 'restricted' }, access),

    listBySubject: async (tx, field, value) => sql.listByDigest(tx, await digestsOf(tx, field, value), clock()),

    matches: async (tx, recordId, field, value) => sql.hasDigest(tx, recordId, await digestsOf(tx, field, value)),
  }
}
