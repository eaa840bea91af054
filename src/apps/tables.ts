import type { DeclaredTables } from '#platform/db/columns.ts'
import { installationTables } from '#platform/db/tables.ts'
import { limitTables } from '#platform/limits/tables.ts'
import { vaultTables } from '#vault/tables.ts'
import { features } from './features.ts'

/** Every table there is, from those who own them. */
export const tables: DeclaredTables = Object.assign(
  {},
  installationTables,
  limitTables,
  vaultTables,
  ...features.map((feature) => feature.tables),
)
