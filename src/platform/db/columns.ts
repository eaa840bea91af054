import type { Tables } from './tables.ts'

/**
 * What may stand in a column. There is no word for something a person typed: that is sealed, in the vault.
 * - `id`: random, leads to nobody by itself
 * - `time`: when something happened or is due
 * - `fact`: a word or number from the program's or the tenant's own list, such as a state, a desk, a page
 * - `sealed`: unreadable without a key, or a key that is itself sealed
 * - `digest`: a keyed or plain hash
 */
export type ColumnKind = 'id' | 'time' | 'fact' | 'sealed' | 'digest'

/** Every column there is: the doctor holds the database against it, the compiler this list against `Tables`. */
export const columns: { readonly [T in keyof Tables]: Readonly<Record<keyof Tables[T], ColumnKind>> } = {
  'app.known_tenant': { id: 'id' },
  'vault.tenant_key': { tenant_id: 'id', wrapped: 'sealed', created_at: 'time', generation: 'fact', used_from: 'time' },
  'vault.record': {
    tenant_id: 'id',
    id: 'id',
    activity: 'fact',
    register_version: 'fact',
    sealed: 'sealed',
    events: 'time',
    promise: 'fact',
    erase_at: 'time',
    erase_rule: 'fact',
    created_at: 'time',
    hold_reason: 'fact',
    held_at: 'time',
    restricted_at: 'time',
  },
  'vault.key': { tenant_id: 'id', record_id: 'id', wrapped: 'sealed', generation: 'fact' },
  'vault.retired_key': { tenant_id: 'id', generation: 'fact', wrapped: 'sealed', retired_at: 'time' },
  'vault.blind_index': { tenant_id: 'id', digest: 'digest', record_id: 'id', generation: 'fact' },
  'vault.erasure': {
    tenant_id: 'id',
    id: 'id',
    activity: 'fact',
    rule: 'fact',
    record_ids: 'id',
    erased_at: 'time',
    written_at: 'time',
  },
  'vault.access': {
    tenant_id: 'id',
    id: 'id',
    record_id: 'id',
    purpose: 'fact',
    actor: 'fact',
    opened_at: 'time',
  },
  appointment: {
    tenant_id: 'id',
    id: 'id',
    site_id: 'fact',
    desk_id: 'fact',
    service_id: 'fact',
    status: 'fact',
    starts_at: 'time',
    ends_at: 'time',
    cells: 'fact',
    sequence: 'fact',
    record_id: 'id',
  },
  cell: {
    tenant_id: 'id',
    site_id: 'fact',
    desk_id: 'fact',
    starts_at: 'time',
    audience: 'fact',
    free_from: 'time',
    appointment_id: 'id',
  },
  consent_record: {
    tenant_id: 'id',
    id: 'id',
    activity: 'fact',
    text_version: 'fact',
    text_hash: 'digest',
    language: 'fact',
    record_id: 'id',
    given_at: 'time',
    withdrawn_at: 'time',
    live_record_id: 'id',
    kept_for: 'fact',
    ended_at: 'time',
    erase_at: 'time',
  },
  mail_delivery: {
    tenant_id: 'id',
    id: 'id',
    kind: 'fact',
    about: 'id',
    record_id: 'id',
    status: 'fact',
    attempts: 'fact',
    last_code: 'fact',
    queued_at: 'time',
    ended_at: 'time',
    kept_for: 'fact',
    erase_at: 'time',
  },
  page_count: { tenant_id: 'id', day: 'time', page: 'fact', views: 'fact', erase_at: 'time' },
  notice_version: {
    tenant_id: 'id',
    number: 'fact',
    hash: 'digest',
    effective_from: 'time',
    first_seen_at: 'time',
    activities: 'fact',
    notices: 'fact',
  },
  published_declaration: {
    tenant_id: 'id',
    declaration: 'fact',
    version: 'fact',
    content: 'fact',
    first_seen_at: 'time',
  },
  access_code: {
    tenant_id: 'id',
    id: 'id',
    record_id: 'id',
    attempts: 'fact',
    created_at: 'time',
    sent_at: 'time',
  },
}
