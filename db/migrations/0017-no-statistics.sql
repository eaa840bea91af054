-- PostgreSQL samples values for its planner, and a sample stays readable until the next look at the table, also when its row
-- is gone. So it samples no column that `src/platform/db/statistics.ts` keeps from it: whoever migrates calls this for every
-- one that could still have samples, so that no later migration has to think of its own columns.
-- A look leaves alone what an earlier one found in a column that it does not sample any more. A column that is given its
-- own type anew loses it, on every version, and its owner needs no further rights. No row is written for it; partial indexes
-- are built and checks are made once more, while the table is locked. A trigger that asks for the column stands aside.
-- Whoever uses the table waits for two seconds at most before the lock is given up and asked for again.
create function app.forget_statistics(of regclass, which name[]) returns void language plpgsql set lock_timeout = '2s' as $$
declare
  each record;
  aside text[] := '{}';
begin
  execute format('lock table %s in access exclusive mode', of);
  for each in select tgname, pg_get_triggerdef(oid) as definition from pg_trigger
    where tgrelid = of and not tgisinternal and tgqual is not null
  loop
    aside := aside || each.definition;
    execute format('drop trigger %I on %s', each.tgname, of);
  end loop;
  execute format('alter table %s %s', of, (
    select string_agg(format('alter %1$I set statistics 0, alter %1$I type %2$s', attname, format_type(atttypid, atttypmod)), ', ')
    from pg_attribute where attrelid = of and attname = any(which)));
  for each in select unnest(aside) as definition loop
    execute each.definition;
  end loop;
  -- What an index computes is sampled like a column, and has just been forgotten with the column that it computes from.
  for each in select i.indexrelid::regclass as index, a.attnum as number from pg_index i
    join pg_attribute a on a.attrelid = i.indexrelid and i.indkey[a.attnum - 1] = 0
    where i.indrelid = of or i.indrelid in (select inhrelid from pg_inherits where inhparent = of)
  loop
    execute format('alter index %s alter column %s set statistics 0', each.index, each.number);
  end loop;
end $$;
revoke execute on function app.forget_statistics from public;

-- A row that is gone stays in its table's file until a vacuum comes by. Where rows lead to people, it comes at the next look
-- that autovacuum takes (each minute, as PostgreSQL is shipped), however few they were.
do $$
declare
  of regclass;
begin
  foreach of in array array['vault.record', 'vault.key', 'vault.blind_index', 'vault.access', 'vault.retired_key', 'appointment', 'wish',
    'offer', 'consent_record', 'mail_delivery', 'access_code']::regclass[]
  loop
    execute format('alter table %s set (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0)', of);
  end loop;
  alter table vault.record set (toast.autovacuum_vacuum_threshold = 0, toast.autovacuum_vacuum_scale_factor = 0);
end $$;

-- A vacuum frees a row's place and leaves its bytes there until something else is written over them. This writes the file of
-- the keys anew and removes the old one: without its key a record is unreadable, wherever else its bytes still lie. Nobody
-- reads a key meanwhile (docs/operating.md says how long). False: the table was in use just then, or rows that are gone had
-- to be taken along, since a transaction from before could still see them.
create function vault.compact_keys() returns boolean language plpgsql security definer
  set search_path = pg_catalog set lock_timeout = '500ms' as $$
declare
  living bigint;
begin
  cluster vault.key using key_pkey;
  -- The owner, too, is held by the policies; here it has to count every tenant's rows. Nobody else sees this in between.
  alter table vault.key no force row level security;
  select count(*) into living from vault.key;
  alter table vault.key force row level security;
  -- The index has just been built of all rows in the file, those that are gone included; the table counts only the others.
  return (select reltuples from pg_class where oid = 'vault.key_pkey'::regclass) <= living::real;
exception when lock_not_available then
  return false;
end $$;
revoke execute on function vault.compact_keys from public;
grant execute on function vault.compact_keys to anlaufstelle_app;
