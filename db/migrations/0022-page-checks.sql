-- When all pages of a tenant were found to agree with its register, and of which program, files, settings and database that
-- was true. A server that finds such a note about itself need not ask them all again.
create table page_check (
  tenant_id uuid not null references vault.tenant_key,
  -- signed with the tenant's keys, so that only a server that holds the master key can have written it
  note text not null,
  checked_at timestamptz not null,
  erase_at timestamptz not null check (erase_at > checked_at),
  primary key (tenant_id, note)
);
select app.protect(t) from unnest(array['page_check']::regclass[]) t;
