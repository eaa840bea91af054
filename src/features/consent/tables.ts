import { column, type DeclaredTables, type MaybeTimestamp, type RowsOf } from '#platform/db/columns.ts'

const { id, time, fact, digest } = column

/** Proofs of consents: which text, when, for which record. */
export const consentTables = {
  consent_record: {
    tenant_id: id(),
    id: id(),
    activity: fact(),
    text_version: fact(),
    text_hash: digest<string>(),
    language: fact(),
    record_id: id(),
    given_at: time(),
    withdrawn_at: time<MaybeTimestamp>(),
    live_record_id: id<string | null>(),
    kept_for: fact(),
    ended_at: time<MaybeTimestamp>(),
    erase_at: time<MaybeTimestamp>(),
  },
} satisfies DeclaredTables

declare module '#platform/db/tables.ts' {
  interface Tables extends RowsOf<typeof consentTables> {}
}
