-- How many visits there were: numbers by site, services, day and hour of the start, in the tenant's time zone. An
-- appointment becomes one of them, and its row goes, when its day is over or its person cancels; one that was withdrawn or
-- erased becomes none. What leaves this table leaves it without small numbers: src/platform/small-cells.ts.
create table visit_count (
  tenant_id uuid not null references vault.tenant_key,
  day date not null,
  hour int not null check (hour between 0 and 23),
  site_id text not null,
  service_ids text[] not null check (cardinality(service_ids) > 0),
  outcome text not null check (outcome in ('past', 'cancelled')),
  visits int not null check (visits > 0),
  -- the same for all days of a month: were they to go one by one, two looks at a month would tell a day
  erase_at timestamptz not null,
  primary key (tenant_id, day, hour, site_id, service_ids, outcome)
);
select app.protect(t) from unnest(array['visit_count']::regclass[]) t;

-- What waits to be counted or to go. Rows of days long past, which earlier versions left, are in it, too: the first sweep
-- counts those that took place, and deletes those that were cancelled, withdrawn or erased, which nothing tells apart.
create index appointment_over on appointment (tenant_id, ends_at) where status in ('past', 'cancelled');
