-- The other half of the promise: at commit no cell is booked for an appointment that does not stand. Otherwise a
-- cancellation that forgot its cells would take a desk out of service without anybody noticing.
create or replace function app.check_appointment(of_tenant uuid, of_appointment uuid) returns void language plpgsql as $$
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
