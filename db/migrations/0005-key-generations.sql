-- A tenant's key has generations. The newest one wraps; older ones stay until nothing is wrapped or indexed by them.
alter table vault.tenant_key add column generation int not null default 1;
-- From then on the newest generation is used; until then every server learns of it. Null: since ever.
alter table vault.tenant_key add column used_from timestamptz;
alter table vault.key add column generation int not null default 1;
alter table vault.blind_index add column generation int not null default 1;

create table vault.retired_key (
  tenant_id uuid not null references vault.tenant_key,
  generation int not null,
  wrapped bytea not null,
  retired_at timestamptz not null,
  primary key (tenant_id, generation)
);
select app.protect(t) from unnest(array['vault.retired_key']::regclass[]) t;
