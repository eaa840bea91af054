import type { ColumnType, Generated } from 'kysely'

/** Timestamps go in as ISO text and come out as `Date`; `Temporal.Instant` at the edge of each `sql.ts`. */
type Timestamp = ColumnType<Date, string, string>

/** The tables as `db/migrations` makes them. Every one but the lists of tenants and of web servers has
 *  `tenant_id` and stands behind the tenant's policy. */
export type Tables = {
  'app.known_tenant': { id: string }
  'app.limit_salt': { tenant_id: string; id: string; day: string; salt: Buffer; erase_at: Timestamp }
  'app.limit_place': {
    tenant_id: string
    id: string
    salt_id: string
    name: Buffer
    labels: ColumnType<Record<string, number>, string, string>
    erase_at: Timestamp
  }
  'app.web_node': { id: string; seen_at: Timestamp }
  'vault.tenant_key': {
    tenant_id: string
    wrapped: Buffer
    created_at: Timestamp
    generation: Generated<number>
    used_from: ColumnType<Date | null, string | undefined, string>
  }
  'vault.retired_key': { tenant_id: string; generation: number; wrapped: Buffer; retired_at: Timestamp }
  'vault.signing_key': {
    tenant_id: string
    kid: string
    public_key: Buffer
    sealed_seed: Buffer | null
    generation: number
    made_at: Timestamp
    retired_at: ColumnType<Date | null, string | undefined, string>
  }
  'vault.record': {
    tenant_id: string
    id: string
    activity: string
    register_version: string
    sealed: Buffer
    events: ColumnType<Record<string, string>, string, string>
    promise: ColumnType<{ id: string; trigger: string; period: string }[], string, never>
    purposes: string[] | null
    erase_at: ColumnType<Date | null, string | null, string | null>
    erase_rule: string | null
    hold_reason: ColumnType<string | null, never, string | null>
    held_at: ColumnType<Date | null, never, string | null>
    restricted_at: ColumnType<Date | null, never, string | null>
    created_at: Timestamp
  }
  'vault.key': { tenant_id: string; record_id: string; wrapped: Buffer; generation: Generated<number> }
  'vault.blind_index': { tenant_id: string; digest: Buffer; record_id: string; generation: Generated<number> }
  'vault.erasure': {
    tenant_id: string
    id: string
    activity: string
    rule: string
    record_ids: string[]
    erased_at: Timestamp
    written_at: ColumnType<Date | null, never, string>
  }
  'vault.hold_change': {
    tenant_id: string
    id: string
    record_id: string
    kind: string
    cause: string | null
    changed_at: Timestamp
    written_at: ColumnType<Date | null, never, string>
  }
  'vault.access': {
    tenant_id: string
    id: string
    record_id: string
    purpose: string
    actor: string
    opened_at: Timestamp
  }
  appointment: {
    tenant_id: string
    id: string
    site_id: string
    desk_id: number
    service_ids: string[]
    status: 'held' | 'booked' | 'cancelled' | 'past'
    starts_at: Timestamp
    ends_at: Timestamp
    cells: number
    sequence: Generated<number>
    extended: Generated<number>
    record_id: string | null
    remind_at: ColumnType<Date | null, string | undefined, string | null>
    reminder_id: ColumnType<string | null, string | undefined, string | null>
    moved_at: ColumnType<Date | null, string | undefined, string>
    moved_from: ColumnType<Date | null, string | undefined, string>
    displaced_at: ColumnType<Date | null, string | null | undefined, string | null>
  }
  wish: { tenant_id: string; appointment_id: string; record_id: string; wished_at: Timestamp }
  offer: {
    tenant_id: string
    id: string
    appointment_id: string
    held_id: string | null
    status: 'open' | 'accepted' | 'declined' | 'lapsed' | 'withdrawn'
    site_id: string
    desk_id: number
    starts_at: Timestamp
    ends_at: Timestamp
    offered_at: Timestamp
    until: Timestamp
  }
  cell: {
    tenant_id: string
    site_id: string
    desk_id: number
    starts_at: Timestamp
    audience: 'public' | 'internal' | 'closed'
    free_from: ColumnType<Date | number, string | undefined, string>
    appointment_id: string | null
  }
  consent_record: {
    tenant_id: string
    id: string
    activity: string
    text_version: string
    text_hash: string
    language: string
    record_id: string
    given_at: Timestamp
    withdrawn_at: ColumnType<Date | null, string | null, string | null>
    live_record_id: string | null
    kept_for: string
    ended_at: ColumnType<Date | null, string | null, string | null>
    erase_at: ColumnType<Date | null, never, string | null>
  }
  notice_version: {
    tenant_id: string
    number: number
    hash: string
    /** Selected as text, since the driver makes a `Date` in the machine's time zone of it. */
    effective_from: ColumnType<Date, string, never>
    first_seen_at: Timestamp
    activities: ColumnType<Record<string, string>, string, never>
    notices: ColumnType<unknown, string, never>
  }
  page_check: { tenant_id: string; note: string; checked_at: Timestamp; erase_at: Timestamp }
  published_declaration: {
    tenant_id: string
    declaration: string
    version: string
    content: ColumnType<unknown, string, never>
    first_seen_at: Timestamp
  }
  mail_delivery: {
    tenant_id: string
    id: string
    kind: string
    about: string | null
    record_id: string | null
    status: 'queued' | 'accepted' | 'refused' | 'expired' | 'superseded' | 'unclear'
    attempts: Generated<number>
    handing_over_at: ColumnType<Date | null, never, string | null>
    unclear_at: ColumnType<Date | null, never, string>
    last_code: string | null
    queued_at: Timestamp
    ended_at: ColumnType<Date | null, string | null, string | null>
    kept_for: string
    erase_at: ColumnType<Date | null, never, string | null>
  }
  visit_count: {
    tenant_id: string
    /** The first of the month. */
    day: string
    hour: number
    site_id: string
    service_ids: string[]
    outcome: 'past' | 'cancelled'
    visits: number
    erase_at: Timestamp
  }
  page_count: { tenant_id: string; day: string; page: string; views: number; erase_at: Timestamp }
  access_code: {
    tenant_id: string
    id: string
    record_id: string | null
    attempts: Generated<number>
    created_at: Timestamp
    sent_at: ColumnType<Date | null, string | undefined, string>
  }
}
