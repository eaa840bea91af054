-- The key with which a tenant signs receipts. The public half stays for ever, so that old receipts can be checked; of the
-- private half only the one in use is kept, sealed by the tenant's own key.
create table vault.signing_key (
  tenant_id uuid not null references vault.tenant_key,
  -- SHA-256 of the public key as RFC 7638 has it, in base64url
  kid text not null,
  public_key bytea not null,
  -- 32 bytes that the private key is made of; gone with the key's retirement
  sealed_seed bytea,
  -- of the tenant's key that seals the seed
  generation int not null,
  made_at timestamptz not null,
  retired_at timestamptz,
  primary key (tenant_id, kid),
  check ((sealed_seed is null) = (retired_at is not null))
);
create unique index signing_key_in_use on vault.signing_key (tenant_id) where retired_at is null;
select app.protect(t) from unnest(array['vault.signing_key']::regclass[]) t;
revoke delete on vault.signing_key from anlaufstelle_app;

-- When an appointment was last moved, and from which start: what a receipt of it says. Both go with the person's record:
-- what is kept of an appointment for counting says nothing of its moves.
alter table appointment add column moved_at timestamptz;
alter table appointment add column moved_from timestamptz;
alter table appointment add check ((moved_at is null) = (moved_from is null));
create function app.forget_move() returns trigger language plpgsql as $$
begin
  new.moved_at := null;
  new.moved_from := null;
  return new;
end $$;
create trigger move_goes_with_record before update on appointment
  for each row when (new.record_id is null and new.moved_at is not null) execute function app.forget_move();
