-- Since when a mail server has been getting the bytes of a mail: until it answers, or so long has passed that it never
-- will, nobody sends them again. And when it first gave no answer, so that nobody knows whether it has the mail.
alter table mail_delivery
  add column handing_over_at timestamptz,
  add column unclear_at timestamptz;
alter table mail_delivery drop constraint mail_delivery_status_check;
alter table mail_delivery add constraint mail_delivery_status_check
  check (status in ('queued', 'accepted', 'refused', 'expired', 'superseded', 'unclear'));
create index mail_about on mail_delivery (tenant_id, about) where about is not null;
