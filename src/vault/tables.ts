import {
  type ColumnType,
  column,
  type DeclaredTables,
  type Generated,
  type Json,
  type MaybeTimestamp,
  type RowsOf,
} from '#platform/db/columns.ts'

const { id, time, fact, size, sealed, digest } = column

/** What only the program's updates write, never an insert. */
type Later<T> = ColumnType<T | null, never, T | null>

/** Records, their keys and indexes, and what is left of them. */
export const vaultTables = {
  'vault.tenant_key': {
    tenant_id: id(),
    wrapped: sealed(),
    created_at: time(),
    generation: fact<Generated<number>>(),
    used_from: time<MaybeTimestamp>(),
  },
  'vault.retired_key': { tenant_id: id(), generation: fact<number>(), wrapped: sealed(), retired_at: time() },
  'vault.signing_key': {
    tenant_id: id(),
    kid: digest<string>(),
    public_key: column.public(),
    sealed_seed: sealed<Buffer | null>(),
    generation: fact<number>(),
    made_at: time(),
    retired_at: time<MaybeTimestamp>(),
  },
  'vault.record': {
    tenant_id: id(),
    id: id(),
    activity: fact(),
    register_version: fact(),
    sealed: sealed(),
    events: time<Json<Record<string, string>>>(),
    promise: fact<ColumnType<{ id: string; trigger: string; period: string }[], string, never>>(),
    purposes: fact<string[] | null>(),
    erase_at: time<ColumnType<Date | null, string | null, string | null>>(),
    erase_rule: fact<string | null>(),
    hold_reason: fact<Later<string>>(),
    held_at: time<ColumnType<Date | null, never, string | null>>(),
    restricted_at: time<ColumnType<Date | null, never, string | null>>(),
    created_at: time(),
  },
  'vault.key': { tenant_id: id(), record_id: id(), wrapped: sealed(), generation: fact<Generated<number>>() },
  'vault.blind_index': { tenant_id: id(), digest: digest(), record_id: id(), generation: fact<Generated<number>>() },
  'vault.blob': {
    tenant_id: id(),
    id: id(),
    record_id: id(),
    field: fact(),
    chunks: size<Generated<number>>(),
    size: size<Generated<number>>(),
    sealed_end: sealed<Later<Buffer>>(),
    unfinished_until: time<ColumnType<Date | null, string, null>>(),
  },
  'vault.blob_chunk': { tenant_id: id(), blob_id: id(), number: size(), sealed: sealed() },
  'vault.erasure': {
    tenant_id: id(),
    id: id(),
    activity: fact(),
    rule: fact(),
    record_ids: id<string[]>(),
    erased_at: time(),
    written_at: time<ColumnType<Date | null, never, string>>(),
  },
  'vault.hold_change': {
    tenant_id: id(),
    id: id(),
    record_id: id(),
    kind: fact(),
    cause: fact<string | null>(),
    changed_at: time(),
    written_at: time<ColumnType<Date | null, never, string>>(),
  },
  'vault.access': {
    tenant_id: id(),
    id: id(),
    record_id: id(),
    purpose: fact(),
    actor: fact(),
    opened_at: time(),
  },
} satisfies DeclaredTables

declare module '#platform/db/tables.ts' {
  interface Tables extends RowsOf<typeof vaultTables> {}
}
