import { type ColumnType, column, type DeclaredTables, type RowsOf } from '#platform/db/columns.ts'

const { id, time, fact, digest } = column

/** What was published, and how the pages were found. */
export const websiteTables = {
  notice_version: {
    tenant_id: id(),
    number: fact<number>(),
    hash: digest<string>(),
    // Selected as text, since the driver makes a `Date` in the machine's time zone of it.
    effective_from: time<ColumnType<Date, string, never>>(),
    first_seen_at: time(),
    activities: fact<ColumnType<Record<string, string>, string, never>>(),
    notices: fact<ColumnType<unknown, string, never>>(),
  },
  page_check: { tenant_id: id(), note: digest<string>(), checked_at: time(), erase_at: time() },
  published_declaration: {
    tenant_id: id(),
    declaration: fact(),
    version: fact(),
    content: fact<ColumnType<unknown, string, never>>(),
    first_seen_at: time(),
  },
} satisfies DeclaredTables

declare module '#platform/db/tables.ts' {
  interface Tables extends RowsOf<typeof websiteTables> {}
}
