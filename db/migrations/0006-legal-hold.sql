-- A legal hold: while a claim, a court or a law needs a record, it is not erased. What should have erased it restricts it
-- instead, and it keeps the date and the rule by which it goes once it is released.
alter table vault.record
  add column hold_reason text check (hold_reason in ('legal-claim', 'court-order', 'commercial-law', 'tax-law')),
  add column held_at timestamptz,
  add column restricted_at timestamptz,
  add constraint held_for_a_reason check ((hold_reason is null) = (held_at is null)),
  add constraint restricted_only_while_held check (restricted_at is null or hold_reason is not null);

drop index vault.record_due;
create index record_due on vault.record (tenant_id, erase_at) where erase_at is not null and hold_reason is null;
create index record_held on vault.record (tenant_id, erase_at) where hold_reason is not null;

-- Whatever path leads there: a held record stays, and so does its key, without which it would be lost all the same. Keys
-- that go with their record come here by its foreign key, where the record itself has been asked already.
create function vault.refuse_erasure() returns trigger language plpgsql as $$
begin
  raise exception 'record % is under a legal hold (%); release it first', old.id, old.hold_reason
    using errcode = '23001', constraint = 'held_stays';
end $$;
create trigger held_stays before delete on vault.record
  for each row when (old.hold_reason is not null) execute function vault.refuse_erasure();

create function vault.refuse_key_erasure() returns trigger language plpgsql as $$
begin
  if exists (select from vault.record where tenant_id = old.tenant_id and id = old.record_id and hold_reason is not null) then
    raise exception 'the key of record % is under a legal hold; release it first', old.record_id
      using errcode = '23001', constraint = 'held_stays';
  end if;
  return old;
end $$;
create trigger held_stays before delete on vault.key
  for each row when (pg_trigger_depth() = 0) execute function vault.refuse_key_erasure();

-- What whoever watches over an installation asks of all tenants at once. Each tenant's rows are counted as that tenant,
-- behind its policy; only numbers and dates come out. The setting is put back, for the transaction may be a tenant's.
create function vault.overview(at timestamptz, late timestamptz) returns table (
  tenant_id uuid, activity text, stored bigint, due bigint, overdue bigint, held bigint, restricted bigint,
  oldest_due timestamptz, next_due timestamptz
) language plpgsql as $$
declare
  each uuid;
  before text := coalesce(current_setting('app.tenant_id', true), '');
begin
  for each in select id from app.known_tenant order by id loop
    perform set_config('app.tenant_id', each::text, true);
    return query
      select each, r.activity, count(*),
        count(*) filter (where r.hold_reason is null and r.erase_at <= at),
        count(*) filter (where r.hold_reason is null and r.erase_at <= late),
        count(*) filter (where r.hold_reason is not null),
        count(*) filter (where r.hold_reason is not null and (r.restricted_at is not null or r.erase_at <= at)),
        min(r.erase_at) filter (where r.hold_reason is null and r.erase_at <= at),
        min(r.erase_at) filter (where r.hold_reason is null and r.erase_at > at)
      from vault.record r where r.tenant_id = each group by r.activity order by r.activity;
  end loop;
  perform set_config('app.tenant_id', before, true);
end $$;

-- The oldest date that has passed unkept, of each tenant that has one: one look into the index for each.
create function vault.overdue(late timestamptz) returns table (tenant_id uuid, since timestamptz) language plpgsql as $$
declare
  each uuid;
  oldest timestamptz;
  before text := coalesce(current_setting('app.tenant_id', true), '');
begin
  for each in select id from app.known_tenant order by id loop
    perform set_config('app.tenant_id', each::text, true);
    select min(r.erase_at) into oldest from vault.record r
      where r.tenant_id = each and r.erase_at is not null and r.hold_reason is null;
    if oldest <= late then
      tenant_id := each;
      since := oldest;
      return next;
    end if;
  end loop;
  perform set_config('app.tenant_id', before, true);
end $$;

-- How many records each rule has erased since an instant.
create function vault.erased_since(start timestamptz) returns table (tenant_id uuid, activity text, rule text, records bigint)
  language plpgsql as $$
declare
  each uuid;
  before text := coalesce(current_setting('app.tenant_id', true), '');
begin
  for each in select id from app.known_tenant order by id loop
    perform set_config('app.tenant_id', each::text, true);
    return query
      select each, e.activity, e.rule, sum(cardinality(e.record_ids))::bigint
      from vault.erasure e where e.tenant_id = each and e.erased_at >= start group by e.activity, e.rule order by 2, 3;
  end loop;
  perform set_config('app.tenant_id', before, true);
end $$;
