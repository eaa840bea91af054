import {
  type ColumnType,
  column,
  type DeclaredTables,
  type Generated,
  type MaybeTimestamp,
  type RowsOf,
} from '#platform/db/columns.ts'

const { id, time, schedule, fact } = column

/** Appointments, the cells they take, wishes for something earlier with their offers, and what visits become. */
export const appointmentTables = {
  appointment: {
    tenant_id: id(),
    id: id(),
    site_id: fact(),
    desk_id: fact<number>(),
    service_ids: fact<string[]>(),
    status: fact<'held' | 'booked' | 'cancelled' | 'past'>(),
    starts_at: time(),
    ends_at: time(),
    cells: fact<number>(),
    sequence: fact<Generated<number>>(),
    extended: fact<Generated<number>>(),
    record_id: id<string | null>(),
    remind_at: time<MaybeTimestamp>(),
    reminder_id: id<ColumnType<string | null, string | undefined, string | null>>(),
    moved_at: time<MaybeTimestamp>(),
    moved_from: time<MaybeTimestamp>(),
    displaced_at: time<MaybeTimestamp>(),
  },
  cell: {
    tenant_id: id(),
    site_id: fact(),
    desk_id: fact<number>(),
    starts_at: schedule(),
    audience: fact<'public' | 'internal' | 'closed'>(),
    free_from: schedule<ColumnType<Date | number, string | undefined, string>>(),
    appointment_id: id<string | null>(),
  },
  wish: { tenant_id: id(), appointment_id: id(), record_id: id(), wished_at: time() },
  offer: {
    tenant_id: id(),
    id: id(),
    appointment_id: id(),
    held_id: id<string | null>(),
    status: fact<'open' | 'accepted' | 'declined' | 'lapsed' | 'withdrawn'>(),
    site_id: fact(),
    desk_id: fact<number>(),
    starts_at: time(),
    ends_at: time(),
    offered_at: time(),
    until: time(),
  },
  visit_count: {
    tenant_id: id(),
    day: time<string>(), // the first of the month
    hour: time<number>(),
    site_id: fact(),
    service_ids: fact<string[]>(),
    outcome: fact<'past' | 'cancelled'>(),
    visits: fact<number>(),
    erase_at: time(),
  },
} satisfies DeclaredTables

declare module '#platform/db/tables.ts' {
  interface Tables extends RowsOf<typeof appointmentTables> {}
}
