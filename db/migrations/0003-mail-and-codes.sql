-- A mail on its way. Address and words are a sealed envelope in the vault; here is only how far it got.
create table mail_delivery (
  tenant_id uuid not null references vault.tenant_key,
  id uuid not null,
  kind text not null,
  -- what the mail is about, e.g. an appointment: of two that wait, only the newer one is sent
  about uuid,
  record_id uuid,
  status text not null check (status in ('queued', 'accepted', 'refused', 'expired', 'superseded')),
  attempts int not null default 0,
  -- the mail server's reply code only: its words may repeat the address
  last_code text,
  queued_at timestamptz not null,
  ended_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, record_id) references vault.record on delete set null (record_id),
  check ((status = 'queued') = (ended_at is null))
);
create index mail_waiting on mail_delivery (tenant_id, about) where status = 'queued';
create index mail_open on mail_delivery (tenant_id, queued_at) where status <> 'accepted';

-- A one-time code on its way to a mailbox. Address and check value are in the vault; here is how often it was tried.
create table access_code (
  tenant_id uuid not null references vault.tenant_key,
  id uuid not null,
  record_id uuid,
  attempts int not null default 0,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, record_id) references vault.record on delete set null (record_id)
);

select app.protect(t) from unnest(array['mail_delivery', 'access_code']::regclass[]) t;
