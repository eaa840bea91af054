-- What limits count, for all servers together. Personal data for a day: a place says that somebody took something, under
-- a name that is made of an address with the day's salt, as its id and labels are made of what they stand for. The salt
-- goes 90 minutes after the day is over, and all places with it.
-- Unlogged: neither is in the write-ahead log or in what it is copied to, and a crash of the database forgets both.
create unlogged table app.limit_salt (
  tenant_id uuid not null,
  id uuid not null,
  -- the tenant's day
  day date not null,
  salt bytea not null,
  erase_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, day)
);

create unlogged table app.limit_place (
  tenant_id uuid not null,
  -- made with the salt of the id of what took it, e.g. a hold: so it is given back by whoever ends that
  id uuid not null,
  salt_id uuid not null,
  name bytea not null,
  -- what it counts for, made with the salt, and how much: {"pX3…": 1}
  labels jsonb not null,
  erase_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, salt_id) references app.limit_salt on delete cascade
);
create index limit_place_of on app.limit_place (tenant_id, name);
create index limit_place_due on app.limit_place (tenant_id, erase_at);

select app.protect(t) from unnest(array['app.limit_salt', 'app.limit_place']::regclass[]) t;

-- Takes a place, or says under which labels as many are taken as may be. Whoever asks for the same name waits until the
-- other's transaction is over, so that no more are taken however many ask at once. `instead`: a place that does not count
-- because it is given up for this one. 'salt': the day's salt is another one by now.
create function app.take_place(
  of_id uuid, of_salt uuid, of_name bytea, weights jsonb, most jsonb, at timestamptz, until timestamptz, instead uuid
) returns text language plpgsql as $$
declare full_labels text;
begin
  if not exists (select from app.limit_salt where tenant_id = app.tenant() and id = of_salt) then return 'salt'; end if;
  perform pg_advisory_xact_lock(hashtextextended(app.tenant()::text || encode(of_name, 'hex'), 0));
  select string_agg(m.key, ' ') into full_labels from jsonb_each_text(most) m
    where m.value::int < (weights ->> m.key)::int + (
      select coalesce(sum((p.labels ->> m.key)::int), 0) from app.limit_place p
      where p.tenant_id = app.tenant() and p.name = of_name and p.erase_at > at
        and p.id <> of_id and p.id is distinct from instead);
  if full_labels is not null then return 'full ' || full_labels; end if;
  insert into app.limit_place (tenant_id, id, salt_id, name, labels, erase_at)
    values (app.tenant(), of_id, of_salt, of_name, weights, until)
    on conflict (tenant_id, id) do update set salt_id = excluded.salt_id, name = excluded.name, labels = excluded.labels,
      erase_at = excluded.erase_at;
  return 'taken';
end $$;
revoke execute on function app.take_place from public;
grant execute on function app.take_place(uuid, uuid, bytea, jsonb, jsonb, timestamptz, timestamptz, uuid) to anlaufstelle_app;

-- Which web servers there are, by a random number: they share the limit on requests among them. Nothing of any tenant.
create unlogged table app.web_node (
  id uuid primary key,
  seen_at timestamptz not null
);
grant select, insert, update, delete on app.web_node to anlaufstelle_app;
