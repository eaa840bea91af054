-- Everything of a tenant is behind forced row-level security: a transaction sees the rows of the tenant it was opened
-- for, and without one the cast fails. Policies compare uuids only: other operators could not use an index here.
create schema app;
create schema vault;
grant usage on schema app, vault to anlaufstelle_app;

create function app.tenant() returns uuid language sql stable parallel safe
  as $$ select current_setting('app.tenant_id')::uuid $$;

-- Puts a table behind the tenant's policy and gives the app role what it needs.
create function app.protect(name regclass) returns void language plpgsql as $$
begin
  execute format('alter table %s enable row level security', name);
  execute format('alter table %s force row level security', name);
  execute format('create policy tenant on %s using (tenant_id = app.tenant()) with check (tenant_id = app.tenant())', name);
  execute format('grant select, insert, update, delete on %s to anlaufstelle_app', name);
end $$;

-- Which tenants there are or have been, so that what is due is erased also when a tenant's files are faulty or gone.
-- Ids only, and therefore without a policy.
create table app.known_tenant (
  id uuid primary key
);
grant select, insert on app.known_tenant to anlaufstelle_app;

-- The tenant's own key, wrapped by the master key that lives in a file outside the database.
create table vault.tenant_key (
  tenant_id uuid primary key,
  wrapped bytea not null,
  created_at timestamptz not null
);

-- A record: the fields a person gave for one activity, sealed under a key of their own.
create table vault.record (
  tenant_id uuid not null references vault.tenant_key,
  id uuid not null,
  activity text not null,
  register_version text not null,
  sealed bytea not null,
  -- instants of what happened, by trigger of the register; they say nothing about a person
  events jsonb not null default '{}',
  -- the periods declared when the record was made, which the person was told: later ones may shorten them, never lengthen
  promise jsonb not null default '[]',
  erase_at timestamptz,
  erase_rule text,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  check ((erase_at is null) = (erase_rule is null))
);
create index record_due on vault.record (tenant_id, erase_at) where erase_at is not null;

-- Kept apart from the records, so that a backup of one without the other opens nothing.
create table vault.key (
  tenant_id uuid not null,
  record_id uuid not null,
  wrapped bytea not null,
  primary key (tenant_id, record_id),
  foreign key (tenant_id, record_id) references vault.record on delete cascade
);

-- HMAC of a field's value under the tenant's index key: finds by exact value, gives none back.
create table vault.blind_index (
  tenant_id uuid not null,
  digest bytea not null,
  record_id uuid not null,
  primary key (tenant_id, digest, record_id),
  foreign key (tenant_id, record_id) references vault.record on delete cascade
);
create index blind_index_of on vault.blind_index (tenant_id, record_id);

-- What was erased, when and by which rule: ids only, no person.
create table vault.erasure (
  tenant_id uuid not null,
  id uuid not null,
  activity text not null,
  rule text not null,
  record_ids uuid[] not null,
  erased_at timestamptz not null,
  primary key (tenant_id, id)
);
create index erasure_by_time on vault.erasure (tenant_id, erased_at);

-- Who opened which record for what; names records, not people. Goes with its record, but by no foreign key: the key's
-- share lock would make two callers who look and then erase wait for each other.
create table vault.access (
  tenant_id uuid not null,
  id uuid not null,
  record_id uuid not null,
  purpose text not null,
  actor text not null,
  opened_at timestamptz not null,
  primary key (tenant_id, id)
);
create index access_of on vault.access (tenant_id, record_id);

select app.protect(t) from unnest(array['vault.tenant_key', 'vault.record', 'vault.key', 'vault.blind_index', 'vault.erasure', 'vault.access']::regclass[]) t;
revoke update, delete on vault.erasure from anlaufstelle_app;
revoke update on vault.access from anlaufstelle_app;
