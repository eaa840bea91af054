-- Visits are counted by the month and the hour of the day: a number of one day at one hour is most often one visit. `day` is
-- the first of the month from here on. It keeps its name, and the trigger sets it, for the sake of servers of the version
-- before, which still count days while they run beside this one.
alter table visit_count no force row level security;
with days as (delete from visit_count returning *)
insert into visit_count
  select tenant_id, date_trunc('month', day)::date, hour, site_id, service_ids, outcome, sum(visits)::int, min(erase_at)
  from days group by 1, 2, 3, 4, 5, 6;
alter table visit_count force row level security;

-- What is counted is added here, by the trigger: several days in one statement come to the same row, which its
-- `on conflict` may change only once. Left to that is a row that another transaction has just inserted.
create function app.count_by_month() returns trigger language plpgsql as $$
declare
  month date := date_trunc('month', new.day)::date;
begin
  update visit_count set visits = visits + new.visits
    where tenant_id = new.tenant_id and day = month and hour = new.hour and site_id = new.site_id
      and service_ids = new.service_ids and outcome = new.outcome;
  if found then return null; end if;
  new.day := month;
  return new;
end $$;
create trigger count_by_month before insert on visit_count for each row execute function app.count_by_month();
