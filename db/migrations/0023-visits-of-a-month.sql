-- Visits are counted by the month and the hour of the day: a number of one day at one hour is most often one visit. `day` is
-- the first of the month from here on. It keeps its name, and the trigger sets it, for the sake of servers of the version
-- before, which still count days while they run beside this one.
alter table visit_count no force row level security;
with days as (delete from visit_count returning *)
insert into visit_count
  select tenant_id, date_trunc('month', day)::date, hour, site_id, service_ids, outcome, sum(visits)::int, min(erase_at)
  from days group by 1, 2, 3, 4, 5, 6;
alter table visit_count force row level security;

create function app.count_by_month() returns trigger language plpgsql as $$
begin
  new.day := date_trunc('month', new.day)::date;
  return new;
end $$;
create trigger count_by_month before insert on visit_count for each row execute function app.count_by_month();
