-- Who waits for something earlier, by the appointment they have; one wish for each, and it goes with the person's record.
create table wish (
  tenant_id uuid not null references vault.tenant_key,
  appointment_id uuid not null,
  record_id uuid not null,
  wished_at timestamptz not null,
  primary key (tenant_id, appointment_id),
  foreign key (tenant_id, appointment_id) references appointment on delete cascade,
  foreign key (tenant_id, record_id) references vault.record on delete cascade
);
create index wish_in_order on wish (tenant_id, wished_at, appointment_id);

-- A time that became free, kept for the appointment of somebody who waits. Which person that is, only the appointment
-- tells, and no longer than it has its record.
create table offer (
  tenant_id uuid not null references vault.tenant_key,
  id uuid not null,
  appointment_id uuid not null,
  -- the hold that keeps the time; none once it is taken or passed on
  held_id uuid,
  status text not null check (status in ('open', 'accepted', 'declined', 'lapsed', 'withdrawn')),
  site_id text not null,
  desk_id int not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  offered_at timestamptz not null,
  -- until when it can be accepted
  until timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, appointment_id) references appointment on delete cascade,
  foreign key (tenant_id, held_id) references appointment on delete set null (held_id),
  check (starts_at < ends_at and offered_at < until and until <= starts_at)
);
-- One open offer at a time for each who waits, one for each hold, and the same time never twice to the same wish.
create unique index offer_open on offer (tenant_id, appointment_id) where status = 'open';
create unique index offer_of_hold on offer (tenant_id, held_id) where status = 'open';
create unique index offer_once on offer (tenant_id, appointment_id, starts_at);
create index offer_due on offer (tenant_id, until) where status = 'open';

select app.protect(t) from unnest(array['wish', 'offer']::regclass[]) t;
