import { column, type DeclaredTables, type RowsOf } from './columns.ts'

/** The tables of the installation itself. */
export const installationTables = {
  'app.known_tenant': { id: column.id() },
} satisfies DeclaredTables

/** All tables as `db/migrations` makes them. Whoever owns some declares them in a `tables.ts`, adds their rows to this, and
 *  names the declaration: a feature as `tables` in its `index.ts`, a layer in `apps/tables.ts`. So the doctor holds the
 *  database against it. Every table but the
 *  lists of tenants and of web servers has `tenant_id` and stands behind the tenant's policy. */
export interface Tables extends RowsOf<typeof installationTables> {}
