-- A file that belongs to a record. Its bytes are sealed in chunks under the record's own key, so that whatever ends the key
-- ends them; and they go with the record, by these foreign keys, in the statement that erases it.
create table vault.blob (
  tenant_id uuid not null,
  id uuid not null,
  record_id uuid not null,
  -- of the record's activity
  field text not null,
  -- how much of it has arrived
  chunks int not null default 0,
  size int not null default 0,
  -- says under the record's key how many chunks and bytes it has; null until it is whole
  sealed_end bytea,
  -- until then it may be finished, then it goes
  unfinished_until timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, record_id) references vault.record on delete cascade,
  constraint finished_or_ends check ((sealed_end is null) = (unfinished_until is not null))
);
create index blob_of on vault.blob (tenant_id, record_id);
create index blob_unfinished on vault.blob (tenant_id, unfinished_until) where unfinished_until is not null;

create table vault.blob_chunk (
  tenant_id uuid not null,
  blob_id uuid not null,
  number int not null,
  sealed bytea not null,
  primary key (tenant_id, blob_id, number),
  foreign key (tenant_id, blob_id) references vault.blob on delete cascade
);
select app.protect(t) from unnest(array['vault.blob', 'vault.blob_chunk']::regclass[]) t;

-- What is sealed cannot be packed. PostgreSQL samples neither how large a file is nor what is in it; said here and not left to
-- `app.forget_statistics`, which would bring the packing back.
alter table vault.blob_chunk alter column sealed set storage external, alter column sealed set statistics 0,
  alter column number set statistics 0;
alter table vault.blob alter column chunks set statistics 0, alter column size set statistics 0,
  alter column sealed_end set statistics 0, alter column unfinished_until set statistics 0;

-- As for everything that leads to people: a vacuum comes by at the next look after rows have gone.
alter table vault.blob set (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0);
alter table vault.blob_chunk set (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0,
  toast.autovacuum_vacuum_threshold = 0, toast.autovacuum_vacuum_scale_factor = 0);

-- What a legal hold keeps includes the files of its record. Those that go with their record come here by a foreign key, where
-- the record itself has been asked already.
create function vault.refuse_blob_erasure() returns trigger language plpgsql as $$
begin
  if exists (
    select from vault.record r
    where r.tenant_id = old.tenant_id and r.hold_reason is not null
      and r.id = case tg_table_name when 'blob' then (to_jsonb(old) ->> 'record_id')::uuid
        else (select b.record_id from vault.blob b where b.tenant_id = old.tenant_id and b.id = (to_jsonb(old) ->> 'blob_id')::uuid) end
  ) then
    raise exception 'a file of this record is under a legal hold; release it first'
      using errcode = '23001', constraint = 'held_stays';
  end if;
  return old;
end $$;
create trigger held_stays before delete on vault.blob
  for each row when (pg_trigger_depth() = 0) execute function vault.refuse_blob_erasure();
create trigger held_stays before delete on vault.blob_chunk
  for each row when (pg_trigger_depth() = 0) execute function vault.refuse_blob_erasure();
