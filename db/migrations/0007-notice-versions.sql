-- A version of the privacy notice, in every language, as people could read it. Written once: the app adds versions, and
-- neither changes nor removes one.
create table notice_version (
  tenant_id uuid not null references vault.tenant_key,
  -- 1, 2, 3 …: the order in which they were in force
  number int not null check (number > 0),
  hash text not null check (hash ~ '^[0-9a-f]{64}$'),
  -- a day in the tenant's time zone
  effective_from date not null,
  first_seen_at timestamptz not null,
  -- the version of each activity, by its id
  activities jsonb not null,
  -- the contents, by language
  notices jsonb not null,
  primary key (tenant_id, number)
);
create index notice_version_by_hash on notice_version (tenant_id, hash);

-- What a declared version said when it was first published: a promise that changes later without a new version shows.
create table published_declaration (
  tenant_id uuid not null references vault.tenant_key,
  -- an activity's id, or `tenant`
  declaration text not null,
  version text not null,
  content jsonb not null,
  first_seen_at timestamptz not null,
  primary key (tenant_id, declaration, version)
);

select app.protect(t) from unnest(array['notice_version', 'published_declaration']::regclass[]) t;
revoke update, delete on notice_version, published_declaration from anlaufstelle_app;

-- The proof of a consent ends, too: so long after the record is gone as was declared when the consent was given.
-- The owner, too, is held by the policies; here it has to see every tenant's rows.
alter table consent_record no force row level security;
alter table vault.record no force row level security;
alter table consent_record
  -- the record while it exists; record_id stays and then leads nowhere
  add column live_record_id uuid,
  add column kept_for text not null default 'P3Y',
  add column ended_at timestamptz,
  add foreign key (tenant_id, live_record_id) references vault.record on delete set null (live_record_id);
update consent_record c set live_record_id = record_id
  where exists (select from vault.record r where r.tenant_id = c.tenant_id and r.id = c.record_id);
alter table consent_record force row level security;
alter table vault.record force row level security;
alter table consent_record alter column kept_for drop default;
create index consent_of_live on consent_record (tenant_id, live_record_id) where live_record_id is not null;
create index consent_ended on consent_record (tenant_id, ended_at);
