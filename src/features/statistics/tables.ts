import { column, type DeclaredTables, type RowsOf } from '#platform/db/columns.ts'

const { id, time, fact } = column

/** Page views, as numbers of a day. */
export const statisticsTables = {
  page_count: { tenant_id: id(), day: time<string>(), page: fact(), views: fact<number>(), erase_at: time() },
} satisfies DeclaredTables

declare module '#platform/db/tables.ts' {
  interface Tables extends RowsOf<typeof statisticsTables> {}
}
