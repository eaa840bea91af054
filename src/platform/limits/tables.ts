import { column, type DeclaredTables, type Json, type RowsOf } from '#platform/db/columns.ts'

const { id, time, sealed, digest } = column

/** What one caller has, and how many web servers count it. */
export const limitTables = {
  'app.limit_salt': { tenant_id: id(), id: id(), day: time<string>(), salt: sealed(), erase_at: time() },
  'app.limit_place': {
    tenant_id: id(),
    id: digest<string>(),
    salt_id: id(),
    name: digest(),
    labels: digest<Json<Record<string, number>>>(),
    erase_at: time(),
  },
  'app.web_node': { id: id(), seen_at: time() },
} satisfies DeclaredTables

declare module '#platform/db/tables.ts' {
  interface Tables extends RowsOf<typeof limitTables> {}
}
