-- What a legal hold changed of a record, for the ledger outside the database: a restored backup knows nothing of a hold
-- placed since, and the first sweep would erase what has to be kept. Ids, instants and words from the program's own lists.
create table vault.hold_change (
  tenant_id uuid not null,
  id uuid not null,
  record_id uuid not null,
  kind text not null check (kind in ('held', 'restricted', 'released')),
  -- the reason of a hold, the trigger of a restriction
  cause text,
  changed_at timestamptz not null,
  -- when the file outside the database had the line
  written_at timestamptz,
  primary key (tenant_id, id),
  check ((cause is null) = (kind = 'released'))
);
create index hold_change_by_time on vault.hold_change (tenant_id, changed_at);
create index hold_change_unwritten on vault.hold_change (tenant_id, changed_at) where written_at is null;

-- The owner, too, is held by the policies; here it has to see every tenant's rows.
alter table vault.record no force row level security;
insert into vault.hold_change (tenant_id, id, record_id, kind, cause, changed_at)
  select tenant_id, gen_random_uuid(), id, 'held', hold_reason, held_at from vault.record where hold_reason is not null;
alter table vault.record force row level security;

select app.protect(t) from unnest(array['vault.hold_change']::regclass[]) t;
revoke update, delete on vault.hold_change from anlaufstelle_app;
grant update (written_at) on vault.hold_change to anlaufstelle_app;
