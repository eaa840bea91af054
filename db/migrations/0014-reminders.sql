-- When a person wants to be reminded of an appointment, and the id of the envelope that will carry the reminder: after a
-- restore, the ledger outside the database tells by it whether that reminder has gone out already.
alter table appointment
  add column remind_at timestamptz,
  add column reminder_id uuid,
  add constraint appointment_reminds_while_booked
    check ((remind_at is null) = (reminder_id is null) and (remind_at is null or status = 'booked'));
create index appointment_to_remind on appointment (tenant_id, remind_at) where remind_at is not null;
