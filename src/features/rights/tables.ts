import { column, type DeclaredTables, type Generated, type MaybeTimestamp, type RowsOf } from '#platform/db/columns.ts'

const { id, time, fact } = column

/** Codes sent to a mailbox. */
export const rightsTables = {
  access_code: {
    tenant_id: id(),
    id: id(),
    record_id: id<string | null>(),
    attempts: fact<Generated<number>>(),
    created_at: time(),
    sent_at: time<MaybeTimestamp>(),
  },
} satisfies DeclaredTables

declare module '#platform/db/tables.ts' {
  interface Tables extends RowsOf<typeof rightsTables> {}
}
