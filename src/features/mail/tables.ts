import {
  type ColumnType,
  column,
  type DeclaredTables,
  type Generated,
  type MaybeTimestamp,
  type RowsOf,
} from '#platform/db/columns.ts'

const { id, time, fact } = column

/** What became of each mail. */
export const mailTables = {
  mail_delivery: {
    tenant_id: id(),
    id: id(),
    kind: fact(),
    about: id<string | null>(),
    record_id: id<string | null>(),
    status: fact<'queued' | 'accepted' | 'refused' | 'expired' | 'superseded' | 'unclear'>(),
    attempts: fact<Generated<number>>(),
    handing_over_at: time<MaybeTimestamp>(),
    unclear_at: time<ColumnType<Date | null, never, string>>(),
    last_code: fact<string | null>(),
    queued_at: time(),
    ended_at: time<MaybeTimestamp>(),
    kept_for: fact(),
    erase_at: time<MaybeTimestamp>(),
  },
} satisfies DeclaredTables

declare module '#platform/db/tables.ts' {
  interface Tables extends RowsOf<typeof mailTables> {}
}
