-- An appointment holds business facts only. Whoever it is for stands in the vault, and the pointer goes with the record.
create table appointment (
  tenant_id uuid not null references vault.tenant_key,
  id uuid not null,
  site_id text not null,
  desk_id int not null,
  service_id text not null,
  status text not null check (status in ('held', 'booked', 'cancelled', 'past')),
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  cells int not null check (cells > 0),
  -- counts the changes a calendar has to know about: RFC 5545 SEQUENCE
  sequence int not null default 0,
  record_id uuid,
  primary key (tenant_id, id),
  foreign key (tenant_id, record_id) references vault.record on delete set null (record_id),
  check (starts_at < ends_at)
);
create unique index appointment_of_record on appointment (tenant_id, record_id) where record_id is not null;
create index appointment_by_time on appointment (tenant_id, ends_at) where status in ('held', 'booked');

-- One desk for one step of time is one unit of capacity. Hold, booking, takeover of an expired hold and move are the
-- same conditional update of these rows, so that no path can give a time away twice.
create table cell (
  tenant_id uuid not null references vault.tenant_key,
  site_id text not null,
  desk_id int not null,
  starts_at timestamptz not null,
  audience text not null check (audience in ('public', 'internal')),
  -- -infinity: free | an instant: held until then | infinity: booked
  free_from timestamptz not null default '-infinity',
  appointment_id uuid,
  primary key (tenant_id, site_id, desk_id, starts_at),
  foreign key (tenant_id, appointment_id) references appointment deferrable initially deferred,
  check ((appointment_id is null) = (free_from = '-infinity'))
) with (fillfactor = 70);
create index cell_open on cell (tenant_id, site_id, starts_at, desk_id) include (free_from, audience) where free_from < 'infinity';
create index cell_of on cell (tenant_id, appointment_id) where appointment_id is not null;

-- At commit a booked appointment has all its cells, at its desk and in its time, and no other; and no cell is booked for
-- an appointment that does not stand. Otherwise a cancellation that forgot its cells would take a desk out of service
-- without anybody noticing.
create function app.check_appointment(of_tenant uuid, of_appointment uuid) returns void language plpgsql as $$
declare a appointment; inside int; outside int;
begin
  select * into a from appointment where tenant_id = of_tenant and id = of_appointment;
  if not found then return; end if;
  select count(*) filter (where ours), count(*) filter (where not ours and (a.status = 'booked' or free_from = 'infinity'))
    into inside, outside
    from (select free_from, a.status = 'booked' and free_from = 'infinity' and site_id = a.site_id
                 and desk_id = a.desk_id and starts_at >= a.starts_at and starts_at < a.ends_at as ours
          from cell where tenant_id = of_tenant and appointment_id = of_appointment) c;
  if (a.status = 'booked' and inside <> a.cells) or outside > 0 then
    raise exception 'appointment % (%) has % of % cells and % beside', a.id, a.status, inside, a.cells, outside
      using errcode = '23514', constraint = 'appointment_has_its_cells';
  end if;
end $$;

create function app.check_appointment_row() returns trigger language plpgsql as $$
begin perform app.check_appointment(new.tenant_id, new.id); return null; end $$;
create constraint trigger appointment_has_its_cells after insert or update on appointment
  deferrable initially deferred for each row execute function app.check_appointment_row();

create function app.check_cell_row() returns trigger language plpgsql as $$
begin perform app.check_appointment(old.tenant_id, old.appointment_id); return null; end $$;
create constraint trigger cell_is_booked after update or delete on cell
  deferrable initially deferred for each row when (old.free_from = 'infinity') execute function app.check_cell_row();
create function app.check_new_cell_row() returns trigger language plpgsql as $$
begin perform app.check_appointment(new.tenant_id, new.appointment_id); return null; end $$;
create constraint trigger cell_belongs after insert or update on cell
  deferrable initially deferred for each row when (new.free_from = 'infinity') execute function app.check_new_cell_row();

-- Proof of a consent: which text, given and withdrawn when, for which record. No person in it.
create table consent_record (
  tenant_id uuid not null references vault.tenant_key,
  id uuid not null,
  activity text not null,
  text_version text not null,
  text_hash text not null,
  language text not null,
  record_id uuid not null,
  given_at timestamptz not null,
  withdrawn_at timestamptz,
  primary key (tenant_id, id)
);
create unique index consent_of on consent_record (tenant_id, record_id);

select app.protect(t) from unnest(array['appointment', 'cell', 'consent_record']::regclass[]) t;
