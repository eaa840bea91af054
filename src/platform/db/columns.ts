import type { ColumnType } from 'kysely'

export type { ColumnType, Generated } from 'kysely'

/**
 * What may stand in a column. There is no word for something a person typed: that is sealed, in the vault.
 * - `id`: random, leads to nobody by itself
 * - `time`: when something happened or is due
 * - `schedule`: a time out of opening hours, the same whoever takes it
 * - `fact`: a word or number from the program's or the tenant's own list, such as a state, a desk, a page
 * - `size`: how much somebody gave, in bytes or pieces
 * - `sealed`: unreadable without a key, or a key that is itself sealed
 * - `digest`: a keyed or plain hash
 * - `public`: published by the tenant anyway, such as a public key
 */
type ColumnKind = 'id' | 'time' | 'schedule' | 'fact' | 'size' | 'sealed' | 'digest' | 'public'

declare const valueType: unique symbol

/** A column: what may stand in it, and the type that Kysely reads and writes. */
type Column<T> = { readonly kind: ColumnKind; readonly [valueType]?: T }

/** Tables with their columns, by their names in the database (without `public.`). */
export type DeclaredTables = Readonly<Record<string, Readonly<Record<string, { readonly kind: ColumnKind }>>>>

/** The rows of declared tables, as Kysely knows them. */
export type RowsOf<D extends DeclaredTables> = {
  [T in keyof D]: { -readonly [C in keyof D[T]]: D[T][C] extends Column<infer V> ? V : never }
}

/** Timestamps go in as ISO text and come out as `Date`; `Temporal.Instant` at the edge of each `sql.ts`. */
type Timestamp = ColumnType<Date, string, string>

/** A timestamp that may be missing. A row is made without it, or with it. */
export type MaybeTimestamp = ColumnType<Date | null, string | null | undefined, string | null>

/** JSON: goes in as text, and comes out as `T`. */
export type Json<T> = ColumnType<T, string, string>

const of =
  <Usual>(kind: ColumnKind) =>
  <T = Usual>(): Column<T> => ({ kind })

/** Says what a column is, by kind, and, where it is not the usual one for that kind, which type it has in TypeScript. */
export const column = {
  id: of<string>('id'),
  time: of<Timestamp>('time'),
  schedule: of<Timestamp>('schedule'),
  fact: of<string>('fact'),
  size: of<number>('size'),
  sealed: of<Buffer>('sealed'),
  digest: of<Buffer>('digest'),
  public: of<Buffer>('public'),
}

/** Every declared column by its full name, `schema.table.column`, and what may stand in it. */
export const columnKinds = (tables: DeclaredTables): ReadonlyMap<string, ColumnKind> =>
  new Map(
    Object.entries(tables).flatMap(([table, columns]) =>
      Object.entries(columns).map(
        ([name, { kind }]) => [`${table.includes('.') ? table : `public.${table}`}.${name}`, kind] as const,
      ),
    ),
  )
