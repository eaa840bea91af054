-- What a feature keeps for a declared time says itself when it goes: so it goes of a tenant too that does not run, and an
-- end that passed unkept is seen.
-- The owner, too, is held by the policies; here it has to see every tenant's rows.
alter table consent_record no force row level security;
alter table mail_delivery no force row level security;
alter table page_count no force row level security;
alter table vault.erasure no force row level security;

-- Null while the record is there, or the mail on its way: the time has not begun.
alter table consent_record add column erase_at timestamptz;
update consent_record set erase_at = ended_at + kept_for::interval where ended_at is not null;
drop index consent_ended;
create index consent_due on consent_record (tenant_id, erase_at) where erase_at is not null;

alter table mail_delivery add column kept_for text not null default 'P7D', add column erase_at timestamptz;
update mail_delivery set erase_at = ended_at + kept_for::interval where ended_at is not null;
alter table mail_delivery alter column kept_for drop default;
drop index mail_ended;
create index mail_due on mail_delivery (tenant_id, erase_at) where erase_at is not null;

alter table page_count add column erase_at timestamptz;
update page_count set erase_at = day + interval '1 year 1 day';
alter table page_count alter column erase_at set not null;

-- When the file outside the database had the line. The app may note that, and change nothing else of an erasure.
alter table vault.erasure add column written_at timestamptz;
update vault.erasure set written_at = erased_at;
create index erasure_unwritten on vault.erasure (tenant_id, erased_at) where written_at is null;
grant update (written_at) on vault.erasure to anlaufstelle_app;

alter table consent_record force row level security;
alter table mail_delivery force row level security;
alter table page_count force row level security;
alter table vault.erasure force row level security;
